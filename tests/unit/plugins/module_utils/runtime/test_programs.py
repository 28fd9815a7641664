# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs in the LMS: how they and their data get there, and how their answer comes back."""

from __future__ import annotations

import ast
import hashlib
import json
import subprocess
import sys
import types
import zipfile
from pathlib import Path

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.base.logs import Logs
from ansible_collections.lectern.tutor.plugins.module_utils.base.places import ENGINE, Places
from ansible_collections.lectern.tutor.plugins.module_utils.runtime import programs
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.lms import frame
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.programs import Call, Program
from ansible_collections.lectern.tutor.tests.unit.plugins.module_utils.platform_standin import Platform
from ansible_collections.lectern.tutor.tests.unit.plugins.module_utils.runtime.lms_standin import LMS, pythons

HARD = "'\"$(id)\\`ls`\n ü☃ %s {{ x }}"

ECHO = "def main(data):\n    sys.stdout.write('noise'); return helper(data)\n\ndef helper(data):\n    return data\n"


@pytest.fixture
def platform(tmp_path):
    (tmp_path / "root").mkdir()
    return Platform(Places(str(tmp_path / "root"), "/plugins"), {}, ["open sesame"])


@pytest.fixture
def lms(tmp_path, monkeypatch):
    return LMS(tmp_path).install(monkeypatch)


def program(text):
    return Program("echo", Path(frame.__file__).read_text(encoding="utf-8") + "\n" + text + "\nrun_main(main)\n")


def carry_out(platform, text, data=None, **options):
    call = Call(program(text), data, **options)
    return programs.carry_out(platform, None, call, Logs(platform.places, [])).result


@pytest.mark.parametrize("python", pythons())
def test_data_arrive_and_come_back(tmp_path, monkeypatch, platform, python):
    lms = LMS(tmp_path, python).install(monkeypatch)
    data = {"users": [{"name": HARD, "number": 1, "nothing": None, "yes": True}]}
    assert carry_out(platform, ECHO, data) == data
    assert "sesame" not in lms.calls[0].script and HARD not in json.dumps(lms.calls[0].environment)


@pytest.mark.parametrize("python", pythons())
def test_a_thousand_users_fit(tmp_path, monkeypatch, platform, python):
    lms = LMS(tmp_path, python).install(monkeypatch)
    noise = [hashlib.sha256(b"%d" % number).hexdigest() for number in range(1000)]
    data = [{"name": "learner-%d" % number, "email": "%d@example.com" % number, "password": noise[number]} for number in range(1000)]
    monkeypatch.setattr(programs, "VARIABLE", 20000)
    assert carry_out(platform, ECHO, data) == data
    sizes = [len(value) for name, value in lms.calls[0].environment.items() if name.startswith("LECTERN_DATA_")]
    assert len(sizes) > 1 and max(sizes) <= 20000


def test_data_that_no_container_takes_are_refused(lms, platform, monkeypatch):
    monkeypatch.setattr(programs, "LARGEST", 5000)
    noise = [hashlib.sha256(b"%d" % number).hexdigest() for number in range(200)]
    with pytest.raises(LecternError, match="data of program 'echo' are too large for one container .* at most 5 kB"):
        carry_out(platform, ECHO, noise)
    assert lms.calls == []


def test_data_are_not_in_the_environment_of_other_programs(lms, platform):
    text = "def main(data):\n    return sorted(name for name in os.environ if 'LECTERN' in name)\n"
    assert carry_out(platform, text) == []


def test_what_a_program_raises_is_an_error_without_secrets(lms, platform):
    text = "def main(data):\n    raise ValueError('no ' + data)\n"
    with pytest.raises(LecternError, match=r"^Program 'echo' failed in service 'lms': ValueError: no \*{8} \(.*line \d+, in main\)$"):
        carry_out(platform, text, "dragon's fire", secrets=["dragon's fire"])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("def main(data):\n    os._exit(3)\n", r"^Program 'echo', in service 'lms', ended with exit code 3 before it could begin"),
        ("def main(data):\n    os._exit(0)\n", "ended without an answer; the log driver of the engine must keep what"),
        ("import missing_module\n", r"exit code 1 before(.|\n)*No module named"),
    ],
)
def test_no_answer_is_an_error_with_the_last_lines(lms, platform, text, words):
    with pytest.raises(LecternError, match=words):
        carry_out(platform, text)


def test_answer_counts_only_if_it_is_whole_and_of_this_run():
    lines = frame.answer_lines("1a", {"result": [HARD * 1000, list(range(3000))]})
    assert len(lines) > 2 and max(map(len, lines)) < 2000
    noisy = ["noise", *frame.answer_lines("2b", {"result": 1}), *("stderr" + line + "more" for line in reversed(lines))]
    assert programs.read_answer(noisy, "1a") == {"result": [HARD * 1000, list(range(3000))]}
    assert programs.read_answer(lines[:-1], "1a") is None
    assert programs.read_answer(lines[1:], "1a") is None
    assert programs.read_answer(lines, "2b") is None


def test_look_runs_without_other_services_and_under_another_name(lms, platform, tmp_path):
    answer = programs.look(platform, None, Call(program(ECHO), 1))
    assert answer.result == 1 and answer.unknown == ""
    assert not lms.calls[0].dependencies and lms.calls[0].suffix.startswith("-look-")
    assert list((tmp_path / "root").iterdir()) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda lms: lms.running.clear(), "these services do not run: mongodb, mysql"),
        (lambda lms: lms.images.clear(), "image 'openedx' is not on the host yet"),
        (lambda lms: lms.services["lms-job"].update(volumes=[{"type": "bind", "source": "/gone"}]), "'/gone' does not exist yet"),
    ],
)
def test_look_that_would_change_the_host_is_not_taken(lms, platform, change, words):
    change(lms)
    assert programs.look(platform, None, Call(program(ECHO), 1)) == (None, words, [])
    assert lms.calls == []


def test_root_without_a_platform(platform):
    assert programs.why_no_platform(platform.places) == "'%s/config.yml' does not exist yet" % platform.places.root


@pytest.mark.parametrize(("stopped", "dependencies"), [(False, False), (True, True)])
def test_services_are_started_only_where_they_do_not_run(lms, platform, monkeypatch, stopped, dependencies):
    """Compose may replace a service that it starts for a job, and that runs already."""
    begun = []
    monkeypatch.setattr(programs.starting, "stop_development", lambda places, client: ["Stopped tutor dev"])
    monkeypatch.setattr(programs.starting, "announce_start", begun.append)
    if stopped:
        lms.running.clear()
    answer = programs.carry_out(platform, None, Call(program(ECHO), 1), Logs(platform.places, []))
    assert lms.calls[0].dependencies is dependencies
    assert (answer.notes, bool(begun)) == (["Stopped tutor dev"] if stopped else [], stopped)


def test_text_of_a_program_is_found_in_a_zip_file(tmp_path, monkeypatch):
    """Ansible sends modules as one."""
    with zipfile.ZipFile(tmp_path / "modules.zip", "w") as archive:
        archive.writestr("zipped_program.py", ECHO)
    monkeypatch.syspath_prepend(str(tmp_path / "modules.zip"))
    import zipped_program

    assert isinstance(zipped_program, types.ModuleType)
    assert programs.program_of("echo", zipped_program).text == program(ECHO).text


LMS_FILES = sorted(Path(ENGINE, "runtime", "lms").glob("*.py"))
SINCE_3 = (
    ast.JoinedStr,
    ast.AnnAssign,
    ast.AsyncFunctionDef,
    ast.Await,
    ast.YieldFrom,
    ast.Nonlocal,
    ast.NamedExpr,
    ast.Starred,
    ast.MatMult,
)


def newer_syntax(tree):
    """Yield what Python 2.7 does not know in a tree."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and getattr(node.func, "id", "") != "print"]
    passed = [argument for call in calls for argument in call.args]
    for node in ast.walk(tree):
        if isinstance(node, ast.Starred) and node in passed:
            continue
        if isinstance(node, SINCE_3) or isinstance(node, ast.Raise) and node.cause:
            yield node
        elif isinstance(node, ast.FunctionDef):
            arguments = node.args
            plain = [*arguments.args, *filter(None, [arguments.vararg, arguments.kwarg])]
            if arguments.kwonlyargs or arguments.posonlyargs or node.returns or any(argument.annotation for argument in plain):
                yield node
        elif isinstance(node, ast.ClassDef) and node.keywords or isinstance(node, ast.Dict) and None in node.keys or calls_bare_super(node):
            yield node


def calls_bare_super(node):
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super" and not node.args


@pytest.mark.parametrize("path", LMS_FILES, ids=lambda path: path.name)
def test_programs_are_written_for_the_oldest_python(path):
    text = path.read_bytes().decode("ascii")
    assert "from __future__" not in text  # a program is made of two files, and only the first could say so
    assert [node.lineno for node in newer_syntax(ast.parse(text))] == []
    for python in pythons()[1:]:
        subprocess.run([python, "-c", "import sys; compile(sys.stdin.read(), '', 'exec')"], input=text.encode(), check=True)


@pytest.mark.parametrize("line", ["f'{x}'", "x: int = 1", "def f(*, a): pass", "print(*a)", "raise A from b", "{**a}", "super().f()"])
def test_newer_syntax_is_found(line):
    assert list(newer_syntax(ast.parse(line)))


def test_this_python_is_among_those_that_run_programs():
    assert sys.executable in pythons()
