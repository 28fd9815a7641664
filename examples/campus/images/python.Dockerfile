# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# The base image of the campus's applications: Python and a database driver.
ARG BASE
FROM ${BASE}
ENV PYTHONUNBUFFERED=1
