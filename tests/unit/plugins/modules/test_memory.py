# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is remembered between calls is never older than what it came from: each input is changed in turn, and the change arrives."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from pathlib import Path

import pytest
from ansible_collections.lectern.tutor.tests.unit.plugins.modules import harness

# A plugin that tells each time it is loaded; VALUE stands for what it puts into the environment.
PLUGIN = """\
import os, subprocess
from tutor import hooks
with open({log!r}, "a") as log:
    log.write("loaded\\n")
hooks.Filters.ENV_PATCHES.add_item(("lms-env", "value: " + str({value})))
"""
DOCKER = "#!/bin/sh\ncat {answer}\n"


class Watched:
    """A platform with one plugin whose loads are counted."""

    def __init__(self, site):
        self.site, self.log = site, site.folder / "log"

    def plugin(self, value):
        self.site.plugin("counted.py", PLUGIN.format(log=str(self.log), value=value))

    def render(self, **options):
        return self.site.render(**dict({"plugins": ["counted"]}, **options))

    @property
    def loads(self):
        return len(self.log.read_text().splitlines()) if self.log.exists() else 0

    @property
    def value(self):
        return self.site.text("apps/lms.yml").partition("value: ")[2].strip()

    def remembered(self):
        """Renders until a call is answered from memory, and at most twice."""
        self.render()
        loads = self.loads
        result = self.render()
        assert (result["changed"], self.loads) == (False, loads)
        return result


@pytest.fixture
def watched(hooked, remembering):
    return Watched(hooked)


def test_an_unchanged_call_loads_no_plugin_and_returns_the_same(watched):
    watched.plugin("1")
    first = watched.render()
    before = watched.site.snapshot()
    for check in (False, True):
        again = watched.site.run("environment", check, True, plugins=["counted"])
        assert watched.loads == 1
        assert (again["changed"], again["actions"], again["diff"], again["changed_keys"]) == (False, [], [], [])
        assert (again["plugins"], again["compose"]) == (first["plugins"], first["compose"])
        assert again["files"] == {"created": [], "changed": [], "removed": [], "unchanged_count": len(first["files"]["created"])}
    assert watched.site.snapshot() == before


def test_a_new_override_file_of_compose_is_told(watched):
    watched.plugin("1")
    watched.remembered()
    override = watched.site.env / "local/docker-compose.override.yml"
    override.write_text("services: {}\n")
    assert str(override) in watched.render()["compose"]["files"]
    assert watched.loads == 1


INPUTS = {
    "variable": "os.environ.get('SITE_COLOUR')",
    "all-variables": "sorted(dict(os.environ).items())",
    "file": "open(FOLDER + '/data').read()",
    "relative-file": "open('data').read()",
    "folder": "sorted(os.listdir(FOLDER))",
    "existence": "os.path.exists(FOLDER + '/extra')",
    "existence-by-pathlib": "__import__('pathlib').Path(FOLDER, 'extra').exists()",
    "real-path": "os.path.realpath(FOLDER + '/current')",
    "resolved-path": "__import__('pathlib').Path(FOLDER, 'current').resolve()",
    "target-of-a-link": "os.readlink(FOLDER + '/current')",
    "kind-without-following": "os.stat(FOLDER + '/becomes-link', follow_symlinks=False)[0] >> 12",
    "two-questions": "[ask(FOLDER + '/dangling') for ask in (os.path.exists, os.path.islink)]",
    "kind-in-a-listed-folder": "[os.path.isdir(FOLDER + '/kinds/' + name) for name in os.listdir(FOLDER + '/kinds')]",
    "target-in-a-listed-folder": "[os.path.exists(FOLDER + '/links/' + name) for name in os.listdir(FOLDER + '/links')]",
    "walk": "[len(names) for _path, names, _files in os.walk(FOLDER + '/kinds')]",
    "link-in-a-listed-folder": "os.listdir(FOLDER + '/links') and os.path.realpath(FOLDER + '/links/current')",
    "other-module": "__import__('helper').VALUE",
    "docker": "subprocess.run(['docker', 'info'], capture_output=True, text=True).stdout",
}


def links(folder, number):
    """Links and kinds that a plugin asks for, the first or the second ones."""
    harness.write(folder, {"1/x": "", "2/x": "", "target": "", "kinds/stays": ""})
    (folder / "links").mkdir(exist_ok=True)
    for name, target in {"current": number, "links/current": number, "dangling": "new", "links/dangling": "new"}.items():
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to(folder / str(target))
    if number == 1:
        harness.write(folder, {"kinds/a": "", "becomes-link": ""})
    else:
        for name in ("kinds/a", "becomes-link"):
            (folder / name).unlink()
        (folder / "becomes-link").symlink_to("target")
        harness.write(folder, {"kinds/a/x": "", "new": ""})


@pytest.mark.parametrize("kind", INPUTS)
def test_what_a_plugin_read(watched, kind):
    site = watched.site
    folder = site.folder / "inputs"
    harness.write(folder, {"data": "1", "bin/docker": DOCKER.format(answer=folder / "data")})
    harness.write(site.packages, {"helper.py": "VALUE = 1\n"})
    harness.write(site.folder, {"data": "1"})
    links(folder, 1)
    (folder / "bin/docker").chmod(0o755)
    site.environ.update(SITE_COLOUR="red", PATH="%s:/usr/bin:/bin" % (folder / "bin"))
    watched.plugin(INPUTS[kind].replace("FOLDER", repr(str(folder))))
    watched.remembered()
    before, loads = watched.value, watched.loads

    site.environ["SITE_COLOUR"] = "green"
    harness.write(folder, {"data": "2", "extra": ""})
    harness.write(site.packages, {"helper.py": "VALUE = 2\n"})
    harness.write(site.folder, {"data": "2"})
    links(folder, 2)
    assert watched.render()["changed"]
    assert (watched.value != before, watched.loads) == (True, loads + 1)
    watched.remembered()


def test_a_file_in_memory(watched):
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        harness.write(Path(folder), {"data": "1"})
        watched.plugin("open(%r).read()" % (folder + "/data"))
        watched.remembered()
        harness.write(Path(folder), {"data": "2"})
        watched.render()
        assert watched.value == "2"


def test_what_counts_come_and_go_in_an_answer_of_docker(watched):
    folder = watched.site.folder / "inputs"
    harness.write(folder, {"data": "Containers: 1\n Rootless: no\n", "bin/docker": DOCKER.format(answer=folder / "data")})
    (folder / "bin/docker").chmod(0o755)
    watched.site.environ["PATH"] = "%s:/usr/bin:/bin" % (folder / "bin")
    watched.plugin("'Rootless: no' in " + INPUTS["docker"])
    watched.remembered()
    harness.write(folder, {"data": "Containers: 2\n Rootless: no\n"})
    loads = watched.loads
    watched.render()
    assert watched.loads == loads
    harness.write(folder, {"data": "Containers: 2\n Rootless: yes\n"})
    watched.render()
    assert (watched.value, watched.loads) == ("False", loads + 1)


def test_words_of_an_answer_that_move_to_another_line(watched):
    folder = watched.site.folder / "inputs"
    harness.write(folder, {"data": "NAME\ndefault *\nother\n", "bin/docker": DOCKER.format(answer=folder / "data")})
    (folder / "bin/docker").chmod(0o755)
    watched.site.environ["PATH"] = "%s:/usr/bin:/bin" % (folder / "bin")
    watched.plugin("'other *' in " + INPUTS["docker"].replace("'info'", "'context', 'ls'"))
    watched.remembered()
    harness.write(folder, {"data": "NAME\nother *\ndefault\n"})
    watched.render()
    assert (watched.value, watched.loads) == ("True", 2)
    harness.write(folder, {"data": "NAME\ndefault\n* other\n"})  # the same lines and words, in another order
    watched.render()
    assert watched.loads == 2


ASKING = {
    "plain": ("capture_output=True", ["shown", "told", 1], True),
    "as-text": ("capture_output=True, text=True", ["shown", "told", 1], True),
    "into-one": ("stderr=subprocess.STDOUT, stdout=subprocess.PIPE", ["shown told", "", 1], False),
    "with-other-variables": ("capture_output=True, env=dict(os.environ, COLOUR='red')", ["shown red", "told", 1], False),
}
ASKS = """\
def ask():
    done = subprocess.run(["docker", "info"], {options})
    texts = [text if isinstance(text, str) else (text or b"").decode() for text in (done.stdout, done.stderr)]
    return [" ".join(text.split()) for text in texts] + [done.returncode]
VALUE = [ask(), ask()]
from tutor"""


@pytest.mark.parametrize("kind", ASKING)
def test_what_a_plugin_is_told_by_docker(watched, kind):
    """It may ask twice. A plugin that asks in another way than for the whole answer is loaded on every call."""
    options, expected, is_remembered = ASKING[kind]
    folder = watched.site.folder / "bin"
    harness.write(folder, {"docker": "#!/bin/sh\necho shown $COLOUR\necho told >&2\nexit 1\n"})
    (folder / "docker").chmod(0o755)
    watched.site.environ["PATH"] = "%s:/usr/bin:/bin" % folder
    text = PLUGIN.format(log=str(watched.log), value="VALUE").replace("from tutor", ASKS.format(options=options), 1)
    watched.site.plugin("counted.py", text)
    for host in ("one", "two", "two"):
        watched.render(settings={"LMS_HOST": host})
        assert watched.value == str([expected, expected])
    assert watched.loads == (2 if is_remembered else 3)


def test_a_variable_of_the_host_that_no_plugin_reads(watched):
    """All variables are compared; those of a session are not, unless a plugin may read them."""
    watched.plugin("1")
    watched.site.environ.update(SSH_CONNECTION="one", SITE_COLOUR="red")
    watched.remembered()
    watched.site.environ["SSH_CONNECTION"] = "two"
    watched.render()
    assert watched.loads == 1
    watched.site.environ["SITE_COLOUR"] = "green"
    for _run in ("loaded", "remembered"):
        watched.render()
        assert watched.loads == 2


@pytest.mark.parametrize(
    "value", ["os.environ.get('SSH_CONNECTION')", "sorted(os.environ.items())", "os.path.expandvars('$SSH_CONNECTION')"]
)
def test_a_variable_of_a_session(watched, value):
    watched.plugin(value)
    watched.site.environ["SSH_CONNECTION"] = "from-here"
    watched.remembered()
    watched.site.environ["SSH_CONNECTION"] = "from-there"
    watched.render()
    assert "from-there" in watched.value
    watched.remembered()


BELOW_ROOT = {
    "content-beside-env": "open(ROOT + '/other').read()",
    "existence-beside-env": "os.path.exists(ROOT + '/flag')",
    "existence-in-a-listed-root": "os.listdir(ROOT) and os.path.exists(ROOT + '/flag')",
    "list-of-the-root": "sorted(set(os.listdir(ROOT)) - {'env', '.lectern', 'config.yml'})",
    "existence-in-env": "os.path.exists(ROOT + '/env/build/openedx/private.txt')",
    "existence-in-a-folder-of-env": "os.listdir(ROOT) and os.path.exists(ROOT + '/env/new/private.txt')",
    "content-in-env": "open(ROOT + '/env/new/private.txt').read() if os.path.exists(ROOT + '/env/new/private.txt') else 0",
}


@pytest.mark.parametrize("kind", BELOW_ROOT)
def test_what_a_plugin_finds_below_the_root(watched, kind):
    site = watched.site
    harness.write(site.root, {"other": ""})
    watched.plugin("(%s)" % BELOW_ROOT[kind].replace("ROOT", repr(str(site.root))))
    watched.render()
    before = watched.value
    harness.write(site.root, {"flag": "", "other": "new", "env/build/openedx/private.txt": "", "env/new/private.txt": "1"})
    watched.render()
    assert (watched.value != before, watched.loads) == (True, 2)
    assert not watched.render()["changed"]
    assert watched.loads == 3


def test_a_plugin_that_lies_below_the_root_may_read_its_own_files(watched):
    site = watched.site
    site.plugins_root = site.root / "plugins"
    site.options["plugins_root"] = str(site.plugins_root)
    harness.write(site.plugins_root, {"data": "1"})
    watched.plugin("open(os.path.dirname(__file__) + '/data').read()")
    watched.remembered()
    harness.write(site.plugins_root, {"data": "2"})
    watched.render()
    assert watched.value == "2"


def test_what_a_plugin_finds_that_the_call_writes(watched):
    """It is asked for each time, as the answer changes with the first call."""
    names = ["env", "env/apps", "env/apps/lms.yml"]
    watched.plugin("[os.path.exists(%r + '/' + name) for name in %r]" % (str(watched.site.root), names))
    for number, value in enumerate(["[False, False, False]", "[True, True, True]", "[True, True, True]"], 1):
        assert watched.render()["changed"] == (number < 3)
        assert (watched.value, watched.loads) == (value, number)


def test_a_plugin_that_lists_a_folder_of_the_environment(watched):
    watched.plugin("[names for _path, _folders, names in os.walk(%r)]" % str(watched.site.env))
    for number in (1, 2, 3):
        watched.render()
        assert watched.loads == number


def test_a_folder_of_the_environment_that_became_a_link(watched):
    site = watched.site
    watched.plugin("1")
    watched.remembered()
    (site.env / "apps").rename(site.folder / "apps")
    (site.env / "apps").symlink_to(site.folder / "apps")
    loads = watched.loads
    result = site.run("environment", plugins=["counted"])
    assert watched.loads == loads + 1
    assert result.failed or not (site.env / "apps").is_symlink()


UNSEEN = {
    "time": "__import__('time').time()",
    "zone": "__import__('time').strftime('%Z')",
    "later-in-a-function": "(lambda: __import__('datetime').datetime.now())()",
    "randomness": "__import__('secrets').token_hex(4)",
    "size": "os.path.getsize(__file__)",
    "mode": "os.stat(__file__).st_mode",
    "entry": "[entry.stat().st_size for entry in os.scandir(os.path.dirname(__file__))]",
    "access": "os.access('/', os.R_OK)",
    "variable-in-bytes": "os.environb.get(b'HOME')",
    "fork": "bool(os.wait() if os.fork() else os._exit(0))",
    "folder-by-number": "os.open('log', os.O_RDONLY, dir_fd=os.open(os.path.dirname(__file__) + '/..', os.O_RDONLY))",
    "working-directory": "os.getcwd()",
    "host": "os.uname()[1]",
    "processors": "os.cpu_count()",
    "users": "__import__('pwd').getpwuid(0)",
    "in-a-text": "eval('__import__(\"time\").time()')",
    "helper": "__import__('helper').VALUE",
    "helper-when-rendering": "'{{ helper() }}'",
    "package": "1",
}


@pytest.mark.parametrize("kind", UNSEEN)
def test_what_nobody_can_see_is_never_remembered(watched, kind):
    """The plugin need not use it: one that names it is loaded each time."""
    site = watched.site
    harness.write(site.packages, {"helper.py": "import time\nVALUE = 1\ndef now():\n    return time.time()\n"})
    site.package("boxed", "from . import values\n", "v1", {"values.py": "import time\n"})
    value = UNSEEN[kind]
    if kind == "helper-when-rendering":
        value += ")))\nhooks.Filters.ENV_TEMPLATE_VARIABLES.add_item(('helper', lambda: __import__('helper').VALUE)) or str((("
    watched.plugin(value)
    for number in (1, 2, 3):
        watched.render(plugins=["boxed", "counted"] if kind == "package" else ["counted"])
        assert watched.loads == number


SEEN = {
    "secrets": "__import__('secrets').token_bytes",
    "devices": "open('/dev/null').read() or open('/dev/urandom', 'rb').close()",
    "helper-in-a-library": "__import__('helper')",
    "tutor": "__import__('tutor.utils')",
    "library": "__import__('requests')",
}


@pytest.mark.parametrize("kind", SEEN)
def test_what_only_sounds_like_it_is_remembered(watched, kind):
    harness.write(watched.site.templates, {"apps/now.py": "{% macro time(now) %}{{ now }}{% endmacro %}{{ time(now=1) }}"})
    watched.site.packages = watched.site.folder / "site-packages"
    harness.write(watched.site.packages, {"helper.py": "import time\n"})
    time.sleep(0.02)
    watched.plugin("bool(%s)" % SEEN[kind])
    watched.remembered()


FINDER = """\
import sys
from importlib.util import spec_from_file_location
class Finder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        return spec_from_file_location(name, {path!r}) if name == "boxed_values" else None
sys.meta_path.insert(0, Finder)
"""


def test_a_module_that_was_loaded_before(watched):
    """What pip writes for a checkout is imported as Python starts: it tells where the modules of a plugin are."""
    site = watched.site
    site.preload = ["early_finder"]
    watched.plugin("__import__('boxed_values').VALUE")
    for number in (1, 2):
        path = site.folder / str(number) / "values.py"
        harness.write(path.parent, {path.name: "VALUE = %d\n" % number})
        harness.write(site.packages, {"early_finder.py": FINDER.format(path=str(path))})
        time.sleep(0.02)  # else it can't be told from a file that is written meanwhile
        watched.remembered()
        assert watched.value == str(number)


@pytest.mark.parametrize("name", ["a.pth", "b.pth"])
def test_where_python_is_told_of_folders(watched, name):
    """A file ``*.pth`` may have it import anything."""
    watched.site.packages = watched.site.folder / "site-packages"
    harness.write(watched.site.packages, {"a.pth": "#"})
    time.sleep(0.02)
    watched.plugin("1")
    watched.remembered()
    harness.write(watched.site.packages, {name: "# other"})
    watched.render()
    assert watched.loads == 2


ELSEWHERE = {
    "program": "subprocess.run(['date', '+%N'], capture_output=True).stdout",
    "shell": "os.system('true')",
    "program-of-another-name": "subprocess.run(['docker', 'info'], executable='/bin/echo', capture_output=True).stdout",
    "database": "__import__('helper').connect(':memory:')",
    "host": "__import__('helper').name()",
    "kernel": "open('/proc/sys/kernel/hostname').read()",
    "processes": "len(os.listdir('/proc'))",
    "devices": "os.listdir('/sys/class')",
}
# In a library, whose code is not looked at.
HELPER = """\
import socket, sqlite3
connect = sqlite3.connect
name = socket.gethostname
"""


@pytest.mark.parametrize("kind", ELSEWHERE)
def test_what_asks_elsewhere_is_never_remembered(watched, kind):
    watched.site.packages = watched.site.folder / "site-packages"
    harness.write(watched.site.packages, {"helper.py": HELPER})
    watched.plugin(ELSEWHERE[kind])
    for number in (1, 2, 3):
        watched.render()
        assert watched.loads == number


def test_a_plugin_that_changed(watched):
    watched.plugin("1")
    watched.remembered()
    watched.plugin("2")
    watched.render()
    assert watched.value == "2"


def test_a_package_that_changed(watched):
    """Its code, its templates, and what a template includes."""
    site = watched.site
    text = "templates = __file__.replace('plugin.py', 'templates')\nfrom .values import PATCH\npatches = {'lms-env': PATCH}\n"
    templates = {"templates/boxed/apps/box": "{% include 'boxed/partials/inner' %}", "templates/boxed/partials/inner": "one"}
    folder = site.package("boxed", text, files={"values.py": "PATCH = 'value: 1'\n", **templates})
    watched.plugin("0")
    options = dict(plugins=["boxed"])
    site.render(**options)
    assert (watched.value, site.text("plugins/boxed/apps/box")) == ("1", "one")
    harness.write(folder, {"values.py": "PATCH = 'value: 2'\n"})
    site.render(**options)
    assert watched.value == "2"
    harness.write(folder, {"templates/boxed/partials/inner": "two"})
    assert site.render(**options)["files"]["changed"] == ["plugins/boxed/apps/box"]
    harness.write(folder, {"templates/boxed/apps/new": "new"})
    assert site.render(**options)["files"]["created"] == ["plugins/boxed/apps/new"]
    (folder / "templates/boxed/apps/new").unlink()
    assert site.render(**options)["files"]["removed"] == ["plugins/boxed/apps/new"]
    (folder / "templates/boxed/apps/box").chmod(0o755)
    assert site.render(**options)["files"]["changed"] == ["plugins/boxed/apps/box"]
    assert not site.render(**options)["changed"]


def test_a_package_that_comes_before(watched):
    """Of two roots with a template of one name the first wins: one may come later."""
    site = watched.site
    for name in ("aa", "bb"):
        text = "templates = __file__.replace('plugin.py', 'templates')\n"
        site.package(name, text, files={"templates/%s/build/x" % name: name, "templates/bb/apps/y": "of bb"} if name == "bb" else {})
    harness.write(site.packages / "tutoraa/templates", {"aa/apps/z": "z"})
    site.render(plugins=["aa", "bb"])
    assert site.text("plugins/bb/apps/y") == "of bb"
    harness.write(site.packages / "tutoraa/templates", {"bb/apps/y": "of aa"})
    site.render(plugins=["aa", "bb"])
    assert site.text("plugins/bb/apps/y") == "of aa"


CORE_CHANGES = {
    "template": lambda site: harness.write(site.templates, {"apps/cms.txt": "other"}),
    "new-template": lambda site: harness.write(site.templates, {"apps/new": "new"}),
    "removed-template": lambda site: (site.templates / "apps/cms.txt").unlink(),
    "mode-of-template": lambda site: (site.templates / "apps/cms.txt").chmod(0o755),
    "default": lambda site: harness.write(site.templates, {"config/defaults.yml": "LMS_HOST: x\nCMS_HOST: y\nPLATFORM_NAME: z\n"}),
    "config.yml": lambda site: site.config.write_text(site.config.read_text() + "LMS_HOST: by-hand\n"),
    "edited-file": lambda site: (site.env / "apps/cms.txt").write_text("edited"),
    "removed-file": lambda site: (site.env / "apps/cms.txt").unlink(),
    "mode-of-file": lambda site: (site.env / "apps/cms.txt").chmod(0o600),
    "file-to-link": lambda site: (site.env / "apps/cms.txt").unlink() or (site.env / "apps/cms.txt").symlink_to(site.folder / "nowhere"),
    "mode-of-config.yml": lambda site: site.config.chmod(0o644),
    "mode-of-root": lambda site: site.root.chmod(0o755),
    "variable": lambda site: site.environ.update(TUTOR_LMS_HOST="from-the-environment"),
    "manifest": lambda site: (site.root / ".lectern/manifest.json").unlink(),
    "no-env": lambda site: shutil.rmtree(site.env),
}


@pytest.mark.parametrize("kind", CORE_CHANGES)
def test_what_core_and_the_root_hold(site, memory, kind):
    site.environ["LECTERN_MEMORY"] = memory
    site.render(plugins=[])
    assert not site.render(plugins=[])["changed"]
    CORE_CHANGES[kind](site)
    checked = site.ok("environment", check=True, plugins=[])
    real = site.render(plugins=[])
    assert checked["changed"] and real["changed"]
    assert checked["files"] == real["files"]
    assert not site.render(plugins=[])["changed"]


REQUESTS = {
    "settings": dict(settings={"LMS_HOST": "given"}),
    "plugins": dict(plugins=["other"]),
    "definitions": dict(definitions=[{"name": "other", "patches": {"lms-env": "value: defined"}}], plugins=["other"]),
}


@pytest.mark.parametrize("kind", REQUESTS)
def test_another_request(site, memory, kind):
    site.environ["LECTERN_MEMORY"] = memory
    site.plugin("other.yml", {"name": "other", "patches": {"lms-env": "value: 1"}})
    site.render(plugins=[])
    before = site.text("apps/lms.yml")
    assert site.render(**dict({"plugins": []}, **REQUESTS[kind]))["changed"]
    assert site.text("apps/lms.yml") != before


def test_a_changed_setting_arrives_wherever_it_is_used(watched):
    site = watched.site
    harness.write(
        site.templates,
        {
            "apps/direct": "{{ LMS_HOST }}",
            "apps/derived": "{{ CMS_HOST }}",
            "apps/by-patch": "{{ patch('hosts') }}",
            "apps/by-include": "{% include 'apps/direct' %}",
            "apps/by-name": "{% for host in iter_values_named(suffix='_HOST') %}{{ host }} {% endfor %}",
            "apps/undefined": "{{ NOT_THERE is defined }}",
        },
    )
    watched.plugin("1")
    with (site.plugins_root / "counted.py").open("a") as plugin:
        plugin.write("hooks.Filters.ENV_PATCHES.add_item(('hosts', '{{ CMS_HOST }}'))\n")
    for loads, host in enumerate(("one", "two"), 1):
        for _run in ("rendered", "remembered"):
            watched.render(settings={"LMS_HOST": host})
            assert watched.loads == loads
            texts = [site.text("apps/" + name).strip() for name in ("direct", "derived", "by-patch", "by-include", "by-name")]
            assert texts[:4] == [host, "studio." + host, "studio." + host, host]
            assert sorted(texts[4].split()) == sorted([host, "studio." + host])
    watched.render(settings={"NOT_THERE": 1})
    assert site.text("apps/undefined") == "True"


def test_files_that_a_plugin_makes_after_saving_are_made_anew(hooked, memory):
    hooked.environ["LECTERN_MEMORY"] = memory
    hooked.plugin(
        "saver.py",
        "import os\nfrom tutor import hooks\n@hooks.Actions.ENV_SAVED.add()\ndef save(root, config):\n"
        "    open(os.path.join(root, 'made'), 'w').write(config['LMS_HOST'])\n"
        "    open(os.path.join(root, 'apps', 'cms.txt'), 'a').write(config['LMS_HOST'])\n",
    )
    for host in ("one", "two"):
        hooked.render(plugins=["saver"], settings={"LMS_HOST": host})
        assert (hooked.text("made"), hooked.text("apps/cms.txt")) == (host, "studio.%s My Open edX%s" % (host, host))
        assert not hooked.render(plugins=["saver"], settings={"LMS_HOST": host})["changed"]


def test_a_plugin_that_reads_config_yml_itself(watched):
    watched.plugin("open(os.environ['TUTOR_ROOT'] + '/config.yml').read().count('two') if os.path.exists(os.environ['TUTOR_ROOT']) else 0")
    watched.render()
    watched.render(settings={"PLATFORM_NAME": "two"})
    watched.render(settings={"PLATFORM_NAME": "two"})
    assert watched.value == "1"


@pytest.mark.parametrize("when", ["load", "render"])
def test_a_plugin_that_asks_tutor_for_settings(hooked, memory, when):
    hooked.environ["LECTERN_MEMORY"] = memory
    text = "import os\nfrom tutor import config, hooks\ndef host():\n    return config.load_full(os.environ['TUTOR_ROOT'])['LMS_HOST']\n"
    made = {"load": "host()", "render": "'{{ host() }}'"}[when]
    hooked.plugin(
        "asking.py",
        "%shooks.Filters.ENV_TEMPLATE_VARIABLES.add_item(('host', host))\n"
        "hooks.Filters.ENV_PATCHES.add_item(('asked', %s))\n" % (text, made),
    )
    harness.write(hooked.templates, {"apps/asked": "{{ patch('asked') }}"})
    for host in ("one", "two"):
        hooked.render(plugins=["asking"], settings={"LMS_HOST": host})
        assert hooked.text("apps/asked") == host


@pytest.mark.parametrize("name", ["memory.json", "compiled"])
@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"\x00\xff" * 50, b'{"inputs": {"process": 1}}'])
def test_damaged_files_of_memory(plain, remembering, name, content):
    plain.render(plugins=[])
    (plain.root / ".lectern" / name).write_bytes(content)
    plain.render(plugins=[], settings={"LMS_HOST": "new"})
    assert "host: new" in plain.text("apps/lms.yml")


SHAPES = {
    "result": lambda memory: memory.update(result=None),
    "outputs": lambda memory: memory.update(outputs=None),
    "files": lambda memory: memory["inputs"].update(files=None),
    "paths": lambda memory: memory["inputs"].update(paths=[1]),
    "programs": lambda memory: memory["inputs"].update(programs=[1]),
    "process": lambda memory: memory["inputs"].update(process={}),
    "more": lambda memory: memory.update(uses={"apps/cms.txt": []}),
    "nothing": lambda memory: memory.clear(),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("given", [{}, {"settings": {"LMS_HOST": "new"}}])
def test_memory_of_another_shape(plain, remembering, shape, given):
    """It counts as none, and is written anew."""
    plain.render(plugins=[])
    path = plain.root / ".lectern/memory.json"
    written = path.read_text()
    content = json.loads(written)
    SHAPES[shape](content["memory"])
    path.write_text(json.dumps(content))
    assert plain.render(plugins=[], **given)["changed"] == bool(given)
    assert ("host: new" in plain.text("apps/lms.yml")) == bool(given)
    assert json.loads(path.read_text())["memory"].keys() == json.loads(written)["memory"].keys()


@pytest.mark.parametrize("content", [b"[" * 100000, b'{"digest": "", "memory": {}}', b"null"])
def test_memory_that_is_none(plain, remembering, content):
    plain.render(plugins=[])
    (plain.root / ".lectern/memory.json").write_bytes(content)
    assert not plain.render(plugins=[])["changed"]


def test_memory_is_for_the_owner_alone(plain, remembering):
    plain.render(plugins=[])
    for name in ("memory.json", "compiled"):
        assert (plain.root / ".lectern" / name).stat().st_mode & 0o777 == 0o600


def test_no_setting_is_in_the_memory(plain, remembering):
    plain.render(plugins=[], settings={"SMTP_PASSWORD": "givengiven"})
    secrets = [value for key, value in plain.settings().items() if key != "PLUGINS"]
    for name in ("memory.json", "compiled"):
        content = (plain.root / ".lectern" / name).read_bytes()
        assert [secret for secret in secrets if secret.encode() in content] == []


# What is otherwise in a Python that nobody knows yet.
AUDIT = "from ansible_collections.lectern.tutor.plugins.module_utils.memory import audit\n"
OTHER_PYTHONS = {
    "functions-of-pathlib": "import pathlib, posix\npathlib.Path.stat = lambda self, **options: posix.stat(str(self), **options)\n",
    "class-of-the-environment": "import os\nos.environ = dict(os.environ)\n",
    "frames": AUDIT + "audit.frame_at = lambda depth: None\n",
    "events": AUDIT + "audit.NOTED = {**audit.NOTED, 'open': lambda seen, path: None}\n",
    "signature-of-an-event": AUDIT + "audit.NOTED = {**audit.NOTED, 'exec': lambda seen: None}\n",
}


@pytest.mark.parametrize("other", OTHER_PYTHONS)
def test_what_changed_arrives_in_a_python_with_other_internals(watched, other):
    harness.write(watched.site.packages, {"other_python.py": OTHER_PYTHONS[other]})
    watched.site.preload = ["other_python"]
    watched.plugin("os.environ.get('SITE_COLOUR')")
    for number, colour in enumerate(("red", "green", "green"), 1):
        watched.site.environ["SITE_COLOUR"] = colour
        assert watched.render()["changed"] == (number < 3)
        assert watched.value == colour


KEPT = ("memory.json", "compiled")


def test_a_memory_that_is_off(watched):
    """Nothing is read from it and nothing is written to it; a memory that was kept before is compared as ever when it is on again."""
    watched.site.environ["LECTERN_MEMORY"] = "0"
    watched.plugin("1")
    for loads in (1, 2):
        assert watched.render()["changed"] == (loads == 1)
        assert watched.loads == loads
    own = watched.site.root / ".lectern"
    assert not [name for name in KEPT if (own / name).exists()]

    del watched.site.environ["LECTERN_MEMORY"]
    watched.plugin("2")
    watched.remembered()
    before = harness.snapshot(*(own / name for name in KEPT))
    watched.site.environ["LECTERN_MEMORY"] = "0"
    watched.plugin("3")
    loads = watched.loads
    assert watched.render()["changed"]
    assert not watched.render()["changed"]
    assert (watched.value, watched.loads) == ("3", loads + 2)
    assert harness.snapshot(*(own / name for name in KEPT)) == before

    del watched.site.environ["LECTERN_MEMORY"]
    watched.plugin("4")
    watched.render()
    assert watched.value == "4"
    watched.remembered()
