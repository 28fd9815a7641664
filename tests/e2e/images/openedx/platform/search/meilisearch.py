# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Creates the indices of the platform, with the rendered key."""

import meilisearch
from django.conf import settings


def create_indexes():
    client = meilisearch.Client(settings.MEILISEARCH_URL, settings.MEILISEARCH_API_KEY)
    for name in ("course_info", "courseware_content"):
        client.create_index(settings.MEILISEARCH_INDEX_PREFIX + name, {"primaryKey": "_pk"})
