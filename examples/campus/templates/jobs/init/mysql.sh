# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh
# The database and the user of the application. The passwords are in the environment of the container.
echo "Creating database {{ OPENEDX_MYSQL_DATABASE }}..."
mariadb -h "$MYSQL_HOST" -u root <<SQL
CREATE DATABASE IF NOT EXISTS {{ OPENEDX_MYSQL_DATABASE }} CHARACTER SET utf8mb4;
CREATE USER IF NOT EXISTS '{{ OPENEDX_MYSQL_USERNAME }}'@'%';
ALTER USER '{{ OPENEDX_MYSQL_USERNAME }}'@'%' IDENTIFIED BY '$OPENEDX_MYSQL_PASSWORD';
GRANT ALL ON {{ OPENEDX_MYSQL_DATABASE }}.* TO '{{ OPENEDX_MYSQL_USERNAME }}'@'%';
SQL
