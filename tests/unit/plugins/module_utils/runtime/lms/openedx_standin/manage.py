#!/usr/bin/env python
# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Open edX's manage.py takes the name of a service first; this one also makes the tables."""

import os
import sys
import types

sys.path.insert(0, os.environ.get("STANDIN", os.path.dirname(os.path.abspath(__file__))))
os.environ["DJANGO_SETTINGS_MODULE"] = "site_settings"


def add_module(name, **functions):
    """Adds a module of Open edX, and the packages that it lies in."""
    parts = name.split(".")
    for end in range(1, len(parts) + 1):
        module = types.ModuleType(str(".".join(parts[:end])))
        module.__path__ = []
        module = sys.modules.setdefault(module.__name__, module)
        if end > 1:
            setattr(sys.modules[".".join(parts[: end - 1])], parts[end - 1], module)
    vars(module).update(functions)


def destroy_oauth_tokens(user):
    from student.models import Token

    Token.objects.filter(user=user).delete()


def normalize_password(password):
    import unicodedata

    return unicodedata.normalize("NFKC", password)


def main(arguments):
    import django
    from django.core.management import call_command, execute_from_command_line

    if arguments == ["tables"]:
        django.setup()
        call_command("migrate", run_syncdb=True, verbosity=0)
    else:
        execute_from_command_line(["manage.py"] + arguments[1:])


add_module("openedx.core.djangoapps.oauth_dispatch.api", destroy_oauth_tokens=destroy_oauth_tokens)
if os.environ.get("OPENEDX_CHECKS"):
    add_module(
        "openedx.core.djangoapps.user_api.accounts.api",
        get_username_validation_error=lambda name: "Usernames must not be odd." if name == "odd" else "",
        get_email_validation_error=lambda email: "",
        get_password_validation_error=lambda password, name, email: "This password is known." if password == "known" else "",
    )
    add_module("util.password_policy_validators", normalize_password=normalize_password)
main(sys.argv[1:])
