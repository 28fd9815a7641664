# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
