# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# The registry that the demo pushes to and pulls from. It needs no password, because only this machine can reach it.
ARG BASE
FROM ${BASE}
RUN apt-get update -qq && apt-get install -y -qq docker-registry >/dev/null && rm -rf /var/lib/apt/lists/* \
 && sed -i '/^auth:/,/^ *path:/d' /etc/docker/registry/config.yml
VOLUME /var/lib/docker-registry
EXPOSE 5000
CMD ["docker-registry", "serve", "/etc/docker/registry/config.yml"]
