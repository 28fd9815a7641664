# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs of `tutor local do`: how their code is called, which of their scripts run, and what check mode says before that."""

from __future__ import annotations

import getpass
import json
import subprocess
import sys
import time

import click
import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base import docker_engine
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.base.logs import Logs
from ansible_collections.lectern.tutor.plugins.module_utils.base.masking import mask_text
from ansible_collections.lectern.tutor.plugins.module_utils.base.places import Places
from ansible_collections.lectern.tutor.plugins.module_utils.base.releases import release_of
from ansible_collections.lectern.tutor.plugins.module_utils.plugins import job_commands
from ansible_collections.lectern.tutor.plugins.module_utils.root import plugin_list
from ansible_collections.lectern.tutor.plugins.module_utils.runtime import one_job
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.compose import job_container, orphans, project, starting
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.compose.job_container import JobOutcome

pytest.importorskip("tutor.commands.local")


class Contributions:
    """Jobs as a plugin `ours` adds them, and what DO_JOB was told."""

    def __init__(self, places):
        self.commands = []
        self.told = []
        self.do_job = [("ours", lambda job, **options: self.told.append((job, options)))]
        self.jobs = job_commands.of_filter(lambda: [(command, "ours") for command in self.commands], places)


class Platform:
    """A platform with these jobs, as far as they need one."""

    def __init__(self, root):
        self.places = Places(str(root), "/plugins")
        self.config = {"LOCAL_PROJECT_NAME": "campus_local"}
        self.release = release_of("22.0.3")
        self.contributions = Contributions(self.places)
        self.secrets = []

    def hide(self, texts):
        self.secrets += texts

    def render(self, text, where):
        return text.replace("{{ LMS_HOST }}", "learn.example.org")


class Host:
    """A fake host: exit codes by script, and what ran."""

    def __init__(self):
        self.services = {name + "-job": {"image": name + ":1"} for name in ("lms", "cms")}
        self.images = {"lms:1": "sha256:l", "cms:1": "sha256:c"}
        self.codes = {}
        self.ran = []
        self.asked = []
        self.running = None  # the exit code of a script in a container that runs

    def run_script(self, platform, client, job, timeout, write, keep):
        self.ran.append((job.service, job.script))
        outcome = JobOutcome(self.codes.get(job.script, 0), mask_text("said by " + job.script, platform.secrets), 0.5)
        if outcome.rc == 0:
            keep(None)
        return outcome

    def ask_running(self, platform, client, service, script):
        self.asked.append((service, script))
        return self.running

    def take_ran(self):
        ran, self.ran = [script for _service, script in self.ran], []
        return ran


@pytest.fixture
def host(monkeypatch):
    host = Host()
    monkeypatch.setattr(project, "services", lambda platform, jobs=False: host.services)
    monkeypatch.setattr(docker_engine, "inspect_image", lambda client, tag: host.images.get(tag) and {"Id": host.images[tag]})
    monkeypatch.setattr(job_container, "run_script", host.run_script)
    monkeypatch.setattr(job_container, "ask_running", host.ask_running)
    monkeypatch.setattr(job_container, "find", lambda client, name: None)
    monkeypatch.setattr(orphans, "ended_in", lambda platform, client: [])
    monkeypatch.setattr(orphans, "describe", lambda platform, client, service: None)
    monkeypatch.setattr(starting, "stop_development", lambda places, client, check=False: [])
    monkeypatch.setattr(starting, "announce_start", lambda platform: None)
    monkeypatch.setattr(plugin_list, "disabled_with_job", lambda places, name: ["theirs"] if name == "theirs-job" else [])
    return host


@pytest.fixture
def platform(tmp_path):
    root = tmp_path / "root"
    root.mkdir()
    return Platform(root)


def command(platform, *decorators, name="ours-job"):
    """Registers a job of the plugin and returns the decorator for its function."""

    def register(function):
        for decorator in decorators:
            function = decorator(function)
        platform.contributions.commands.append(click.command(name=name)(function))
        return function

    return register


def run(platform, name="ours-job", args=(), force=False, timeout=None, **options):
    work = one_job.work_of(platform, dict(options, name=name, args=list(args)))
    return one_job.carry_out(platform, None, work, Logs(platform.places, platform.secrets), force, timeout)


def check(platform, name="ours-job", args=(), force=False, images_to_come=(), **options):
    work = one_job.work_of(platform, dict(options, name=name, args=list(args)))
    return one_job.check(platform, None, work, force, images_to_come)


def failure(platform, **options):
    with pytest.raises(LecternError) as caught:
        run(platform, **options)
    return caught.value


def due(platform, host, name="ours-job", args=(), force=False, **options):
    work = one_job.work_of(platform, dict(options, name=name, args=list(args)))
    return one_job.describe_due(platform, None, work, host.services, force)


@pytest.fixture
def two(platform):
    """A job of two scripts that takes a name."""

    @command(platform, click.argument("name"), click.option("--loud", is_flag=True))
    def two(name, loud):
        yield "lms", "greet %s at {{ LMS_HOST }}" % name
        yield "cms", "louder" if loud else "softer"


def test_four_runs(host, platform, two):
    first = check(platform, args=["anna"])
    assert first["changed"] and host.ran == [] and not (platform_root(platform) / ".lectern").exists()
    assert first["actions"] == [
        "What job ours-job does after its script in service lms is known only then",
        "Would run job ours-job in service lms: it has not succeeded yet",
    ]
    assert first["diff"] == [{"before": "", "after": "job ours-job in service lms: it has not succeeded yet\n"}]
    assert platform.contributions.told == []

    real = run(platform, args=["anna"])
    assert host.ran == [("lms-job", "greet anna at learn.example.org"), ("cms-job", "softer")]
    assert [(task["job"], task["owner"], task["service"], task["rc"], task["changed"]) for task in real["tasks"]] == [
        ("ours-job", "ours", "lms", 0, True),
        ("ours-job", "ours", "cms", 0, True),
    ]
    assert platform.contributions.told == [("ours-job", {"name": "anna", "loud": False})]
    host.take_ran()

    for again in (check, run):
        result = again(platform, args=["anna"])
        assert not result["changed"] and result["actions"] == [] and result["diff"] == [] and host.ran == []
        assert {task["reason"][:29] for task in result["tasks"]} == {"unchanged since it succeeded "}
    assert len(platform.contributions.told) == 1


def platform_root(platform):
    import pathlib

    return pathlib.Path(platform.places.root)


def test_other_arguments_are_another_job(host, platform, two):
    run(platform, args=["anna"])
    run(platform, args=["berta"])
    assert host.take_ran() == ["greet anna at learn.example.org", "softer", "greet berta at learn.example.org", "softer"]
    assert not run(platform, args=["anna"])["changed"]


def test_force_runs_all_again(host, platform, two):
    run(platform, args=["anna"])
    host.take_ran()
    assert {task["reason"] for task in run(platform, args=["anna"], force=True)["tasks"]} == {"forced"}
    assert len(host.ran) == 2


def test_another_image_runs_it_again(host, platform, two):
    run(platform, args=["anna"])
    host.take_ran()
    assert check(platform, args=["anna"], images_to_come=["cms:1"])["tasks"][-1]["reason"] == "changed since it succeeded: image"
    host.images["lms:1"] = "sha256:new"
    result = run(platform, args=["anna"])
    reasons = [task["reason"] for task in result["tasks"]]
    assert reasons == ["changed since it succeeded: image", "a script of the same job ran before it"]
    assert len(host.ran) == 2


def test_a_failed_script_is_where_the_next_run_resumes(host, platform, two):
    host.codes["softer"] = 3
    error = failure(platform, args=["anna"])
    assert str(error).startswith("Job 'ours-job' in service 'cms' failed with exit code 3. Its last lines:\nsaid by softer\n")
    assert [task["rc"] for task in error.details["tasks"]] == [0, 3] and error.details["changed"]
    host.codes.clear()
    host.take_ran()
    run(platform, args=["anna"])
    assert host.take_ran() == ["softer"]


def test_code_goes_on_only_after_the_script_before_ran(host, platform):
    seen = []

    @command(platform)
    def job():
        seen.append(list(host.ran))
        yield "lms", "first"
        seen.append(list(host.ran))
        yield "lms", "second"
        seen.append(list(host.ran))

    run(platform)
    first, second = ("lms-job", "first"), ("lms-job", "second")
    assert seen[-3:] == [[], [first], [first, second]]


def test_finally_of_a_job_runs_when_a_script_fails(host, platform):
    seen = []

    @command(platform)
    def job():
        try:
            yield "lms", "first"
        finally:
            seen.append("cleaned up")

    host.codes["first"] = 1
    failure(platform)
    assert seen[-1] == "cleaned up"


def test_what_a_job_prints_is_in_its_log(host, platform, capfd):
    @command(platform, click.option("--password"))
    def job(password):
        click.echo("with " + password)
        print("TEST_TOKEN: made-up-0815")
        yield "lms", "login made-up-0815"

    run(platform, args=["--password", "geheim-1234"])
    logs = [path.read_text() for path in sorted((platform_root(platform) / ".lectern/logs").glob("job-ours-job-2*.log"))]
    assert "with ********\nTEST_TOKEN: ********\n" in "".join(logs)
    assert capfd.readouterr() == ("", "")
    everything = "".join(path.read_text() for path in (platform_root(platform) / ".lectern").rglob("*") if path.is_file())
    assert "geheim" not in everything and "made-up" not in everything


@pytest.mark.parametrize(
    ("words", "secret"),
    [
        (["--password", "hunter22"], "hunter22"),
        (["--password=hunter22"], "hunter22"),
        (["-phunter22"], "hunter22"),
        (["-p", "hunter22", "surplus"], "hunter22"),
        (["-e", "API_TOKEN=hunter22", "surplus"], "hunter22"),
        (["--pasword-secret=hunter22"], "hunter22"),
    ],
)
def test_secret_arguments_are_shown_nowhere(host, platform, words, secret):
    @command(platform, click.option("-p", "--password"), click.option("-e", "extra", multiple=True))
    def job(password, extra):
        yield "lms", "echo %s %s" % (password, extra)

    try:
        result = json.dumps(run(platform, args=words))
    except LecternError as error:
        result = str(error)
    written = [path.read_text() for path in platform_root(platform).rglob("*") if path.is_file()]
    assert secret not in result + "".join(written)


def test_wrong_arguments_are_named_with_the_usage(host, platform, two):
    message = str(failure(platform, args=["anna", "berta"]))
    assert message == (
        "Job 'ours-job' refuses its args: Got unexpected extra argument (berta). "
        "Usage: tutor local do ours-job [OPTIONS] NAME. Its options: --loud."
    )
    assert "Missing argument" in str(failure(platform))
    assert "only prints something, such as its help" in str(failure(platform, args=["--help"]))
    assert host.ran == []


def test_an_unknown_job_is_an_error_with_those_that_there_are(host, platform, two):
    assert str(failure(platform, name="ours-jobs")) == (
        "There is no job 'ours-jobs'. Did you mean 'ours-job'? Jobs of this platform: init, ours-job."
    )
    assert "plugin 'theirs', which is not enabled" in str(failure(platform, name="theirs-job"))
    assert str(failure(platform, name="sqlshell")).startswith("Job 'sqlshell' is interactive")


def test_what_is_no_command(host, platform):
    platform.contributions.commands.append("ours-job")
    assert str(failure(platform)) == "Plugin 'ours' adds 'ours-job' to CLI_DO_COMMANDS: expected a click.Command with a name."


def ask_option(platform):
    @command(platform, click.option("-p", "--password", prompt=True, hide_input=True))
    def job(password):
        yield "lms", "x"


def ask_confirmation(platform):
    @command(platform)
    def job():
        if click.confirm("Drop all?"):
            yield "lms", "x"


def ask_prompt(platform):
    @command(platform)
    def job():
        yield "lms", click.prompt("Which one?", hide_input=True)


def ask_input(platform):
    @command(platform)
    def job():
        yield "lms", input("Really?")


def ask_getpass(platform):
    @command(platform)
    def job():
        yield "lms", getpass.getpass("Key:")


def ask_all_the_same(platform):
    @command(platform)
    def job():
        try:
            input("Really?")
        except BaseException:
            yield "lms", "x"


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (ask_option, "asks for its option -p or --password, and nobody can answer: add it to args."),
        (ask_confirmation, "asks 'Drop all?', and nobody can answer: add an option"),
        (ask_prompt, "asks 'Which one?', and nobody"),
        (ask_input, "asks 'Really?', and nobody"),
        (ask_getpass, "asks 'Key:', and nobody"),
        (ask_all_the_same, "asks 'Really?', and nobody"),
    ],
)
def test_a_question_is_an_error(host, platform, ask, words):
    ask(platform)
    for mode in (run, check):
        with pytest.raises(LecternError) as caught:
            mode(platform)
        assert words in str(caught.value)
    assert host.ran == []


def test_a_question_of_an_old_release(host, platform):
    """Its script would ask in the container."""

    @command(platform, click.argument("name"), click.option("-p", "--password"), name="createuser")
    def createuser(name, password):
        yield "lms", "manage.py changepassword" if password is None else "x"

    platform.release = release_of("14.2.5")
    expected = "Job 'createuser' asks for its option -p or --password, and nobody can answer: add it to args."
    assert str(failure(platform, name="createuser", args=["anna"])) == expected
    run(platform, name="createuser", args=["-p", "hunter22", "anna"])


def test_a_question_after_the_first_script(host, platform):
    @command(platform)
    def job():
        yield "lms", "first"
        click.confirm("Go on?")

    error = failure(platform)
    assert "asks 'Go on?'" in str(error) and [task["rc"] for task in error.details["tasks"]] == [0]


def test_standard_input_is_empty(host, platform):
    @command(platform)
    def job():
        yield "lms", "got '%s'" % sys.stdin.read()

    run(platform)
    assert host.take_ran() == ["got ''"]


def program(platform, tmp_path, first=False):
    """Registers a job that runs a program between its scripts."""

    @command(platform)
    def job():
        if not first:
            yield "lms", "before"
        subprocess.run([sys.executable, "-c", "open(%r, 'a').write('x')" % str(tmp_path / "trace")], check=True)
        yield "lms", "after"


def test_check_mode_runs_no_program(host, platform, tmp_path):
    program(platform, tmp_path, first=True)
    result = check(platform)
    assert result["changed"] and result["tasks"] == []
    assert result["actions"][0].startswith("Would let job ours-job act on the host: it runs '%s -c" % sys.executable)
    assert not (tmp_path / "trace").exists()


def test_what_runs_a_program_runs_each_time_with_all_that_follows(host, platform, tmp_path):
    program(platform, tmp_path)
    run(platform)
    assert host.take_ran() == ["before", "after"]
    again = run(platform)
    assert host.take_ran() == ["after"] and again["tasks"][1]["reason"] == "a script of the same job ran before it"
    assert again["actions"][0].startswith("Job ours-job runs '%s" % sys.executable)
    assert (tmp_path / "trace").read_text() == "xx"


def test_check_mode_writes_only_to_a_copy(host, platform):
    @command(platform)
    def job():
        with open(platform.places.root + "/report.txt", "w") as stream:
            stream.write("done")
        yield "lms", "x"

    check(platform)
    assert not (platform_root(platform) / "report.txt").exists()
    run(platform)
    assert (platform_root(platform) / "report.txt").read_text() == "done"


def test_code_that_fails(host, platform):
    @command(platform)
    def job():
        yield "lms", "first"
        print("looked at 5 things")
        raise ValueError("no luck")

    error = failure(platform)
    assert str(error).startswith("Job 'ours-job' of 'ours' failed: ValueError: no luck, at ")
    assert "Printed before: looked at 5 things" in str(error)
    assert [task["rc"] for task in error.details["tasks"]] == [0]


def leave_context():
    click.get_current_context().exit()


@pytest.mark.parametrize("leave", [leave_context, sys.exit])
def test_code_that_ends_the_command_early(host, platform, leave):
    """Upstream takes exit code 0 for success, before the first script and after one."""

    @command(platform, click.option("--early", is_flag=True))
    def job(early):
        if early:
            leave()
        yield "lms", "first"
        leave()

    assert [run(platform)["changed"], run(platform)["changed"], run(platform, args=["--early"])["tasks"]] == [True, False, []]
    assert host.take_ran() == ["first"]
    command(platform, name="function")(leave)
    assert run(platform, name="function")["tasks"] == []


@pytest.mark.parametrize("option", [{"args": ["a\0b"]}, {"unless": "\ud800"}, {"name": "", "service": "lms", "script": "a\0"}])
def test_characters_that_no_shell_takes(platform, two, option):
    with pytest.raises(
        LecternError, match=r"^(args|unless|script) holds a character that no shell takes \(number (0|55296)\): remove it.$"
    ):
        one_job.work_of(platform, {"name": "ours-job", **option})


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (None, "returns None: expected pairs"),
        ([("lms", 3)], r"yields ('lms', 3): expected a pair"),
        (["lms"], "yields 'lms': expected a pair"),
    ],
)
def test_a_job_that_is_none(host, platform, result, words):
    command(platform)(lambda: result)
    assert words in str(failure(platform))


def test_a_job_without_end(host, platform, monkeypatch):
    monkeypatch.setattr(one_job, "MOST_SCRIPTS", 3)

    @command(platform)
    def job():
        while True:
            yield "lms", "again"

    assert "has more than 3 scripts" in str(failure(platform))


def test_timeout_on_the_host(host, platform):
    @command(platform)
    def job():
        yield "lms", "first"
        time.sleep(60)

    assert "exceeded its timeout of 0.2 s on the host" in str(failure(platform, timeout=0.2))


def test_a_service_that_is_not_there(host, platform):
    @command(platform)
    def job():
        yield "forum", "x"

    assert str(failure(platform)).startswith("Job 'ours-job' runs in service 'forum', but no compose file defines 'forum-job'")


def test_nothing_to_do_at_all(host, platform):
    command(platform)(lambda: iter(()))
    assert run(platform) == {"changed": False, "tasks": [], "actions": [], "diff": []}


class TestUnless:
    """The script that tells whether there is anything to do."""

    def test_nothing_to_do_is_recorded(self, host, platform, two):
        result = run(platform, args=["anna"], unless="is greeted")
        assert not result["changed"] and result["tasks"][0]["reason"] == "'unless' found nothing to do"
        assert host.take_ran() == ["is greeted"]
        again = run(platform, args=["anna"], unless="is greeted")
        assert not again["changed"] and again["tasks"][0]["reason"].startswith("'unless' found nothing to do at 2")
        assert host.ran == [] and due(platform, host, args=["anna"], unless="is greeted") is None
        assert not check(platform, args=["anna"], unless="is greeted")["changed"] and host.asked == []

    def test_it_runs_where_there_is_something_to_do(self, host, platform, two):
        host.codes["is greeted"] = 1
        assert due(platform, host, args=["anna"], unless="is greeted") == "Job 'ours-job': it has not succeeded yet"
        assert run(platform, args=["anna"], unless="is greeted", service="cms")["changed"]
        assert host.ran[0] == ("cms-job", "is greeted") and len(host.ran) == 3
        host.take_ran()
        assert not run(platform, args=["anna"], unless="is greeted")["changed"] and host.ran == []

    def test_forced_it_decides_each_time(self, host, platform, two):
        for code, changed in ((0, False), (0, False), (1, True), (0, False)):
            host.codes["is greeted"] = code
            assert run(platform, args=["anna"], unless="is greeted", force=True)["changed"] is changed
        assert host.take_ran().count("is greeted") == 4

    def test_another_image_asks_again(self, host, platform, two):
        run(platform, args=["anna"], unless="is greeted")
        host.images["lms:1"] = "sha256:new"
        run(platform, args=["anna"], unless="is greeted")
        assert host.take_ran() == ["is greeted", "is greeted"]

    @pytest.mark.parametrize(
        ("code", "changed", "words"),
        [
            (0, False, "'unless' finds nothing to do"),
            (1, True, "it has not succeeded yet; 'unless' ends with exit code 1"),
            (None, True, "it has not succeeded yet; 'unless' did not run, as service 'lms' does not run"),
        ],
    )
    def test_check_mode_starts_nothing(self, host, platform, two, code, changed, words):
        host.running = code
        result = check(platform, args=["anna"], unless="is greeted")
        assert (result["changed"], result["tasks"][-1]["reason"]) == (changed, words)
        assert host.asked == [("lms", "is greeted")] and host.ran == []

    def test_of_a_script(self, host, platform):
        options = {"name": None, "service": "lms", "script": "reindex", "unless": "is indexed"}
        host.codes["is indexed"] = 1
        assert run(platform, **options)["tasks"][0]["rc"] == 0
        assert host.take_ran() == ["is indexed", "reindex"]
        assert not run(platform, **options)["changed"]

    def test_a_job_that_starts_on_the_host_names_no_service(self, host, platform, tmp_path):
        program(platform, tmp_path, first=True)
        assert "needs a service to run in" in str(failure(platform, unless="is done"))
        assert not run(platform, unless="is done", service="lms")["changed"]


def test_ledger_holds_neither_arguments_nor_scripts(host, platform, two):
    run(platform, args=["anna"])
    path = platform_root(platform) / ".lectern/ledger.json"
    assert "anna" not in path.read_text() and path.stat().st_mode & 0o777 == 0o600
    assert sorted(key.split()[0:2] for key in json.loads(path.read_text())) == [["job", "ours-job"]] * 2
