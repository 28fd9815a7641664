# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tutor's arguments in Tutor's order, secrets out of argument lists, and what the classic builder can't do."""

from __future__ import annotations

from typing import NamedTuple, Tuple

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.base.places import Places
from ansible_collections.lectern.tutor.plugins.module_utils.images import build
from ansible_collections.lectern.tutor.plugins.module_utils.images.image import Image

OPENEDX = Image("openedx", "me/openedx:1", "core", "/srv/root/env/build/openedx", ("--target=development", "--build-arg=APP_USER_ID=1000"))


class Platform(NamedTuple):
    places: Places


@pytest.fixture
def recipe(monkeypatch):
    pytest.importorskip("docker")
    monkeypatch.setattr(build.dockerfile, "read_dockerfile", lambda path: "FROM redis:7\nFROM mnt-xblock\nFROM docker.io/me/openedx:1")
    monkeypatch.setattr(build.image_list, "build_contexts", lambda platform: {"openedx": [("/src/xblock", "mnt-xblock")]})
    monkeypatch.setattr(build.image_list, "build_command", lambda platform, arguments: [*arguments[:2], "--pull", *arguments[2:]])

    def made(**options):
        return build.read_recipes(Platform(Places("/srv/root", "/plugins")), [OPENEDX], build.BuildOptions({"A": "1"}, {}, **options))[0]

    return made


def test_arguments_in_upstreams_order(recipe):
    assert recipe(no_cache=True, registry_cache=True).command == [
        "buildx",
        "build",
        "--pull",  # by a plugin
        "--tag=me/openedx:1",
        "--no-cache",
        "--build-arg",
        "A=1",
        "--output=type=docker",
        "--target=development",
        "--build-arg=APP_USER_ID=1000",
        "--cache-from=type=registry,ref=me/openedx:1-cache",
        "--cache-to=type=registry,mode=max,ref=me/openedx:1-cache,image-manifest=true",
        "--build-context=mnt-xblock=/src/xblock",
        "--label=lectern.tutor.inputs=@digest@",
        "--label=lectern.tutor.bases=@bases@",
        "/srv/root/env/build/openedx",
    ]
    assert recipe().folders == ["/srv/root/env/build/openedx", "/src/xblock"]


def test_mounted_folders_and_the_image_itself_are_no_bases(recipe):
    assert recipe().bases == {"redis:7"}


def test_place_of_the_root_does_not_decide_about_the_content(recipe):
    assert recipe().stable[-1] == "ROOT/env/build/openedx"


def test_caches_do_not_decide_about_the_content(recipe):
    assert recipe(no_cache=True, registry_cache=True).stable == recipe().stable
    assert "--no-cache" not in recipe().stable


def test_values_of_build_arguments_leave_the_argument_list():
    command = ["build", "--build-arg", "TOKEN=a=b", "--build-arg=KEY=c", "--build-arg", "PATH=/x", "--build-arg=NAME", "--label", "A=B"]
    assert build.move_values_to_environment(command) == (
        ["build", "--build-arg", "TOKEN", "--build-arg=KEY", "--build-arg", "PATH=/x", "--build-arg=NAME", "--label", "A=B"],
        {"TOKEN": "a=b", "KEY": "c"},
    )


@pytest.mark.parametrize("name", ["PATH", "DOCKER_HOST", "DOCKER_CONFIG", "BUILDX_BUILDER", "BUILDKIT_INLINE_CACHE", "LD_PRELOAD"])
def test_what_docker_itself_reads_stays(name):
    assert build.move_values_to_environment(["--build-arg=%s=1" % name]) == (["--build-arg=%s=1" % name], {})


@pytest.mark.parametrize("name", ["DOCKER_PASSWORD", "HTTPS_PROXY", "PATHS", "A_PATH"])
def test_and_nothing_else(name):
    assert build.move_values_to_environment(["--build-arg=%s=1" % name])[1] == {name: "1"}


def test_build_args_become_texts():
    assert build.build_arg_texts({"A": "x", "B": 1, "C": True, "D": 1.5, "E": ""}) == {"A": "x", "B": "1", "C": "true", "D": "1.5", "E": ""}


@pytest.mark.parametrize("build_args", [{"A": None}, {"A": ["hush"]}, {"A": {"x": "hush"}}, {"": "hush"}, {"A=B": "hush"}])
def test_what_is_no_build_arg(build_args):
    with pytest.raises(LecternError, match=r"^build_args: '.*' must be a name with a text or a number") as caught:
        build.build_arg_texts(build_args)
    assert "hush" not in str(caught.value)


def test_classic_builder_takes_what_it_knows():
    command = ["buildx", "build", "--tag=t", "--no-cache", "--build-arg", "A=1=2", "--output=type=docker", "--target=x"]
    command += ["--build-arg=B", "--cache-from=type=registry,ref=t-cache", "--label=l=d", OPENEDX.path]
    assert build._classic_arguments(OPENEDX, command) == {
        "nocache": True,
        "target": "x",
        "buildargs": {"A": "1=2", "B": ""},
        "labels": {"l": "d"},
    }


def test_classic_builder_names_what_it_does_not_know():
    command = [
        "buildx",
        "build",
        "--build-context=mnt-x=/x",
        "--cache-to=type=registry,ref=t",
        "--secret=id=a,src=/b",
        "/env/build/openedx",
    ]
    expected = "Image 'openedx' can't be built without 'docker buildx', .* does not know --build-context, --cache-to, --secret"
    with pytest.raises(LecternError, match=expected):
        build._classic_arguments(OPENEDX, command)


def labelled(inputs="now", bases='{"redis:7":["one","first"]}'):
    return {"Id": "sha256:1", "Config": {"Labels": {"lectern.tutor.inputs": inputs, "lectern.tutor.bases": bases}}}


@pytest.mark.parametrize(
    ("existing", "options", "expected"),
    [
        (None, {}, "it is not on this host"),
        (labelled(), {}, None),
        (labelled(), {"force": True}, "forced"),
        (labelled(), {"no_cache": True}, "forced"),
        (labelled("then"), {}, "its inputs changed"),
        (labelled(bases='{"redis:7":["another"]}'), {}, "redis:7, which it is made from, changed"),
        ({"Id": "1", "Config": {"Labels": None}}, {}, "its inputs changed"),
        ({"Id": "1", "Config": None}, {}, "its inputs changed"),
    ],
)
def test_why_an_image_is_built(existing, options, expected):
    assert build.reason_to_build(existing, "now", {"redis:7": ["one"]}, [], build.BuildOptions({}, {}, **options)) == expected


def test_check_mode_tells_that_a_base_will_change():
    reason = build.reason_to_build(labelled(), "now", {"redis:7": ["one"]}, ["docker.io/redis:7"], build.BuildOptions({}, {}))
    assert reason == "docker.io/redis:7, which it is made from, changes"


class WithSecrets(NamedTuple):
    secrets: Tuple[str, ...] = ("open sesame",)


def test_what_a_builder_says_drives_no_terminal_and_is_bounded(tmp_path, monkeypatch):
    """The error of a build, and what is written into its log and shown."""
    docker = tmp_path / "docker"
    docker.write_text(
        "#!/bin/sh\nprintf '\\033]0;title\\007#1 \\033[31mopen \\033[1msesame\\033[0m\\r10 %%\\r\\n\\377'\n"
        "head -c 1000000 /dev/zero | tr '\\0' x\necho; echo last >&2; exit 3\n"
    )
    docker.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    lines = []
    with pytest.raises(LecternError) as caught:
        build._run_buildx(WithSecrets(), ["buildx", "build"], OPENEDX, build.BuildOptions({}, {}), lines.append)
    message = str(caught.value)
    assert "Last lines:\n#1 ********\n10 %\n\ufffdxxxx" in message and message.endswith("more characters)\nlast")
    assert len(message) < 3000 and not {"\x1b", "\x07", "\r"} & set(message)
    assert max(map(len, lines)) < 70_000 and lines[-1] == "last"
