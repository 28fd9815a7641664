# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""No secret is in anything that a module prints: results, diffs, invocations, errors."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
import yaml
from ansible_collections.lectern.tutor.tests.unit.plugins.modules import harness

PASSWORD = "pa'ss \"w\\ord/%é"
MASK = "********"
CONFIG = {
    "MYSQL_ROOT_PASSWORD": "rootrootroot9",
    "SMTP_PASSWORD": PASSWORD,
    "SHORT_SECRET": "ab12",
    "NUMBER_TOKEN": 1234567890,
    "NESTED_SECRETS": {"one": ["deepdeep-1", {"two": "deepdeep-2"}]},
    "PRIVATE_KEY": "-----BEGIN RSA PRIVATE KEY-----\nMIIEabcdefghijklmnop\nqrstuvwxyz0123456789\n-----END RSA PRIVATE KEY-----",
    "OPENEDX_SECRET_KEY": "keykeykey7",
    "PUBLIC_KEY": "shown-public-key",
    "LMS_HOST": "shown-host",
}
HIDDEN = ["rootrootroot9", PASSWORD, json.dumps(PASSWORD)[1:-1], quote(PASSWORD, safe=""), "1234567890", "deepdeep-1", "deepdeep-2"]
HIDDEN += ["MIIEabcdefghijklmnop", "qrstuvwxyz0123456789", "keykeykey7"]
FILES = {
    "apps/secrets.json": "{{ SMTP_PASSWORD|tojson }} {{ SMTP_PASSWORD|urlencode }} mysql://root:{{ MYSQL_ROOT_PASSWORD }}@db\n",
    "apps/key.pem": "{{ PRIVATE_KEY }}\n",
    "apps/nested": "{{ NESTED_SECRETS }} {{ NUMBER_TOKEN }}\n",
}


def assert_hidden(*results, texts=tuple(HIDDEN)):
    for result in results:
        shown = json.loads(result.printed)
        for text in texts:
            assert text not in result.printed, text
            assert text not in json.dumps(shown, ensure_ascii=False), text


@pytest.fixture
def secretive(site):
    harness.write(site.templates, FILES)
    site.edit(**CONFIG)
    return site


def test_diff_of_everything(secretive):
    """All files are new, then all secrets change: neither the old ones nor the new ones are shown."""
    first = secretive.render(plugins=[], diff=True)
    assert_hidden(first)
    assert "shown-host" in first.printed
    renewed = {
        "MYSQL_ROOT_PASSWORD": "newnewnew1",
        "SMTP_PASSWORD": "newnewnew2",
        "NESTED_SECRETS": {"one": ["newnewnew3"]},
        "PRIVATE_KEY": "newnewnew4",
    }
    checked = secretive.ok("environment", check=True, diff=True, settings=renewed)
    real = secretive.render(diff=True, settings=renewed)
    assert_hidden(checked, real, texts=HIDDEN + ["newnewnew%d" % number for number in (1, 2, 3, 4)])
    diff = {one["after_header"].split("/")[-1]: one for one in real["diff"]}
    assert "mysql://root:%s@db" % MASK in diff["secrets.json"]["before"]
    assert "mysql://root:%s@db" % MASK in diff["secrets.json"]["after"]
    assert "SMTP_PASSWORD: '%s'" % MASK in diff["config.yml"]["after"]
    assert "LMS_HOST: shown-host" in diff["config.yml"]["after"]


def test_generated_secrets(site):
    result = site.render(plugins=[], diff=True)
    assert_hidden(
        result, texts=[value for key, value in site.settings().items() if key in ("ID", "MYSQL_ROOT_PASSWORD", "OPENEDX_SECRET_KEY")]
    )


def test_results_of_config(secretive):
    result = secretive.ok("config", settings={"OTHER_PASSWORD": "otherother1", "URL": "x://u:{{ SMTP_PASSWORD }}@h"})
    assert_hidden(result, texts=[*HIDDEN, "otherother1"])
    assert (result["config"]["OTHER_PASSWORD"], result["config"]["PUBLIC_KEY"]) == (MASK, "shown-public-key")
    assert (result["config"]["SHORT_SECRET"], result["config"]["NESTED_SECRETS"]) == (MASK, MASK)
    assert result["config"]["URL"] == "x://u:%s@h" % MASK


def test_results_of_config_info(secretive):
    result = secretive.ok("config_info")
    assert_hidden(result)
    assert result["config"]["LMS_HOST"] == "shown-host"
    revealed = secretive.ok("config_info", reveal=True)["config"]
    assert {key: revealed[key] for key in CONFIG} == CONFIG


def test_empty_secrets_are_told_apart(plain):
    plain.edit(SMTP_PASSWORD="", OTHER_TOKEN=None)
    found = plain.ok("config_info", keys=["SMTP_PASSWORD", "OTHER_TOKEN"])["config"]
    assert found == {"SMTP_PASSWORD": "", "OTHER_TOKEN": None}


def test_what_the_call_gave(plain):
    """Ansible prints the invocation with -vvv, and so does the module itself."""
    settings = {"MYSQL_ROOT_PASSWORD": "givengiven1", "HARMLESS": "x", "DEEP": {"SMTP_PASSWORD": "givengiven2"}}
    definition = {"name": "p", "config": {"set": {"API_TOKEN": "givengiven3"}}}
    for module, options in (("environment", dict(plugins=["p"], definitions=[definition])), ("config", {})):
        result = plain.ok(module, settings=settings, **options)
        assert_hidden(result, texts=["givengiven1", "givengiven2", "givengiven3"])
        assert result["invocation"]["module_args"]["settings"] == MASK


def test_secrets_of_a_call_that_fails(plain):
    result = plain.run("environment", plugins=["nope"], settings={"MYSQL_ROOT_PASSWORD": "givengiven1"})
    assert_hidden(result, texts=["givengiven1"])


def test_a_plugin_that_quotes_secrets_in_its_error(hooked):
    hooked.edit(**CONFIG)
    hooked.plugin(
        "p.py",
        """
        from tutor import hooks
        @hooks.Actions.CONFIG_LOADED.add()
        def check(config):
            print("was: " + config["OPENEDX_SECRET_KEY"])
            raise ValueError("bad password " + config["MYSQL_ROOT_PASSWORD"])
        """,
    )
    result = hooked.run("environment", plugins=["p"])
    assert result.msg.startswith("CONFIG_LOADED of plugin 'p' failed: ValueError: bad password ****")
    assert_hidden(result)


def test_secrets_that_filters_make(hooked):
    """What is derived from a secret is one as well."""
    hooked.plugin(
        "p.py",
        """
        from tutor import hooks
        hooks.Filters.CONFIG_UNIQUE.add_item(("P_HIDDEN", "{{ 24|random_string }}"))
        hooks.Filters.CONFIG_DEFAULTS.add_item(("P_HASH", "{{ OPENEDX_SECRET_KEY|uid_master_hash('x') }}"))
        hooks.Filters.ENV_PATCHES.add_item(("lms-env", "{{ P_HIDDEN }} {{ P_HASH }}"))
        """,
    )
    result = hooked.render(plugins=["p"], diff=True)
    made = hooked.text("apps/lms.yml").splitlines()[-1].split()
    assert len(made) == 2
    assert_hidden(result, hooked.ok("config_info"), texts=made)


def test_plugin_info_hides_what_a_plugin_gives_as_secret(plain):
    plain.plugin("p.yml", {"name": "p", "config": {"add": {"PASSWORD": "fixedfixed1", "TOKEN": "{{ 8|random_string }}"}}})
    result = plain.ok("plugin_info", names=["p"])
    assert_hidden(result, texts=["fixedfixed1"])
    assert result["plugins"][0]["config"]["unique"] == {"P_PASSWORD": MASK, "P_TOKEN": "{{ 8|random_string }}"}


def test_names_and_paths_are_not_masked(plain):
    """A password that is a plain word must not eat file names and sentences."""
    plain.edit(SMTP_PASSWORD="openedx", MYSQL_ROOT_PASSWORD="apps", OTHER_SECRET="created")
    result = plain.render(plugins=[], diff=True)
    assert "build/openedx/Dockerfile" in result["files"]["created"]
    assert any(action.startswith("Created %s/apps/" % plain.env) for action in result["actions"])


GIVEN = "Given-1234567"
DEFINITION = 'name: p\nversion: "1"\nconfig:\n  %s:\n    API_TOKEN: {}\npatches:\n  lms-env: "t: {{{{ %sAPI_TOKEN }}}}"\n'
WAYS = {
    "definitions as text": ("environment", lambda text: dict(plugins=["p"], definitions=[text])),
    "definitions as mappings": ("environment", lambda text: dict(plugins=["p"], definitions=[yaml.safe_load(text)])),
    "plugin_files": ("environment", lambda text: dict(plugins=["p"], plugin_files={"p.yml": text})),
    "not enabled": ("environment", lambda text: dict(plugins=[], definitions=[text])),
    "call that fails": ("environment", lambda text: dict(plugins=["nope"], definitions=[text])),
    "definition as text": ("plugin", lambda text: dict(definition=text)),
    "definition as mapping": ("plugin", lambda text: dict(definition=yaml.safe_load(text))),
}


@pytest.mark.parametrize("section, prefix", [("set", ""), ("add", "P_"), ("defaults", "P_")])
@pytest.mark.parametrize("module, options", WAYS.values(), ids=WAYS)
def test_secrets_in_plugins_that_are_given(plain, module, options, section, prefix):
    """As new files, as files that change, and in the files of the environment that are made of them."""
    text = DEFINITION % (section, prefix)
    for secret in (GIVEN, "Other-7654321"):
        given = options(text.format(secret))
        results = [plain.run(module, check, True, **given) for check in (True, False)]
        assert_hidden(*results, *[plain.run(name) for name in ("config_info", "plugin_info")], texts=[GIVEN, "Other-7654321"])


def test_secret_of_the_wrong_type(plain):
    plain.plugin("p.yml", "name: p\nconfig:\n  set:\n    API_TOKEN: !!set {%s}\n" % GIVEN)
    message = plain.refused(plugins=["p"])
    assert message.startswith("config.set.API_TOKEN of plugin 'p' (%s) is a set, %s: expected" % (plain.plugins_root / "p.yml", MASK))


def test_secrets_of_before(plain):
    """What env/ was rendered with is as secret when config.yml was edited since, or the setting dropped."""
    harness.write(plain.templates, {"apps/secret": "{{ SMTP_PASSWORD|default('') }}"})
    plain.render(plugins=[], settings={"SMTP_PASSWORD": GIVEN})
    generated = plain.settings()["OPENEDX_SECRET_KEY"]
    assert_hidden(plain.ok("environment", check=True, diff=True, unset=["SMTP_PASSWORD"]), texts=[GIVEN])
    plain.edit(SMTP_PASSWORD="Other-7654321", PLUGINS=[])
    result = plain.render(diff=True, accept_new_secrets=["ID", "MYSQL_ROOT_PASSWORD", "OPENEDX_SECRET_KEY"])
    assert {"apps/secret", "apps/lms.yml"} <= set(result["files"]["changed"])
    assert_hidden(result, texts=[GIVEN, "Other-7654321", generated])


def test_secrets_inside_of_settings(plain):
    """A setting's name says nothing, but a name in its value does."""
    harness.write(plain.templates, {"apps/secret": "{{ THING.deep[0].token }} {{ THING.password }}"})
    given = {"THING": {"password": "ab", "deep": [{"token": GIVEN, "port": 80}], "secret": ""}}
    result = plain.render(plugins=[], diff=True, settings=given)
    shown = plain.ok("config_info", keys=["THING"])
    assert_hidden(result, shown, texts=[GIVEN])
    assert shown["config"]["THING"] == {"password": MASK, "deep": [{"token": MASK, "port": 80}], "secret": ""}
    assert plain.ok("config_info", keys=["THING"], reveal=True)["config"] == given


def test_a_setting_made_of_randomness_in_every_run_that_gives_it(plain):
    """Also when it has been made before, inside of another setting and of a file."""
    harness.write(plain.templates, {"apps/salt": "{{ SALT }} {{ LMS_HOST }}\n"})
    settings = {"SALT": "{{ 24|random_string }}", "ADDRESS": "x:{{ SALT }}@{{ LMS_HOST }}", "LMS_HOST": "one.test"}
    results = [
        plain.render(plugins=[], settings={**settings, "LMS_HOST": host}, diff=True) for host in ("one.test", "one.test", "two.test")
    ]
    salt = yaml.safe_load(plain.config.read_text())["SALT"]
    assert len(salt) == 24
    assert "two.test" in results[2].printed
    assert_hidden(*results, texts=[salt])


def test_what_a_plugin_generated_stays_hidden(plain):
    """Under any name, at any depth, in whatever layer; when the plugin is enabled, when it goes, and for good."""
    random = "{{ 20|random_string }}"
    login = {"user": "harmless-user", "word": random}
    given = {"add": {"SALT": random, "LOGIN": login}, "set": {"PEPPER": random, "SPICES": [random]}}
    patch = "{{ P_SALT }} {{ P_LOGIN.word }} {{ PEPPER }} {{ SPICES[0] }}"
    plain.plugin("p.yml", {"name": "p", "config": given, "patches": {"lms-env": patch}})
    checked = plain.ok("environment", plugins=["p"], settings={"MINE": random}, check=True, diff=True)
    first = plain.render(plugins=["p"], settings={"MINE": random}, diff=True)
    saved = plain.settings()
    made = [saved["P_SALT"], saved["P_LOGIN"]["word"], saved["PEPPER"], saved["SPICES"][0], saved["MINE"]]
    info = plain.ok("config_info")
    later = plain.ok("environment", settings={"LMS_HOST": "new"}, check=True, diff=True)
    going = [plain.ok("environment", plugins=[], check=True, diff=True), plain.ok("plugin", name=["p"], state="disabled", diff=True)]
    gone = [
        plain.render(settings={"LMS_HOST": "newer"}, diff=True),
        plain.ok("config_info"),
        plain.ok("config", settings={"A": 1}, diff=True),
    ]
    assert_hidden(checked, first, info, later, *going, *gone, texts=made)
    assert {key: info["origin"][key]["layer"] for key in ("P_LOGIN", "SPICES", "MINE")} == {
        "P_LOGIN": "unique",
        "SPICES": "overrides",
        "MINE": "user",
    }
    assert [gone[1]["config"][key] for key in ("P_SALT", "P_LOGIN", "MINE")] == [MASK] * 3
    assert "P_SALT is a secret that was generated once" in plain.refused("config", unset=["P_SALT"])
    assert plain.settings()["P_SALT"] == saved["P_SALT"]


LOGINS = {
    "EDX_PLATFORM_REPOSITORY": "https://deploy:S3cretPass@git.example.org/edx.git",
    "OPENEDX_EXTRA_PIP_REQUIREMENTS": [
        "git+https://token0123456789abcdef:x-oauth-basic@git.example.org/private.git@main",
        {"options": "--extra-index-url https://ci:p1p/Pa#ss@pypi.example.org/simple"},
    ],
    "SENTRY_DSN": "https://0123456789abcdef0123456789abcdef@sentry.example.org/4",
    "MONGODB_URI": "mongodb://cs:m0ngo%2Fpw@h1:27017,h2:27017/db",
    "SMTP_ADDRESS": "smtp://me@example.org:sm\"tp'pw@smtp.example.org:587",
    "OPEN": ["ssh://git@github.com/o/r.git", "https://example.org/@handle", "admin@example.org"],
}
HIDDEN_LOGINS = ["S3cretPass", "token0123456789abcdef", "p1p/Pa#ss", "0123456789abcdef0123456789abcdef", "m0ngo%2Fpw", "m0ngo/pw", "tp'pw"]
SHOWN = [
    "git.example.org",
    "pypi.example.org",
    "h1:27017,h2:27017",
    "ssh://git@github.com",
    "https://example.org/@handle",
    "admin@example.org",
]


@pytest.fixture
def with_logins(plain):
    files = {
        "build/openedx/Dockerfile": "git clone {{ EDX_PLATFORM_REPOSITORY }}\npip install {{ OPENEDX_EXTRA_PIP_REQUIREMENTS|join(' ') }}\n",
        "apps/settings.py": "{{ SENTRY_DSN|tojson }}\n{{ SMTP_ADDRESS|tojson }}\n'{{ MONGODB_URI[13:22] }}'\n{{ OPEN }}\n",
        "apps/query": "{{ MONGODB_URI|urlencode }} m0ngo/pw {{ EDX_PLATFORM_REPOSITORY.split('@')[0].split(':')[-1] }}\n",
    }
    harness.write(plain.templates, files)
    plain.edit(**LOGINS, PLUGINS=[])
    return plain


def test_logins_in_addresses(with_logins):
    """In results and differences, and where the password stands alone in a file."""
    checked = with_logins.ok("environment", check=True, diff=True)
    real = with_logins.render(diff=True)
    results = [checked, real, with_logins.ok("config_info"), with_logins.ok("config", settings={"A": 1}, diff=True)]
    assert_hidden(*results, texts=HIDDEN_LOGINS)
    for text in SHOWN:
        assert text in real.printed and text in results[2].printed, text
    assert results[2]["config"]["EDX_PLATFORM_REPOSITORY"] == "https://%s@git.example.org/edx.git" % MASK
    assert results[2]["config"]["OPEN"] == LOGINS["OPEN"]
    revealed = with_logins.ok("config_info", reveal=True)["config"]
    assert {key: revealed[key] for key in LOGINS} == LOGINS


def test_logins_of_before_and_after(with_logins):
    with_logins.render()
    settings = {
        "EDX_PLATFORM_REPOSITORY": "https://deploy:N3wSecret@git.example.org/edx.git",
        "SENTRY_DSN": "https://fedcba98@s.example.org/4",
    }
    checked = with_logins.ok("environment", check=True, diff=True, settings=settings)
    assert_hidden(checked, with_logins.render(diff=True, settings=settings), texts=[*HIDDEN_LOGINS, "N3wSecret", "fedcba98"])


def test_logins_that_are_given(plain):
    """In every option, in plugins and their patches, and in errors that quote them."""
    login = "git+https://ghp_0123456789abcdefXYZ@git.example.org/x.git"
    definition = {
        "name": "p",
        "version": "1",
        "config": {"defaults": {"SOURCE": login}},
        "patches": {"lms-env": "from %s {{ P_SOURCE }}" % login},
    }
    results = [
        plain.render(plugins=["p"], definitions=[definition], settings={"DEEP": [{"x": (login,)}]}, diff=True),
        plain.ok("config", append={"REQUIREMENTS": [login]}, diff=True),
        plain.ok("config", remove={"REQUIREMENTS": [login]}, diff=True),
        plain.ok("plugin_info"),
        plain.ok("config_info", patches=["all"]),
        plain.run("config", append={"DEEP": login}),
        plain.run("environment", plugins=[login]),
    ]
    assert_hidden(*results, texts=["ghp_0123456789abcdefXYZ"])
    assert login in plain.text("apps/lms.yml")
    assert results[3]["plugins"][0]["masked_patches"] == ["lms-env"]
    assert (results[4]["masked_patches"], results[4]["patches"]["lms-env"]) == (
        ["lms-env"],
        "from {0} {0}".format(login.replace("ghp_0123456789abcdefXYZ", MASK)),
    )
    assert "git.example.org" in results[6].msg
    assert plain.ok("config_info", patches=["all"], reveal=True)["patches"]["lms-env"] == f"from {login} {login}"


def test_logins_that_a_plugin_says(hooked):
    hooked.plugin("p.py", "raise ValueError('can not clone https://user:pa/ss@git.example.org/x')\n")
    message = hooked.run("environment", plugins=["p"]).msg
    assert "https://%s@git.example.org/x" % MASK in message
    assert hooked.ok("plugin_info", names=["p"])["plugins"][0]["error"].count(MASK) == 1
