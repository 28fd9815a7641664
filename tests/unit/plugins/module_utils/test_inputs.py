# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The digest of an image's inputs changes with everything that reaches the image, and with nothing else."""

from __future__ import annotations

import os

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils import inputs
from ansible_collections.lectern.tutor.plugins.module_utils.errors import LecternError

pytest.importorskip("docker")
COMMAND = ["buildx", "build", "--tag=box:1"]


class Engine:
    """A fake client with a list of local images."""

    def __init__(self, **ids):
        self.api = self
        self.ids = ids

    def images(self):
        return [{"RepoTags": [tag.replace("__", ":")], "Id": id_} for tag, id_ in self.ids.items()] + [{"RepoTags": None, "Id": "x"}]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "Dockerfile").write_text("FROM docker.io/redis:7\nCOPY . /\n")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "run").write_text("run\n")
    os.symlink("run", str(tmp_path / "bin" / "link"))
    return tmp_path


def digest(folder, command=None, engine=None, mounts=()):
    command = command or COMMAND
    text = inputs.dockerfile_text(command, str(folder))
    return inputs.digest_of(engine or Engine(), command, text, [str(folder), *map(str, mounts)], "box:1")


def test_same_inputs_same_digest(folder):
    before = digest(folder)
    os.utime(str(folder / "bin" / "run"), (1, 1))
    assert digest(folder) == before


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "bin" / "run").write_text("walk\n"),
        lambda folder: (folder / "bin" / "run").chmod(0o755),
        lambda folder: (folder / "bin").chmod(0o700),
        lambda folder: (folder / "bin" / "run").rename(folder / "bin" / "walk"),
        lambda folder: (folder / "empty").mkdir(),
        lambda folder: (os.unlink(str(folder / "bin" / "link")), os.symlink("away", str(folder / "bin" / "link"))),
        lambda folder: (folder / "Dockerfile").write_text("FROM scratch\n"),
    ],
)
def test_what_changes_the_digest(folder, change):
    (folder / "bin" / "run").chmod(0o644)
    (folder / "bin").chmod(0o755)
    before = digest(folder)
    change(folder)
    assert digest(folder) != before


def test_arguments_and_mounts_count(folder, tmp_path_factory):
    mount = tmp_path_factory.mktemp("mount")
    digests = [digest(folder), digest(folder, [*COMMAND, "--target=a"]), digest(folder, mounts=[mount])]
    (mount / "new").write_text("")
    assert len({*digests, digest(folder, mounts=[mount])}) == 4


def test_what_dockerignore_leaves_out(folder):
    (folder / ".dockerignore").write_text("# comment\n\n**/*.log\n")
    before = digest(folder)
    (folder / "bin" / "x.log").write_text("noise")
    assert digest(folder) == before
    (folder / "Dockerfile.dockerignore").write_text("nothing\n")  # takes the place of .dockerignore
    assert digest(folder) != before


@pytest.mark.parametrize("tag", ["redis__7", "base__latest"])
def test_local_images_that_are_named_count(folder, tag):
    command = [*COMMAND, "--build-arg=BASE=base"]
    digests = {digest(folder, command, Engine(**{tag: id_, "other__1": other})) for id_, other in (("1", "1"), ("1", "2"), ("2", "2"))}
    assert len(digests) == 2


def test_an_image_is_no_input_of_itself(folder):
    (folder / "Dockerfile").write_text("FROM box:1\n")
    assert digest(folder, engine=Engine(box__1="1")) == digest(folder, engine=Engine(box__1="2"))


def test_another_dockerfile(folder, tmp_path_factory):
    other = tmp_path_factory.mktemp("other") / "Other"
    other.write_text("FROM scratch\n")
    command = [*COMMAND, "--file=%s" % other]
    before = digest(folder, command)
    other.write_text("FROM busybox\n")
    assert digest(folder, command) != before


def test_special_files_are_not_opened(folder):
    os.mkfifo(str(folder / "pipe"))
    assert digest(folder)


def test_missing_dockerfile_and_folder(folder, tmp_path):
    with pytest.raises(LecternError, match=r"^'.*/nowhere' is not a folder on this host: an image is to be built from it"):
        digest(folder, mounts=[tmp_path / "nowhere"])
    (folder / "Dockerfile").unlink()
    with pytest.raises(LecternError, match=r"^There is no Dockerfile '.*/Dockerfile' \(No such file or directory\): render"):
        digest(folder)
