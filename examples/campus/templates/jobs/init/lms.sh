# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh
echo "Creating tables..."
python3 /openedx/app.py migrate
python3 /openedx/app.py load welcome <<LINES
These lines came out of the database {{ OPENEDX_MYSQL_DATABASE }}, where the init task of the core put them.
The secret that opens it was made once and is kept in config.yml.
LINES
