# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which images a Dockerfile starts or copies from, in every way that builders know."""

from __future__ import annotations

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.images import dockerfile


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("docker.io/library/redis:7", "redis:7"),
        ("library/redis", "redis"),
        ("index.docker.io/overhangio/openedx:latest", "overhangio/openedx"),
        ("registry.example.com:5000/library/redis", "registry.example.com:5000/library/redis"),
    ],
)
def test_short(tag, expected):
    assert dockerfile.short_tag(tag) == expected


@pytest.mark.parametrize(
    ("text", "command", "expected"),
    [
        ("FROM docker.io/redis:7", [], {"redis:7"}),
        ("from redis\\\n  :7\nRUN pip install python debian", [], {"redis"}),
        ("# FROM no\n\nFROM --platform=$BUILDPLATFORM \\\n# neither\n  redis:7 AS a\r\nFROM a", [], {"redis:7"}),
        ("FROM scratch\nCOPY --from=0 /a /a", [], set()),
        (
            "FROM redis:7 AS Build\nFROM caddy\nCOPY --chown=1:1 --from=build /a /b\nCOPY --from=docker.io/alpine:3 /a /b",
            [],
            {"redis:7", "caddy", "alpine:3"},
        ),
        ("FROM a\nRUN --mount=type=bind,from=tools:1,target=/x --mount=type=cache,target=/y make --from=z", [], {"a", "tools:1"}),
        ("ARG BASE=redis:7\nFROM ${BASE}", [], {"redis:7"}),
        ("ARG BASE=redis:7\nFROM $BASE", ["--build-arg", "BASE=caddy:2"], {"caddy:2"}),
        ("ARG BASE\nFROM $BASE", ["--build-arg=BASE=caddy:2"], {"caddy:2"}),
        ("ARG BASE=redis:7\nFROM $BASE", ["--build-arg=BASE"], {"redis:7"}),
        ('ARG HOST="r.example:5000" V=1\nARG NAME=${HOST}/a\nFROM ${NAME}:${V:-2}-${W:-slim}${V:+x}', [], {"r.example:5000/a:1-slimx"}),
        ("FROM a\nARG BASE=b\nFROM ${BASE:-c}", [], {"a", "c"}),  # an argument of a stage, not of FROM
        ("FROM redis:7@sha256:%s" % ("a" * 64), [], set()),
        (
            "FROM nodes AS n\nFROM redis:7",
            ["--build-context=nodes=/src", "--build-context", "docker.io/redis:7=docker-image://caddy:2"],
            {"caddy:2"},
        ),
        ("FROM a\nRUN echo \"it's", [], {"a"}),
        ("", [], set()),
    ],
)
def test_images_in(text, command, expected):
    assert dockerfile.base_images(text, ["buildx", "build", *command, "/folder"]) == expected


def test_folders_in():
    command = [
        "build",
        "--build-context=a=/src/a",
        "--build-context",
        "b=docker-image://redis:7",
        "--build-context=c=https://x/y.git",
        "/env",
    ]
    assert dockerfile.context_folders(command) == ["/src/a"]


def test_path_of():
    assert dockerfile.dockerfile_path(["build", "/env"], "/env") == "/env/Dockerfile"
    assert (
        dockerfile.dockerfile_path(["build", "--file=/other", "/env"], "/env")
        == dockerfile.dockerfile_path(["build", "-f", "/other"], "/env")
        == "/other"
    )


def test_text_of(tmp_path):
    (tmp_path / "Dockerfile").write_bytes(b"FROM x\r\n# \xff")
    assert dockerfile.read_dockerfile(str(tmp_path / "Dockerfile")) == "FROM x\r\n# \udcff"
    with pytest.raises(LecternError, match=r"^There is no Dockerfile '.*/none' \(No such file or directory\): render"):
        dockerfile.read_dockerfile(str(tmp_path / "none"))


RELATIVE = [
    ["--build-context=x=./src"],
    ["--build-context", "x=~/src"],
    ["--build-context", "x=src,y"],
    ["--file", "Dockerfile"],
    ["-f", "$HOME/Dockerfile"],
    ["--secret=id=x,src=./key"],
    ["--secret", "type=file,id=x,source=~/key"],
    ["--output", "out"],
    ["--output=type=local,dest=out"],
    ["-o", "type=tar,dest=C:\\x"],
    ["--cache-from=type=local,src=cache"],
    ["--cache-to", "type=local,dest=../cache"],
    ["--ssh", "default=/run/agent,key"],
    ["--iidfile", "id"],
    ["--metadata-file=meta.json"],
]


@pytest.mark.parametrize("arguments", RELATIVE, ids=" ".join)
def test_argument_that_depends_on_the_working_directory(arguments):
    with pytest.raises(LecternError, match="^Image 'x' of p has '.*' among its arguments: give an absolute path"):
        dockerfile.refuse_relative(["buildx", "build", *arguments, "/env/build/x"], "Image 'x' of p")


def test_arguments_that_do_not():
    command = ["buildx", "build", "--build-context=x=/src", "--build-context=y=docker-image://a/b", "--build-context=z=https://a.b/c.git"]
    command += ["--file=/x/Dockerfile", "--secret=id=x,env=KEY", "--secret=id=y,src=/key", "--output=type=docker", "--output=-"]
    command += [
        "--cache-from=type=registry,ref=a/b",
        "--ssh=default",
        "--build-arg",
        "PATH=./x",
        "--label",
        "src=./x",
        "-o",
        "/out",
        "/env",
    ]
    dockerfile.refuse_relative(command, "Image 'x' of p")


def test_arguments_that_lack_something():
    with pytest.raises(LecternError, match="^The arguments of a build can't be read: argument --file/-f: expected one argument[.]$"):
        dockerfile.dockerfile_path(["build", "--file"], "/env")
