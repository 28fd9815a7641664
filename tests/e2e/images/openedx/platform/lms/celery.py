# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from standin.worker import make_app

app, ping = make_app("lms")
