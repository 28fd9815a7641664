# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the owner of a root can make of a call that root makes there: nothing that he could not do himself."""

from __future__ import annotations

import contextlib
import hashlib
import json
import marshal
import multiprocessing
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base import delegate, ownership
from ansible_collections.lectern.tutor.plugins.module_utils.base.content import digest
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.base.places import resolve_places
from ansible_collections.lectern.tutor.plugins.module_utils.memory import store
from ansible_collections.lectern.tutor.plugins.module_utils.render.changes import Changes
from ansible_collections.lectern.tutor.plugins.module_utils.root import prepare, transaction
from ansible_collections.lectern.tutor.tests.unit.plugins.modules import harness

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can work as another user")
OWNER, OTHER, GROUP = 2775, 2776, 4242
WHO = f"the user with id {OWNER}"
SHELL = "{{ cycler.__init__.__globals__.os.popen(%s).read() }}"
MODULES = sorted(path.stem for path in (harness.CHECKOUT / "plugins/modules").glob("*.py") if path.stem != "cached_module")
NEEDED = {
    "course": {"repository": "/nonexistent", "version": "main"},
    "theme": {"name": "default"},
    "user": {"name": "learner", "email": "learner@example.org"},
    "root_copy": {"folder": "/tmp/lectern-ownership"},
    "image": {"state": "built"},
    "job": {"name": "init"},
    "plugin": {"name": ["x"], "state": "disabled"},
    "record_run": {"metrics_dir": "/nonexistent", "site": "x"},
    "timers": {"timers": []},
}
WITH_ENGINE = {
    "course",
    "deployment_info",
    "health",
    "image",
    "image_info",
    "job",
    "logs",
    "maintenance",
    "prepare_start",
    "record_run",
    "restart",
    "service_info",
    "smoke",
    "status_info",
    "theme",
    "user",
}
# They don't look at config.yml; course only once it has fetched one.
WITHOUT_SETTINGS = {"course", "environment_info", "package_info", "root_copy", "timers"}


def give(uid: int, *paths: Path) -> None:
    for path in paths:
        for each in [path, *path.rglob("*")]:
            os.chown(each, uid, uid, follow_symlinks=False)


@pytest.fixture
def world():
    """A folder that every user can enter; root's, and what is in it."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)


def owned(server, world: Path) -> harness.Site:
    site = harness.Site(server, world)
    site.root.mkdir()
    give(OWNER, site.root, site.plugins_root)
    return site


@pytest.fixture(scope="module")
def ready(tmp_path_factory, readable_collection):
    """Starts processes that have imported all of Python, which may lie in root's own home folder."""
    with harness.starting_servers(tmp_path_factory.mktemp, readable_collection, {"library": True}) as server:
        yield server


@pytest.fixture
def theirs(ready, world):
    """A root and a plugins root of another user, on which root works."""
    return owned(ready("without-tutor"), world)


@pytest.fixture
def hooked_theirs(ready, world):
    """The same beside Tutor 22."""
    return owned(ready("tutor-22"), world)


@pytest.fixture
def heap(world):
    """A folder that everybody can write to, outside of the root."""
    path = world / "heap"
    path.mkdir()
    path.chmod(0o777)
    return path


@pytest.fixture
def secret(world):
    """A file that root alone can read, and that is YAML."""
    path = world / "shadow"
    path.write_text("root:$y$precious:20000:0:99999:7:::\n")
    path.chmod(0o600)
    return path


@pytest.fixture
def etc(world):
    """A folder that root alone can write to."""
    path = world / "etc"
    path.mkdir(mode=0o755)
    (path / "passwd").write_text("root:x:0:0::/root:/bin/bash\n")
    return path


def write_as_owner(site: harness.Site, name: str, content) -> Path:
    path = site.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    give(OWNER, site.root)
    return path


def link_as_owner(path: Path, target: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    path.symlink_to(target)
    os.chown(path, OWNER, OWNER, follow_symlinks=False)


def test_everything_is_done_as_the_owner(theirs):
    theirs.render(plugins=[], settings={"IDS": SHELL % "'id -u; id -g; id -G'"})
    assert {path.lstat().st_uid for path in [theirs.root, *theirs.root.rglob("*")]} == {OWNER}
    assert theirs.ok("config_info", keys=["IDS"])["config"]["IDS"] == f"{OWNER}\n{OWNER}\n{OWNER}"
    theirs.uid = OWNER
    assert theirs.render(settings={"IDS": 1})["changed_keys"] == ["IDS"]


@pytest.mark.parametrize("name", ["without-tutor", "tutor-22"])
def test_host_user_id_is_the_owner_of_the_root(ready, world, name):
    site = owned(ready(name), world)
    (site.templates / "apps/uid.txt").write_text("{{ HOST_USER_ID }}")
    site.render()
    assert site.text("apps/uid.txt") == str(OWNER)


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("check", [True, False])
def test_code_in_config_runs_as_the_owner(theirs, heap, module, check):
    """Whatever the module, and in check mode too. The group of the Docker engine's socket goes to those that work with it alone."""
    path = theirs.folder / "engine.sock"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
    os.chown(path, 0, GROUP)
    path.chmod(0o660)
    theirs.environ["DOCKER_HOST"] = f"unix://{path}"
    ids = SHELL % f"'(id -u; id -G) >> {heap}/ran'"
    write_as_owner(theirs, "env/local/anything", "")
    write_as_owner(theirs, "config.yml", json.dumps({"PLUGINS": [], "LMS_HOST": f"x{ids}"}))
    result = theirs.run(module, check, **NEEDED.get(module, {}))
    shutil.rmtree(NEEDED["root_copy"]["folder"], ignore_errors=True)
    assert "bug" not in result.get("msg", "")
    ran = heap / "ran"
    if module in WITHOUT_SETTINGS or not ran.exists():
        assert module in WITHOUT_SETTINGS | {"plugin_info"} or (module, check) in (("prepare_start", True), ("record_run", True))
        return
    assert ran.stat().st_uid == OWNER
    lines = ran.read_text().splitlines()
    assert set(lines[::2]) == {str(OWNER)}
    assert set(lines[1::2]) == {f"{OWNER} {GROUP}" if module in WITH_ENGINE else f"{OWNER}"}


def test_link_in_place_of_config(theirs, secret):
    """Neither shown nor written."""
    before = harness.snapshot(secret)
    link_as_owner(theirs.config, secret)
    for module in ("config_info", "environment", "config", "plugin_info", "environment_info"):
        for check in (True, False):
            result = theirs.run(module, check, diff=True)
            assert "precious" not in result.printed
    assert "Permission denied" in theirs.refused("config_info", reveal=True)
    assert harness.snapshot(secret) == before


def test_journal_that_leads_elsewhere(theirs, etc):
    """By the text of a path, or by a folder of the root that is a link."""
    theirs.render(plugins=[])
    link_as_owner(theirs.root / "door", etc)
    write_as_owner(theirs, "mine", "root::0:0::/:/bin/sh")
    before = harness.snapshot(etc)
    for target in (theirs.root / "door/passwd", etc / "passwd", theirs.root / "door/new"):
        write_as_owner(theirs, ".lectern/journal.json", json.dumps({"moves": [[str(theirs.root / "mine"), str(target)]], "removals": []}))
        assert theirs.run("environment").failed
        write_as_owner(theirs, ".lectern/journal.json", json.dumps({"moves": [], "removals": [str(target)]}))
        theirs.run("environment")
        assert harness.snapshot(etc) == before


@pytest.mark.parametrize("name", ["generations", "staging", "logs", "manifest.json", "memory.json", "lock", "compiled", "ledger.json"])
def test_link_in_place_of_own_files(theirs, etc, secret, name):
    theirs.render(plugins=[])
    before = harness.snapshot(etc, secret)
    for target in (etc, secret, etc / "new"):
        link_as_owner(theirs.root / ".lectern" / name, target)
        for module in ("environment", "config_info", "environment_info"):
            result = theirs.run(module, diff=True, **({"settings": {"A": str(target)}} if module == "environment" else {}))
            assert "precious" not in result.printed
    assert harness.snapshot(etc, secret) == before


@pytest.mark.parametrize("check", [True, False])
def test_programs_that_memory_names(hooked_theirs, remembering, heap, check):
    theirs, ran, docker = hooked_theirs, heap / "ran", heap / "docker"
    docker.write_text(f"#!/bin/sh\nid -u >> {ran}\n")
    docker.chmod(0o755)
    theirs.environ["PATH"] = f"{heap}:{os.environ['PATH']}"
    theirs.render(plugins=[])
    path = theirs.root / ".lectern/memory.json"
    known = json.loads(path.read_text())["memory"]
    known["inputs"]["programs"] = [[["/bin/sh", "-c", f"id -u > {ran}"], "x"], [["docker", "info"], "x"]]
    for programs in (known["inputs"]["programs"], known["inputs"]["programs"][1:]):
        known["inputs"]["programs"] = programs
        content = json.dumps(known, sort_keys=True).encode()
        write_as_owner(theirs, ".lectern/memory.json", store.FORM % (digest(content).encode(), content))
        theirs.run("environment", check, plugins=[])
    assert set(ran.read_text().split()) == {str(OWNER)}  # by questions that a plugin may ask


@pytest.mark.parametrize("check", [True, False])
def test_compiled_templates_that_somebody_else_made(theirs, remembering, heap, check):
    theirs.render(plugins=[], settings={"A": "{{ LMS_HOST.upper() }}"})
    ran = heap / "ran"
    path = theirs.root / ".lectern/compiled"
    evil = compile("import os; open(%r, 'a').write(str(os.getuid()))" % str(ran), "x", "exec")
    content = marshal.dumps(replaced(marshal.loads(path.read_bytes()[32:]), evil))
    write_as_owner(theirs, ".lectern/compiled", hashlib.sha256(content).digest() + content)
    theirs.edit(A="{{ LMS_HOST.upper() }}", B=1, PLUGINS=[])
    give(OWNER, theirs.root)
    theirs.run("config_info", check)
    theirs.run("environment", check, settings={"C": 1})
    assert not ran.exists() or set(ran.read_text()) <= set(str(OWNER))


def replaced(found, evil):
    """The same with other code in it, whatever its shape."""
    if isinstance(found, dict):
        return {key: replaced(value, evil) for key, value in found.items()}
    if isinstance(found, (list, tuple)):
        return type(found)(replaced(value, evil) for value in found)
    if isinstance(found, bytes):
        with contextlib.suppress(ValueError, EOFError, TypeError):
            if isinstance(marshal.loads(found), type(evil)):
                return marshal.dumps(evil)
    return evil if isinstance(found, type(evil)) else found


def exchange(folder: Path, target: Path) -> None:
    """What the owner does meanwhile: a folder becomes a link, and a folder again."""
    os.setgroups([])
    os.setresgid(OWNER, OWNER, OWNER)
    os.setresuid(OWNER, OWNER, OWNER)
    kept = folder.with_name("kept")
    while True:
        with contextlib.suppress(OSError):
            folder.rename(kept)
        with contextlib.suppress(OSError):
            folder.symlink_to(target)
        with contextlib.suppress(OSError):
            folder.unlink()
        with contextlib.suppress(OSError):
            kept.rename(folder)


def test_folder_that_is_exchanged_for_a_link(world, etc):
    """While a call writes, 200 times."""
    harness.write(world / "templates", harness.CORE)
    root = world / "root"
    root.mkdir()
    give(OWNER, root)
    found = resolve_places(str(root), str(world / "plugins"), str(world / "templates"))
    owner = ownership.find_worker(found, found)

    def change(number):
        request = prepare.Request(changes=Changes({"LMS_HOST": str(number)}, {}, {}, []))
        with contextlib.suppress(LecternError, OSError):
            transaction.execute(found, request, False)
        return {}

    delegate.import_for(owner)
    delegate.run_as(owner, (), lambda: change(0))
    before = harness.snapshot(etc)
    enemy = multiprocessing.get_context("fork").Process(target=exchange, args=(root / "env/apps", etc))
    enemy.start()
    try:
        for number in range(200):
            with contextlib.suppress(LecternError):
                delegate.run_as(owner, (), lambda number=number: change(number))
    finally:
        enemy.kill()
        enemy.join()
    assert harness.snapshot(etc) == before


def test_link_to_a_folder_of_root(theirs, etc):
    """A link that the owner made does not lead root into a folder of its own."""
    link_as_owner(theirs.root, etc)
    before = harness.snapshot(etc)
    for check in (True, False):
        result = theirs.run("environment", check, settings={"A": 1})
        assert result.msg == (
            f"root '{etc}', which belongs to root, is reached by the symbolic link '{theirs.root}', which belongs to {WHO}: root does not "
            "follow it. Name the folder itself, or run as that user (become_user)."
        )
    assert harness.snapshot(etc) == before
    theirs.root.unlink()
    theirs.root.symlink_to(etc)  # root's own
    theirs.plugins_root.rmdir()
    assert theirs.ok("environment", True)["changed"]


def test_link_to_a_folder_of_the_owner(theirs):
    link = theirs.folder / "link"
    for uid in (OWNER, 0):
        link.unlink(missing_ok=True)
        link.symlink_to(theirs.root)
        os.chown(link, uid, uid, follow_symlinks=False)
        theirs.render(root=str(link))
    os.chown(link, OTHER, OTHER, follow_symlinks=False)
    assert f"symbolic link '{link}', which belongs to the user with id {OTHER}" in theirs.refused(root=str(link))


def test_root_of_roots_in_a_folder_of_somebody_else(theirs):
    """Its owner could put something else there at any moment."""
    root = theirs.root / "below/tutor"
    root.mkdir(parents=True)
    assert theirs.refused(root=str(root)) == (
        f"root '{root}' belongs to root, but lies in '{theirs.root}', which belongs to {WHO}, who can put something else in its place "
        "while root works there. Give what is in it to that user (chown, but not below data/), or move it into a folder of root's."
    )


def test_root_that_is_still_to_be_made(theirs):
    """It belongs to the owner of the folder that it is made in."""
    root = theirs.root / "below/tutor"
    assert theirs.ok("environment", True, root=str(root))["changed"]
    theirs.render(root=str(root))
    assert {path.lstat().st_uid for path in theirs.root.rglob("*")} == {OWNER}
    assert (root / "env/apps/lms.yml").is_file()


@pytest.mark.parametrize("option", ["plugins_root", "templates"])
def test_places_of_two_users(theirs, option):
    """What a third person writes is not run as the owner, nor what anybody else writes as root."""
    path = {"plugins_root": theirs.plugins_root, "templates": theirs.templates}[option]
    give(0, theirs.plugins_root, theirs.templates)
    theirs.render()
    give(OTHER, path)
    advice = f"what one of them writes would run with the rights of the other. Give both to one user (chown), or name another {option}."
    assert theirs.refused() == (
        f"{option} '{path}' belongs to the user with id {OTHER} and root '{theirs.root}' to the user with id {OWNER}: {advice}"
    )
    give(0, theirs.root)
    assert theirs.refused() == f"{option} '{path}' belongs to the user with id {OTHER} and root '{theirs.root}' to root: {advice}"


def test_plugins_of_root(theirs):
    """The owner reads them; what he can't read is refused, not left out."""
    give(0, theirs.plugins_root)
    theirs.plugin("one.yml", {"name": "one", "patches": {"lms-env": "x: {{ 'y' }}"}})
    theirs.render(plugins=["one"])
    assert theirs.text("apps/lms.yml").endswith("x: y")
    theirs.plugins_root.chmod(0o700)
    assert theirs.refused() == (
        f"The work has to be done as {WHO}, who owns the root, but that user can't enter '{theirs.plugins_root}', and so not read "
        f"plugins_root, '{theirs.plugins_root}'. Name a place that this user can read, or let that user in (chmod o+rx "
        f"'{theirs.plugins_root}')."
    )


def test_root_that_its_owner_cannot_reach(theirs):
    theirs.folder.chmod(0o700)
    assert theirs.run("environment").msg.startswith(
        f"The work has to be done as {WHO}, who owns the root, but that user can't enter '{theirs.folder}', and so not read root,"
    )


def test_engine_that_is_open_to_root_alone(theirs):
    path = theirs.folder / "engine.sock"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
    theirs.environ["DOCKER_HOST"] = f"unix://{path}"
    write_as_owner(theirs, "config.yml", "PLUGINS: []\n")
    for gid, mode in ((0, 0o660), (GROUP, 0o600), (GROUP, 0o640)):
        os.chown(path, 0, gid)
        path.chmod(mode)
        assert theirs.run("image_info").msg == (
            f"The socket of the Docker engine, '{path}', is open to root alone, but the work is done as {WHO}, who owns the root: give the "
            'socket a group of its own ("group": "docker" in /etc/docker/daemon.json, then restart the engine).'
        )
    theirs.ok("config_info")
    path.chmod(0o666)
    assert "No Docker engine answers" in theirs.run("image_info").msg


# What plugins try, who know that root started their process.
HOSTILE = """
import ctypes, json, os, signal, sys
found = []

def attempt(function, *arguments):
    try:
        found.append("%s: %r" % (getattr(function, "__name__", function), function(*arguments)))
    except OSError:
        pass

for function in (os.setuid, os.seteuid, os.setgid, os.setegid):
    attempt(function, 0)
attempt(os.setgroups, [0])
attempt(os.kill, os.getppid(), 0)
attempt(open, "/proc/%d/mem" % os.getppid(), "rb")
attempt(open, "/dev/tty", "rb")
attempt(open, {secret!r}, "rb")
for name in os.listdir("/proc/self/fd"):
    try:
        target = os.readlink("/proc/self/fd/" + name)
    except OSError:
        continue
    if not target.startswith(("pipe:", "/dev/null", "/proc/", "/tmp/#", "/tmp/")) or target.endswith(("output-1", "output-2")):
        found.append(target)
with open({log!r}, "w") as log:
    log.write("\\n".join(found))
"""


def test_what_a_plugin_can_do(hooked_theirs, heap, secret):
    """Its process has none of root's rights, and nothing that root had open."""
    site = hooked_theirs
    log = heap / "log"
    site.plugin("hostile.py", HOSTILE.format(secret=str(secret), log=str(log)))
    site.render(plugins=["hostile"])
    assert log.read_text() == ""
    assert log.stat().st_uid == OWNER


def test_what_a_plugin_can_have_told(hooked_theirs, secret):
    """Results that would set facts of the host, or have Ansible look at files, are not taken over."""
    site = hooked_theirs
    site.plugin(
        "liar.py",
        f"""
        import json
        usual = json.JSONEncoder.encode
        def encode(self, value):
            if isinstance(value, dict) and "result" in value:
                value["result"].update(ansible_facts=dict(tutor_venv="/evil"), path={str(secret)!r}, changed=True, _ansible_x=1, msg=5)
            return usual(self, value)
        json.JSONEncoder.encode = encode
        """,
    )
    result = site.run("environment", True, plugins=["liar"])
    assert (result.failed, result["changed"], result["msg"]) == (True, True, "5")
    assert not {"ansible_facts", "path", "_ansible_x", "owner"} & {*result}


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "ended by signal 9 and without a result"),
        ("import ctypes, time; time.sleep = None; import os; os.kill(os.getpid(), 11)", "ended by signal 11 and without a result"),
    ],
)
def test_plugin_that_ends_the_process(hooked_theirs, code, words):
    hooked_theirs.plugin("last.py", code)
    assert words in hooked_theirs.run("environment", plugins=["last"]).msg


def test_process_that_outlives_the_call(hooked_theirs):
    """Nobody waits for what a plugin leaves running, even where it keeps everything open."""
    site = hooked_theirs
    site.plugin(
        "orphan.py",
        """
        import os, time
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                time.sleep(60)
            os.kill(os.getpid(), 9)
        """,
    )
    before = time.monotonic()
    site.render(plugins=["orphan"])
    assert time.monotonic() - before < 30


def test_secrets_are_masked(theirs):
    """Those that only the process of the owner knows."""
    theirs.render(plugins=[], settings={"LMS_HOST": "{{ OPENEDX_SECRET_KEY }}"})
    secret = theirs.settings()["OPENEDX_SECRET_KEY"]
    result = theirs.ok("environment", diff=True, settings={"PLATFORM_NAME": "is {{ OPENEDX_SECRET_KEY }}"})
    assert result["diff"]
    assert secret not in result.printed


def test_surroundings(theirs):
    """A user of the system has the groups and the home folder of a login, and no variable that tells of root."""
    name, home = "lectern-owner", theirs.folder / "home"
    home.mkdir()
    if subprocess.run(["useradd", "-M", "-d", str(home), "-G", "games", name], check=False).returncode:
        pytest.skip("a user can't be added here")
    try:
        user = pwd.getpwnam(name)
        for path in (theirs.root, theirs.plugins_root):
            os.chown(path, user.pw_uid, user.pw_gid)
        theirs.environ.update(SUDO_USER="x", XDG_CACHE_HOME="/root/.cache", TMPDIR="/root")
        theirs.render(plugins=[], settings={"A": SHELL % "'env; id -Gn'"})
        told = theirs.ok("config_info", keys=["A"])["config"]["A"].splitlines()
        assert {f"HOME={home}", f"USER={name}", f"LOGNAME={name}"} <= {*told}
        assert not [line for line in told if line.startswith(("SUDO_", "XDG_", "TMPDIR"))]
        assert set(told[-1].split()) == {name, "games"}
    finally:
        subprocess.run(["userdel", name], check=False)


def test_copy_of_a_root(theirs, secret):
    """For a check: made by its owner, who gets no more into it than he can read, and rendered by him."""
    theirs.plugin("one.yml", {"name": "one", "patches": {"lms-env": "x: y"}})
    give(OWNER, theirs.plugins_root)
    theirs.render(plugins=["one"])
    link_as_owner(theirs.root / "env/linked", secret)
    before = theirs.snapshot()
    folder = Path(tempfile.gettempdir()) / f"lectern-copy-{os.getpid()}"
    try:
        for check in (True, False):
            theirs.ok("root_copy", check, folder=str(folder))
            assert {path.lstat().st_uid for path in [folder, *folder.rglob("*")]} == {OWNER}
            assert os.stat(folder).st_mode & 0o777 == 0o700
            assert (folder / "root/env/linked").is_symlink()
            ids = theirs.ok("config", root=str(folder / "root"), plugins_root=str(folder / "plugins"), settings={"A": SHELL % "'id -u'"})
            assert ids["config"]["A"] == str(OWNER)
            assert not theirs.ok("environment", root=str(folder / "root"), plugins_root=str(folder / "plugins"), plugins=["one"])["changed"]
            assert "can't be made: File exists" in theirs.run("root_copy", folder=str(folder)).msg
            shutil.rmtree(folder)
        link_as_owner(theirs.config, secret)
        assert "Permission denied" in theirs.run("root_copy", folder=str(folder)).msg
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    link_as_owner(theirs.config, theirs.root / "elsewhere.yml")
    assert theirs.snapshot().keys() == before.keys()


def test_copy_of_linked_settings(plain):
    """What is rendered in the copy does not reach the file that config.yml leads to."""
    plain.render(plugins=[])
    real = plain.folder / "real.yml"
    plain.config.rename(real)
    plain.config.symlink_to(real)
    os.mkfifo(plain.env / "pipe")
    before = plain.snapshot()
    folder = plain.folder / "copy"
    plain.ok("root_copy", True, folder=str(folder))
    plain.render(root=str(folder / "root"), plugins_root=str(folder / "plugins"), settings={"A": 1})
    assert (plain.snapshot(), "A: 1" in real.read_text()) == (before, False)


def test_a_user_without_a_home_folder_can_build(theirs, heap):
    """The docker command keeps a file there for each build."""
    command = "'test -w $BUILDX_CONFIG && echo $BUILDX_CONFIG > %s/told'" % heap
    write_as_owner(theirs, "config.yml", json.dumps({"PLUGINS": [], "LMS_HOST": "x" + SHELL % command}))
    theirs.run("image", state="built")
    folder = Path((heap / "told").read_text().strip())
    assert (folder.name.startswith("lectern-"), folder.exists()) == (True, False)


def test_warnings_are_shown(hooked_theirs):
    hooked_theirs.plugin("changes.py", "from tutor import env\nusual = env.is_binary_file\nenv.is_binary_file = lambda path: usual(path)\n")
    result = hooked_theirs.render(plugins=["changes"])
    assert "changes" in str(result["warnings"])
