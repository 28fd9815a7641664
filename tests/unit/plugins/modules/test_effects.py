# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plugins with effects of their own: what they do to files below the root while they are loaded, and as the process ends."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from ansible_collections.lectern.tutor.tests.unit.plugins.modules import harness

READY = "from tutor import hooks\n@hooks.Actions.PROJECT_ROOT_READY.add()\ndef ready(root):\n"
# What plugins do, by name; ROOT is the root, HERE the plugins root.
EFFECTS = {
    "folders-and-a-file": (
        READY
        + """
    os.makedirs(os.path.join(root, "env", "plugins", "side", "sources"), exist_ok=True)
    with open(os.path.join(root, "side.txt"), "w", encoding="utf-8") as stream:
        stream.write("x")
"""
    ),
    "folder-made-anew": (
        READY
        + """
    target = os.path.join(root, "env", "build", "openedx", "app")
    if os.path.exists(target):
        shutil.rmtree(target)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    shutil.copytree(os.path.join(HERE, "app"), target)
"""
    ),
    "file-made-once": (
        READY
        + """
    target = pathlib.Path(root) / "env" / "plugins" / "once" / "once.txt"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text("once")
"""
    ),
    "folder-made-once": READY
    + "    shutil.copytree(HERE + '/app', root + '/env/once') if not os.path.isdir(root + '/env/once') else None\n",
    "while-imported": """
ROOT = os.environ["TUTOR_ROOT"]
os.makedirs(ROOT + "/env/plugins/early", exist_ok=True)
with open(ROOT + "/env/plugins/early/root.txt", "w") as stream:
    stream.write(ROOT)
""",
    "with-the-context-of-click": """
import click
root = click.get_current_context().params["root"]
os.makedirs(root + "/env/clicked/empty", exist_ok=True)
open(root + "/env/clicked/file", "w").close()
""",
    "when-all-are-loaded": """
from tutor import hooks
@hooks.Actions.PLUGINS_LOADED.add()
def loaded():
    os.makedirs(os.environ["TUTOR_ROOT"] + "/env/late", exist_ok=True)
    pathlib.Path(os.environ["TUTOR_ROOT"], "env", "late", "loaded").write_bytes(b"x")
@hooks.Actions.CONFIG_LOADED.add()
def configured(config):
    os.makedirs(os.environ["TUTOR_ROOT"] + "/env/late", exist_ok=True)
    pathlib.Path(os.environ["TUTOR_ROOT"], "env", "late", "host").write_text(config["LMS_HOST"])
""",
    "by-programs": (
        READY
        + """
    subprocess.run(["mkdir", "-p", root + "/env/programs"], check=True)
    subprocess.run("cp -r app '%s/env/programs/'" % root, shell=True, cwd=HERE, check=True)
    subprocess.run(["sh", "-c", 'printf %s "$TUTOR_ROOT" > root.txt'], cwd=os.path.join(root, "env", "programs"), check=True)
    os.system("echo more > \\"$TUTOR_ROOT/env/programs/more.txt\\"")
"""
    ),
    "by-a-thread": (
        READY
        + """
    def work():
        threading.Event().wait(0.1)
        os.makedirs(root + "/env/threads", exist_ok=True)
        with open(root + "/env/threads/made.txt", "w") as stream:
            stream.write("made")
    threading.Thread(target=work).start()
"""
    ),
    "by-a-pool-of-threads": (
        "from concurrent.futures import ThreadPoolExecutor\npool = ThreadPoolExecutor(2)\n"
        + READY
        + """
    def work(number):
        threading.Event().wait(0.4)
        os.makedirs(root + "/env/pool", exist_ok=True)
        open(root + "/env/pool/%d" % number, "w").close()
    for number in range(3):
        pool.submit(work, number)
"""
    ),
    "in-the-working-directory": (
        READY
        + """
    os.makedirs(root, exist_ok=True)
    os.chdir(root)
    os.makedirs("env/relative", exist_ok=True)
    open("env/relative/cwd.txt", "w").write(os.getcwd() + "|" + os.path.realpath("env") + "|" + str(pathlib.Path("env").resolve()))
"""
    ),
    "renamed-into-place": (
        READY
        + """
    os.makedirs(root + "/env/atomic", exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=root + "/env/atomic", delete=False) as stream:
        stream.write("whole")
    os.chmod(stream.name, 0o644)
    os.replace(stream.name, root + "/env/atomic/whole.txt")
"""
    ),
    "overwritten-by-what-is-rendered": (
        READY
        + """
    os.makedirs(root + "/env/apps/redis", exist_ok=True)
    with open(root + "/env/apps/redis/redis.conf", "a") as stream:
        stream.write("# lost\\n")
"""
    ),
    "edited-at-exit": """
def last_touch():
    name = os.path.join(os.environ["TUTOR_ROOT"], "env", "apps", "redis", "redis.conf")
    with open(name, encoding="utf-8") as stream:
        text = stream.read()
    if "# touched" not in text:
        with open(name, "a", encoding="utf-8") as stream:
            stream.write("# touched\\n")
atexit.register(last_touch)
""",
    "finalized-at-exit": """
import weakref
from tutor import hooks
class Held: pass
held = Held()
def bye(path):
    with open(path + "/env/finalized.txt", "a") as stream: stream.write("bye")
@hooks.Actions.PROJECT_ROOT_READY.add()
def ready(root):
    if os.path.exists(root + "/env/finalized.txt"): os.remove(root + "/env/finalized.txt")
    weakref.finalize(held, bye, root)
""",
    "made-and-removed-at-exit": """
@atexit.register
def first():
    os.unlink(os.environ["TUTOR_ROOT"] + "/env/local/docker-compose.prod.yml")
    assert os.path.exists(os.environ["TUTOR_ROOT"] + "/env/exit/second")
@atexit.register
def second():
    os.makedirs(os.environ["TUTOR_ROOT"] + "/env/exit", exist_ok=True)
    open(os.environ["TUTOR_ROOT"] + "/env/exit/second", "w").close()
""",
    "after-saving-by-the-variable": """
from tutor import hooks
@hooks.Actions.ENV_SAVED.add()
def saved(env, config):
    assert env == os.environ["TUTOR_ROOT"] + "/env"
    with open(os.environ["TUTOR_ROOT"] + "/env/saved.txt", "w") as stream:
        stream.write(env + config["LMS_HOST"])
    with open(os.path.dirname(env) + "/beside.txt", "w") as stream:
        stream.write("beside")
""",
}
IMPORTS = "import atexit, os, pathlib, shutil, subprocess, sys, tempfile, threading\nHERE = os.path.dirname(os.path.abspath(__file__))\n"


@pytest.fixture
def real(hooked):
    """A platform with Tutor's own templates, and Tutor's command on a root of its own."""
    hooked.options["templates"] = None
    harness.write(hooked.plugins_root, {"app/a.py": "A = 1\n", "app/deep/b.py": "B = 2\n"})
    return hooked


def tutor(site, root):
    environ = dict(os.environ, TUTOR_ROOT=str(root), TUTOR_PLUGINS_ROOT=str(site.plugins_root), HOME=str(site.folder))
    command = [str(Path(site.server.python).with_name("tutor")), "config", "save"]
    done = subprocess.run(command, env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def entries(root, name="root"):
    """Files (content) and folders (None) below a root, but for data that nobody renders; the root's own path is told as ROOT."""
    found = {str(path.relative_to(root)): path.read_bytes() if path.is_file() else None for path in root.rglob("*")}
    own = (".lectern", "config.yml")
    text = {key: value and value.replace(bytes(root), b"ROOT") for key, value in found.items() if not key.startswith(own)}
    return {key: value for key, value in text.items() if "__pycache__" not in key}


def upstream(site, plugin):
    """What Tutor leaves when it has settled, from the same settings."""
    root = site.folder / "upstream"
    root.mkdir(exist_ok=True)
    (root / "config.yml").write_text("PLUGINS: [%s]\n" % plugin)
    tutor(site, root)
    (site.root).mkdir(mode=0o700, exist_ok=True)
    site.config.write_bytes((root / "config.yml").read_bytes())
    tutor(site, root)
    return entries(root)


@pytest.mark.parametrize("name", EFFECTS)
def test_tree_is_upstreams_and_four_runs_do_as_they_say(real, name):
    """Check mode writes nothing and tells what the real run does; the second run changes nothing."""
    real.plugin("effect.py", IMPORTS + EFFECTS[name])
    expected = upstream(real, "effect")
    before = real.snapshot()
    checked = real.ok("environment", check=True, diff=True)
    assert real.snapshot() == before
    done = real.render(diff=True)
    assert (checked["changed"], checked["actions"]) == (True, done["actions"])
    found = entries(real.root)
    assert {key: found.get(key, 0) for key in {*found, *expected} if found.get(key, 0) != expected.get(key, 0)} == {}
    before = real.snapshot()
    for check in (True, False):
        again = real.ok("environment", check=check, diff=True)
        assert (again["changed"], again["actions"], again["diff"]) == (False, [], [])
        assert real.snapshot() == before
    assert not any(entry["drift"] for entry in real.ok("environment_info")["files"].values())


@pytest.fixture
def small(hooked):
    """A platform with small templates, and a folder that plugins copy."""
    harness.write(hooked.plugins_root, {"app/a.py": "A = 1\n", "app/deep/b.py": "B = 2\n"})
    return hooked


def enable(site, *names, **codes):
    """Renders with these of EFFECTS, and plugins of this code."""
    for name, code in {**{name: EFFECTS[name] for name in names}, **codes}.items():
        site.plugin(name + ".py", IMPORTS + code)
    return site.render(plugins=sorted({*names, *codes}))


def test_check_mode_and_modules_that_look_leave_nothing_where_there_is_no_root(small):
    for name, code in EFFECTS.items():
        small.plugin(name + ".py", IMPORTS + code)
    names = sorted({*EFFECTS} - {"edited-at-exit", "made-and-removed-at-exit"})
    assert small.ok("environment", check=True, plugins=names)["changed"]
    assert {entry["error"] for entry in small.ok("plugin_info")["plugins"]} == {""}
    assert not os.path.lexists(small.root)
    small.edit(PLUGINS=names)
    before = small.snapshot()
    for module in ("plugin_info", "config_info", "environment_info"):
        assert not small.ok(module)["changed"]
    small.ok("plugin", check=True, name=["edited-at-exit"], state="enabled")
    small.ok("config", check=True, settings={"LMS_HOST": "new"})
    assert small.snapshot() == before


@pytest.mark.parametrize("name", ["folder-made-anew", "folder-made-once", "by-programs"])
def test_files_of_a_plugin_are_restored_told_and_removed_with_it(small, name):
    enable(small, name)
    [made] = small.env.rglob("a.py")
    inside = str(made.relative_to(small.env))
    files = small.ok("environment_info")["files"]
    assert (files[inside]["owner"], files[inside]["template"], files[inside]["drift"]) == (name, "", False)
    made.write_text("A = 666\n")
    (made.parent / "deep/b.py").unlink()
    assert small.ok("environment_info")["files"][inside]["drift"]
    before = small.snapshot()
    checked = small.ok("environment", check=True, diff=True)
    assert small.snapshot() == before
    assert ("A = 666\n", "A = 1\n") in {(one["before"], one["after"]) for one in checked["diff"]}
    result = small.render()
    assert (result["files"]["changed"], result["files"]["created"]) == ([inside], [inside.replace("a.py", "deep/b.py")])
    assert checked["actions"] == result["actions"]
    assert made.read_text() == "A = 1\n"
    assert not small.render()["changed"]
    removed = small.render(plugins=[])["files"]["removed"]
    assert {inside, inside.replace("a.py", "deep/b.py")} <= {*removed}
    assert not made.parent.exists()
    assert not small.render()["changed"]


def test_what_stands_in_a_folder_that_a_plugin_makes_anew_goes(small):
    enable(small, "folder-made-anew")
    folder = small.env / "build/openedx/app"
    harness.write(folder, {"extra.py": "", "deep/more/extra.py": ""})
    harness.write(small.env, {"build/openedx/mine.txt": "mine"})
    assert small.render(prune=False)["files"]["removed"] == ["build/openedx/app/deep/more/extra.py", "build/openedx/app/extra.py"]
    assert sorted(os.listdir(folder)) == ["a.py", "deep"]
    assert small.text("build/openedx/mine.txt") == "mine"
    (small.plugins_root / "app/a.py").write_text("A = 2\n")
    (small.plugins_root / "app/deep/b.py").unlink()
    files = small.render()["files"]
    assert (files["changed"], files["removed"]) == (["build/openedx/app/a.py"], ["build/openedx/app/deep/b.py"])


def test_what_a_plugin_does_beside_the_environment(small):
    """It is told, done in the real run, and left alone when the plugin is disabled."""
    code = (
        READY
        + "    open(root + '/side.txt', 'w').write('new')\n    os.remove(root + '/old.txt') if os.path.exists(root + '/old.txt') else 0\n"
    )
    code += "    os.makedirs(root + '/data/p/empty', exist_ok=True)\n    shutil.rmtree(root + '/gone', ignore_errors=True)\n"
    small.edit()
    harness.write(small.root, {"side.txt": "old", "old.txt": "old", "gone/a": "1", "gone/b/c": "2", "data/q/kept": "3", "data/p/kept": "4"})
    small.plugin("beside.py", IMPORTS + code)
    checked = small.ok("environment", check=True, plugins=["beside"])
    result = small.render(plugins=["beside"])
    told = [
        action for action in result["actions"] if str(small.env) not in action and ".lectern" not in action and "config.yml" not in action
    ]
    expected = ["Changed ROOT/side.txt", "Removed ROOT/gone/a", "Removed ROOT/gone/b/c", "Removed ROOT/old.txt"]
    assert sorted(action.replace(str(small.root), "ROOT") for action in told if "0700" not in action) == [
        "Changed ROOT/side.txt",
        "Created folder ROOT/data/p/empty",
        *expected[1:],
    ]
    assert checked["actions"] == result["actions"]
    assert (small.root / "side.txt").read_text() == "new"
    assert (small.root / "data/p/empty").is_dir()
    assert [(small.root / "data" / name / "kept").read_text() for name in "qp"] == ["3", "4"]
    assert not (small.root / "old.txt").exists()
    assert not small.render()["changed"]
    small.render(plugins=[])
    assert (small.root / "side.txt").read_text() == "new"


EDITS = {
    "append": "open(path, 'a').write('# ours\\n') if '# ours' not in open(path).read() else 0",
    "read-and-write": "text = open(path).read().replace('# ours\\n', '')\n    open(path, 'w').write(text + '# ours\\n')",
    "pathlib": "file = pathlib.Path(path)\n    file.write_text(file.read_text().replace('# ours\\n', '') + '# ours\\n')",
    "program": "subprocess.run(['sh', '-c', 'grep -q ours $0 || echo \\'# ours\\' >> $0', path], check=True)",
}


@pytest.mark.parametrize("when", ["ready", "exit"])
@pytest.mark.parametrize("name", EDITS)
def test_a_file_of_the_operator_that_a_plugin_edits_stays_the_operators(small, name, when):
    """The plugin does not become its owner: disabling the plugin does not remove the file."""
    enable(small, "file-made-once")
    harness.write(small.root, {"env/local/docker-compose.override.yml": "mine: {}\n"})
    path = "    path = os.environ['TUTOR_ROOT'] + '/env/local/docker-compose.override.yml'\n"
    start = READY if when == "ready" else "@atexit.register\ndef bye():\n"
    small.plugin("editor.py", IMPORTS + start + path + "    " + EDITS[name] + "\n")
    before = small.snapshot()
    checked = small.ok("environment", check=True, plugins=["editor"])
    assert small.snapshot() == before
    result = small.render(plugins=["editor"])
    assert checked["actions"] == result["actions"]
    assert "local/docker-compose.override.yml" in result["files"]["changed"]
    assert small.text("local/docker-compose.override.yml") == "mine: {}\n# ours\n"
    before = small.snapshot()
    for check in (True, False):
        assert small.ok("environment", check=check)["actions"] == []
    assert small.snapshot() == before
    small.render(plugins=[])
    assert small.text("local/docker-compose.override.yml") == "mine: {}\n# ours\n"


def test_who_reads_the_environment_gets_what_is_there_now(small):
    harness.write(small.templates, {"version": "{{ LMS_HOST }}\n"})
    read = "path = os.environ['TUTOR_ROOT'] + '/env/version'\nfound = open(path).read() if os.path.exists(path) else 'nothing'\n"
    enable(small, reader="from tutor import hooks\n" + read + "hooks.Filters.ENV_PATCHES.add_item(('lms-env', 'found: ' + found))\n")
    assert "found: nothing" in small.text("apps/lms.yml")
    for host in ("one", "two"):
        small.render(settings={"LMS_HOST": host})
        assert small.render()["changed"]
        assert "found: %s" % host in small.text("apps/lms.yml")
        assert not small.render()["changed"]


@pytest.mark.parametrize(
    "question",
    [
        "os.path.isdir(root)",
        "sorted(os.listdir(root)) if os.path.exists(root) else 0",
        "os.path.isfile(root + '/env/apps/lms.yml')",
        "len(list(pathlib.Path(root).rglob('*')))",
        "sum(len(names) for _path, _folders, names in os.walk(root + '/env'))",
        "[entry.name for entry in os.scandir(root)] if os.path.exists(root) else 0",
    ],
)
def test_who_looks_for_what_the_first_call_makes_is_asked_again(small, question):
    code = "from tutor import hooks\nroot = os.environ['TUTOR_ROOT']\nfound = %s\n" % question
    enable(small, asking=code + "hooks.Filters.ENV_PATCHES.add_item(('lms-env', 'found: %s' % (found,)))\n")
    first = small.text("apps/lms.yml")
    small.render()
    assert small.text("apps/lms.yml") != first


def test_what_tutor_config_answers_is_no_reading_of_the_root(small):
    log = small.folder / "log"
    code = (
        "from tutor import config, hooks\nopen(%r, 'a').write('x')\nhost = config.load_full(os.environ['TUTOR_ROOT'])['LMS_HOST']\n"
        % str(log)
    )
    enable(small, asking=code + "hooks.Filters.ENV_PATCHES.add_item(('lms-env', host))\n")
    loads = log.read_text()
    assert not small.render(plugins=["asking"])["changed"]
    assert log.read_text() == loads


@pytest.mark.parametrize("name", ["folders-and-a-file", "file-made-once", "edited-at-exit", "by-a-thread"])
def test_who_has_effects_is_loaded_each_time(small, name):
    log = small.folder / "log"
    harness.write(small.templates, {"apps/redis/redis.conf": "port 1\n"})
    enable(small, **{name: EFFECTS[name] + "\nopen(%r, 'a').write('x')\n" % str(log)})
    for loads in (2, 3):
        assert not small.render(plugins=[name])["changed"]
        assert log.read_text() == "x" * loads


def test_templates_that_a_plugin_writes_into_the_environment(small):
    code = READY + "    os.makedirs(root + '/env/own/templates/p', exist_ok=True)\n"
    code += "    open(root + '/env/own/templates/p/rendered', 'w').write('{{ LMS_HOST }}')\n"
    code += "    open(root + '/env/own/templates/p/verbatim.ttf', 'wb').write(b'\\xff')\n"
    code += "    hooks.Filters.ENV_TEMPLATE_ROOTS.add_item(root + '/env/own/templates')\n"
    code += "    hooks.Filters.ENV_TEMPLATE_TARGETS.add_item(('p', 'plugins'))\n"
    enable(small, templates=code)
    assert (small.text("plugins/p/rendered"), (small.env / "plugins/p/verbatim.ttf").read_bytes()) == ("www.myopenedx.com", b"\xff")
    assert not small.render()["changed"]


def test_settings_that_a_plugin_writes_into_config_yml(small):
    small.edit(KEPT=1, DROPPED=2, LMS_HOST="old")
    code = READY + (
        "    import yaml\n    path = root + '/config.yml'\n    config = yaml.safe_load(open(path))\n    config.pop('DROPPED', None)\n"
        "    config['ADDED'] = 3\n    open(path, 'w').write(yaml.safe_dump(config))\n"
    )
    small.plugin("settings.py", IMPORTS + code)
    before = small.snapshot()
    checked = small.ok("environment", check=True, plugins=["settings"], settings={"LMS_HOST": "new"})
    assert small.snapshot() == before
    result = small.render(plugins=["settings"], settings={"LMS_HOST": "new"})
    assert checked["changed_keys"] == result["changed_keys"]
    assert {"ADDED", "DROPPED", "LMS_HOST"} <= {*result["changed_keys"]}
    saved = small.settings()
    assert (saved["KEPT"], saved["ADDED"], saved["LMS_HOST"], "DROPPED" in saved) == (1, 3, "new", False)
    assert not small.render()["changed"]


def test_what_fails_at_exit_names_the_plugin(small):
    small.plugin("bad.py", IMPORTS + "@atexit.register\ndef bye():\n    raise ValueError('no good')\n")
    message = "What plugin 'bad' does at exit failed: ValueError: no good, at %s line 5." % (small.plugins_root / "bad.py")
    assert small.refused(plugins=["bad"]) == message


def test_what_a_plugin_does_at_exit_is_done_once_and_after_all_else(small):
    log = small.folder / "log"
    code = "def bye(*words, end):\n    open(%r, 'a').write(' '.join(words) + end)\n" % str(log)
    code += "atexit.register(bye, 'a', 'b', end='.')\natexit.register(bye, end='never')\natexit.unregister(print)\n"
    code += "def gone():\n    raise ValueError()\natexit.register(gone)\natexit.unregister(gone)\n"
    code += "from tutor import hooks\nhooks.Actions.ENV_SAVED.add()(lambda root, config: bye(end='saved '))\n"
    enable(small, bye=code)
    assert log.read_text() == "saved nevera b."


def test_what_a_library_does_at_exit_is_done_at_exit(small):
    """A process of its own, as the tests' runner ends its children at once."""
    log = small.folder / "log"
    library = "import atexit\natexit.register(lambda: open(%r, 'a').write('library '))\n" % str(log)
    harness.write(small.folder / "site-packages", {"helping.py": library})
    small.plugin("p.py", IMPORTS + "sys.path.insert(0, %r)\nimport helping\n" % str(small.folder / "site-packages"))
    script = (
        "import sys\nfrom ansible_collections.lectern.tutor.plugins.module_utils.base import places\n"
        "from ansible_collections.lectern.tutor.plugins.module_utils.root import prepare, transaction\n"
        "there = places.resolve_places(%r, %r, %r)\n"
        "transaction.execute(there, prepare.Request(plugins=['p']), True)\nopen(%r, 'a').write('end ')\n"
        % (str(small.root), str(small.plugins_root), str(small.templates), str(log))
    )
    environ = dict(os.environ, PYTHONPATH=str(harness.CHECKOUT / ".build/collections"), HOME=str(small.folder))
    subprocess.run([small.server.python, "-c", script], env=environ, check=True, cwd=small.folder)
    assert log.read_text() == "end library "


@pytest.mark.parametrize("place, kind", [("env/link", "symbolic link"), ("link", "symbolic link"), ("env/pipe", "special file")])
def test_what_is_no_file_is_refused(small, place, kind):
    make = "os.mkfifo(root + '/%s')" % place if kind == "special file" else "os.symlink('/etc', root + '/%s')" % place
    small.plugin("p.py", IMPORTS + READY + "    os.makedirs(root + '/env', exist_ok=True)\n    %s\n" % make)
    where = "environment" if place.startswith("env/") else "root"
    assert small.refused(plugins=["p"]) == "Plugin 'p' puts the %s '%s' into the %s: refused." % (kind, os.path.basename(place), where)


def test_compiled_code_that_writes_is_refused(small):
    code = READY + "    os.makedirs(root, exist_ok=True)\n    import sqlite3\n    sqlite3.connect(root + '/base.db').close()\n"
    small.plugin("p.py", IMPORTS + code)
    message = small.refused(plugins=["p"])
    assert message.startswith("PROJECT_ROOT_READY of plugin 'p' failed: ") or "writes '%s/base.db' by compiled code" % small.root in message
    assert "writes '%s/base.db' by compiled code" % small.root in message
    assert not small.root.exists()


def test_a_thread_that_never_ends(small, monkeypatch):
    small.plugin("p.py", IMPORTS + "threading.Thread(target=threading.Event().wait, args=(0.5,)).start()\n")
    small.render(plugins=["p"])


def test_an_error_names_the_file_of_the_root(small):
    code = READY + "    os.makedirs(root + '/env')\n    open(root + '/env/absent/file', 'w')\n"
    small.plugin("p.py", IMPORTS + code)
    assert "No such file or directory: '%s/env/absent/file'" % small.root in small.refused(plugins=["p"])


def test_a_v0_package_that_writes_while_it_is_imported(plain):
    plain.package(
        "old",
        "import os\nroot = os.environ['TUTOR_ROOT']\nos.makedirs(root + '/env/old', exist_ok=True)\n"
        "open(root + '/env/old/made.txt', 'w').write('made')\nconfig = {}\n",
    )
    plain.environ["TUTOR_ROOT"] = str(plain.root)
    assert {entry["error"] for entry in plain.ok("plugin_info")["plugins"]} == {""}
    checked = plain.ok("environment", check=True, plugins=["old"])
    assert not os.path.lexists(plain.root)
    result = plain.render(plugins=["old"])
    assert checked["actions"] == result["actions"]
    assert plain.text("old/made.txt") == "made"
    before = plain.snapshot()
    for check in (True, False):
        assert not plain.ok("environment", check=check)["changed"]
    assert plain.snapshot() == before
    (plain.env / "old/made.txt").write_text("edited")
    assert plain.render()["files"]["changed"] == ["old/made.txt"]
    assert plain.render(plugins=[])["files"]["removed"] == ["old/made.txt"]


REPLACED = {
    "tutor.env.Renderer.render_template": "env.Renderer.render_template = lambda self, name: ''",
    "tutor.env.save": "env.save = print",
    "tutor.env.Renderer": "env.Renderer = type('Renderer', (env.Renderer,), {})",
    "tutor.env.render_str": "hooks.Actions.PROJECT_ROOT_READY.add()(lambda root: setattr(env, 'render_str', str))",
    "tutor.config.get_defaults": "config.get_defaults = dict",
    "tutor.config.load_full": "hooks.Actions.PLUGINS_LOADED.add()(lambda: setattr(config, 'load_full', dict))",
    "tutor.config.render_full": "hooks.Actions.CONFIG_LOADED.add()(lambda settings: setattr(config, 'render_full', dict))",
}


@pytest.mark.parametrize("name", REPLACED)
def test_functions_of_tutor_that_a_plugin_replaces_are_named(small, name):
    small.plugin("good.py", IMPORTS + "from tutor import env, hooks\nenv.BIN_FILE_EXTENSIONS.append('.x')\nenv.added = print\n")
    small.plugin("stamped.py", IMPORTS + "from tutor import config, env, hooks\n%s\n" % REPLACED[name])
    for check in (True, False, False, True):  # the last two from memory
        printed = small.ok("environment", check=check, plugins=["good", "stamped"]).printed
        assert printed.count("Plugin 'stamped' replaces ") == 1
        assert "Plugin 'stamped' replaces %s, which Lectern does not call when it renders or reads settings: " % name in printed
    assert " replaces " not in small.ok("environment", plugins=["good"]).printed


def test_effects_where_python_has_no_frames(small):
    """Nobody can tell then which plugin's code runs; it is led to the copy all the same."""
    package = "ansible_collections.lectern.tutor.plugins.module_utils.memory"
    harness.write(small.packages, {"frameless.py": "from %s import audit\naudit.frame_at = lambda depth: None\n" % package})
    small.preload = ["frameless"]
    small.plugin("effect.py", IMPORTS + EFFECTS["folder-made-anew"])
    small.ok("environment", check=True, plugins=["effect"])
    assert not os.path.lexists(small.root)
    small.render(plugins=["effect"])
    assert small.text("build/openedx/app/a.py") == "A = 1\n"
    assert not small.render()["changed"]
