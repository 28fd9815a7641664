# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Stands in for docker.io/caddy: the same web server, as the distribution packages it.
ARG BASE
FROM ${BASE}
RUN apt-get update -qq && apt-get install -y -qq caddy >/dev/null && rm -rf /var/lib/apt/lists/*
EXPOSE 80
CMD ["caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"]
