# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program that creates, changes and disables users of Open edX, where they differ from what is wanted.

Open edX moved its modules between releases, but not the labels of its apps: models are looked up by these.
"""

NEW = {"staff": False, "superuser": False}

FLAGS = {"staff": "is_staff", "superuser": "is_superuser"}  # fields of Django's user


def main(data):
    """Return what was different of each user, as ``users``; with ``check``, change nothing.

    Where anything speaks against any user, nothing is changed, and ``refused`` has a sentence for each reason. ``unready`` is why the
    database can't be read: it has no tables yet.
    """
    from django.db import DatabaseError, transaction

    try:
        users().exists()
        standings().exists()
    except DatabaseError as error:
        return {"unready": "%s" % error}
    with transaction.atomic():
        plans = [plan_user(wanted) for wanted in data["users"]]
        refused = [sentence for plan in plans for sentence in plan.pop("refused")]
        if not refused and not data["check"]:
            for plan, wanted in zip(plans, data["users"]):
                carry_out(plan, wanted)
    return {"refused": refused} if refused else {"users": plans}


def users():
    """Return the manager of users."""
    from django.contrib.auth import get_user_model

    return get_user_model().objects


def standings():
    """Return the manager of Open edX's table of disabled accounts."""
    from django.apps import apps

    return apps.get_model("student", "UserStanding").objects


def plan_user(wanted):
    """Return a user ``before`` and ``after`` (None: there is none), whether the ``password`` is to be set, and what speaks against it."""
    user = find_user(wanted["name"])
    before = describe(user) if user else None
    after = None
    if user or wanted["active"]:
        after = dict(before or dict(NEW, name=wanted["name"], email=wanted["email"]))
        after.update((flag, wanted[flag]) for flag in FLAGS if wanted[flag] is not None)
        after["state"] = "present" if wanted["active"] else "inactive"
    password = needs_password(user, wanted)
    return {"before": before, "after": after, "password": password, "refused": find_reasons(user, wanted, after, password)}


def find_user(name):
    """Return the user of a name, as the database compares names: MySQL ignores case. None where there is none."""
    found = list(users().filter(username__iexact=name).order_by("pk"))
    exact = [user for user in found if user.username == name]
    return (exact + found + [None])[0]


def describe(user):
    """Return what is compared of a user."""
    standing = standings().filter(user=user).first()
    disabled = standing is not None and standing.account_status == "disabled"
    states = {(True, False): "present", (False, True): "inactive", (False, False): "never activated", (True, True): "disabled"}
    state = states[bool(user.is_active), disabled]
    return {"name": user.username, "email": user.email, "staff": user.is_staff, "superuser": user.is_superuser, "state": state}


def needs_password(user, wanted):
    """Return whether a password has to be set. Comparing never writes: the user's own ``check_password`` may renew an old hash."""
    from django.contrib.auth.hashers import check_password

    if wanted["password"] is None or not wanted["active"]:
        return False
    if user is None:
        return True
    return wanted["always"] and not check_password(normalize_password(wanted["password"]), user.password)


def normalize_password(password):
    """Return a password as the login form of this release hashes it."""
    try:
        from common.djangoapps.util.password_policy_validators import normalize_password as normalize
    except ImportError:
        try:
            from util.password_policy_validators import normalize_password as normalize
        except ImportError:
            return password
    return normalize(password)


def find_reasons(user, wanted, after, password):
    """Return sentences on what speaks against a user."""
    name, email = wanted["name"], wanted["email"]
    if user and user.email.lower() != email.lower():
        return ["User '%s' exists with the email '%s', not '%s'." % (user.username, user.email, email)]
    owners = users().filter(email__iexact=email)
    others = [other.username for other in owners if user is None or other.pk != user.pk]
    if others:
        return ["User '%s' can't have the email '%s': it is that of user '%s'." % (name, email, "', '".join(others))]
    if after is None:
        return []
    reasons = [] if user else find_invalid(name, email) + find_retired(name, email)
    if password:
        reasons.extend(find_weak(name, email, normalize_password(wanted["password"])))
    return ["Open edX refuses user '%s': %s" % (name, reason) for reason in reasons]


def find_invalid(name, email):
    """Return what Open edX says against a new name and email."""
    from django.core.exceptions import ValidationError

    api = accounts_api()
    if api is not None:
        errors = [api.get_username_validation_error(name), api.get_email_validation_error(email)]
        return ["%s" % error for error in errors if error]
    try:
        users().model(username=name, email=email).clean_fields(exclude=["password"])
    except ValidationError as error:
        return ["%s: %s" % (field, " ".join(words)) for field, words in sorted(error.message_dict.items())]
    return []


def find_weak(name, email, password):
    """Return what Open edX says against a password."""
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    api = accounts_api()
    if api is not None:
        error = api.get_password_validation_error(password, name, email)
        return ["%s" % error] if error else []
    try:
        validate_password(password, users().model(username=name, email=email))
    except ValidationError as error:
        return ["%s" % message for message in error.messages]
    return []


def accounts_api():
    """Return Open edX's functions that check names, emails and passwords."""
    try:
        from openedx.core.djangoapps.user_api.accounts import api
    except ImportError:
        return None
    return api


def find_retired(name, email):
    """Return what speaks against a new user although no user has the name or the email."""
    from django.apps import apps

    models = apps.get_app_config("student").models_module
    checks = [("name '%s'" % name, "username_exists_or_retired", name), ("email '%s'" % email, "email_exists_or_retired", email)]
    words = "the %s is that of a retired user, or another user's address for recovery."
    return [words % what for what, function, value in checks if getattr(models, function, bool_of_nothing)(value)]


def bool_of_nothing(_value):
    """Return False: a release without retirement has no retired users."""
    return False


def carry_out(plan, wanted):
    """Make a user what the plan says."""
    if plan["after"] is None or plan["before"] == plan["after"] and not plan["password"]:
        return
    user = find_user(wanted["name"]) or create(plan["after"], wanted)
    if plan["before"] is not None:
        if plan["password"]:
            user.set_password(normalize_password(wanted["password"]))
        for flag, field in FLAGS.items():
            setattr(user, field, plan["after"][flag])
        user.is_active = wanted["active"]
        user.save()
    set_standing(user, wanted["active"])


def create(after, wanted):
    """Create a user by Open edX's own command; without a password, by a random one, which can be reset by email."""
    from django.contrib.auth.hashers import make_password
    from django.core.management import call_command

    hashed = make_password(normalize_password(wanted["password"])) if wanted["password"] is not None else None
    options = {"is_staff": after["staff"], "is_superuser": after["superuser"], "initial_password_hash": hashed}
    call_command("manage_user", "--", wanted["name"], wanted["email"], **options)
    return users().get(username=wanted["name"])


def set_standing(user, active):
    """Enable or disable an account.

    A user who is only not active could log in where the site allows that, go on with a session, or activate the account again by email.
    """
    if not active:
        standings().update_or_create(user=user, defaults={"account_status": "disabled", "changed_by": user})
        end_tokens(user)
    elif standings().filter(user=user).exists():
        standings().update_or_create(user=user, defaults={"account_status": "enabled", "changed_by": user})


def end_tokens(user):
    """Remove the tokens by which applications act for a user."""
    from django.apps import apps

    try:
        from openedx.core.djangoapps.oauth_dispatch.api import destroy_oauth_tokens
    except ImportError:
        for model in ("AccessToken", "RefreshToken"):
            apps.get_model("oauth2_provider", model).objects.filter(user=user).delete()
    else:
        destroy_oauth_tokens(user)
