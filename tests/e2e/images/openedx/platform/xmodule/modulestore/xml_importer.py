# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Imports a course from files in the format that Studio exports."""

import hashlib
import logging
import os
import time
from xml.etree import ElementTree

from django.db.models import F
from openedx.core.djangoapps.content.course_overviews.models import CourseOverview

log = logging.getLogger(__name__)


class BlockFailedToImport(Exception):
    pass


def import_course_from_xml(store, user_id, data_dir, source_dirs=None, **options):
    """Return the courses of some folders, or of all below data_dir that have a course.xml, once they are in the database."""
    if source_dirs is None:
        source_dirs = sorted(name for name in os.listdir(data_dir) if os.path.exists(os.path.join(data_dir, name, "course.xml")))
    return [_import(store, os.path.join(data_dir, name)) for name in source_dirs]


def _import(store, folder):
    log.info("Course import None: Starting courselike import from %s", folder)
    try:
        root = ElementTree.parse(os.path.join(folder, "course.xml")).getroot()
    except (OSError, ElementTree.ParseError) as error:
        log.exception('Course import None: ERROR: Failed to load courselike "%s": %s', folder, error)
        raise
    org, name, run = root.get("org", "edx"), root.get("course", os.path.basename(folder)), root.get("url_name")
    key = store.make_course_key(org, name, run)
    key = store.has_course(key, ignore_case=True) or key
    time.sleep(float(root.get("standin_seconds", 0)))
    course = _parse(folder, f"course/{run}.xml") if os.path.exists(os.path.join(folder, "course", f"{run}.xml")) else root
    blocks = {path: _digest(folder, path) for path in _blocks(folder)}
    row, _created = CourseOverview.objects.get_or_create(id=str(key), defaults={"org": org})
    CourseOverview.objects.filter(id=row.id).update(imports=F("imports") + 1)
    row.refresh_from_db()
    row.display_name, row.blocks = course.get("display_name"), blocks
    row.save()
    return store.get_course(key)


def _blocks(folder):
    """The XML files below the folder, each of them well-formed."""
    for parent, _folders, names in os.walk(folder):
        for name in sorted(names):
            if name.endswith(".xml"):
                path = os.path.relpath(os.path.join(parent, name), folder)
                _parse(folder, path)
                yield path


def _parse(folder, path):
    try:
        return ElementTree.parse(os.path.join(folder, path)).getroot()
    except ElementTree.ParseError as error:
        raise BlockFailedToImport(f"Failed to import block: {path} at location: {error}") from error


def _digest(folder, path):
    with open(os.path.join(folder, path), "rb") as stream:
        return hashlib.sha256(stream.read()).hexdigest()
