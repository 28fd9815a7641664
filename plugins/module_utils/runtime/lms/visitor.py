# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program that makes a user, waits while somebody logs in with it, and removes it; without a name, it only removes.

Who calls it writes a file into the container when done. Where nobody does, because the call was killed, the user is removed all the same.
"""

import os
import time

READY = "LECTERN-VISITOR-READY"  # printed when the user is there

DONE = "/tmp/lectern-visitor-done"

NAME = "lectern_smoke_"  # begins the names of these users; eight hexadecimal digits follow

PAUSE = 0.2  # seconds between two looks at the file


def main(data):
    """Return whether the caller was ``done`` in time; ``patience`` is in seconds."""
    remove_all()  # left by a container that was killed
    if "name" not in data:
        return {"done": True}
    try:
        create(data)
        os.write(1, ("\n" + READY + "\n").encode("ascii"))
        return {"done": wait(data["patience"])}
    finally:
        remove_all()


def create(data):
    """Create the user by Open edX's own command, which logs in whoever has the password."""
    from django.contrib.auth.hashers import make_password
    from django.core.management import call_command

    options = {"is_staff": False, "is_superuser": False, "initial_password_hash": make_password(data["password"])}
    call_command("manage_user", data["name"], data["email"], **options)


def wait(patience):
    """Return whether the file is there before the time is up."""
    until = time.time() + patience
    while time.time() < until and not os.path.exists(DONE):
        time.sleep(PAUSE)
    return os.path.exists(DONE)


def remove_all():
    """Remove every user of a smoke test, and what belongs to it."""
    from django.contrib.auth import get_user_model

    for user in get_user_model().objects.filter(username__regex="^%s[0-9a-f]{8}$" % NAME):
        if user.email == "%s@example.com" % user.username:
            user.delete()
