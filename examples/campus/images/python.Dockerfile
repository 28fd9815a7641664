# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# What the campus's applications are built on: Python and a driver for the database.
ARG BASE
FROM ${BASE}
ENV PYTHONUNBUFFERED=1
