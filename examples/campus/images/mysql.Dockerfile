# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Stands in for docker.io/mysql: MariaDB as the distribution packages it.
# Sets MYSQL_ROOT_PASSWORD at every start, before it accepts connections.
ARG BASE
FROM ${BASE}
RUN apt-get update -qq && apt-get install -y -qq mariadb-server-core mariadb-client-core >/dev/null && rm -rf /var/lib/apt/lists/* \
 && useradd --system --home-dir /var/lib/mysql mysql && install -d -o mysql /var/lib/mysql
EXPOSE 3306
CMD ["sh", "-e", "-c", "\
  chown mysql: /var/lib/mysql; \
  install -d -o mysql /run/mysqld; \
  [ -d /var/lib/mysql/mysql ] || mariadb-install-db --user=mysql --skip-test-db >/dev/null; \
  install -m 600 -o mysql /dev/null /run/mysqld/root.sql; \
  echo \"CREATE OR REPLACE USER root@'%' IDENTIFIED BY '$MYSQL_ROOT_PASSWORD';\" > /run/mysqld/root.sql; \
  echo \"GRANT ALL ON *.* TO root@'%' WITH GRANT OPTION;\" >> /run/mysqld/root.sql; \
  exec mariadbd --user=mysql --bind-address=0.0.0.0 --init-file=/run/mysqld/root.sql"]
