# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The digest of an image's inputs changes with everything that reaches the image, and with nothing else."""

from __future__ import annotations

import os

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.images import build_inputs, dockerfile

docker = pytest.importorskip("docker")
COMMAND = ["buildx", "build", "--tag=box:1"]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "Dockerfile").write_text("FROM docker.io/redis:7\nCOPY . /\n")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "run").write_text("run\n")
    os.symlink("run", str(tmp_path / "bin" / "link"))
    return tmp_path


def digest(folder, command=None, mounts=()):
    path = str(folder / "Dockerfile")
    return build_inputs.digest_inputs(command or COMMAND, path, dockerfile.read_dockerfile(path), [str(folder), *map(str, mounts)])


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


def test_a_mounted_folder_has_its_own_dockerignore(folder, tmp_path_factory):
    mount = tmp_path_factory.mktemp("mount")
    (mount / ".dockerignore").write_text("*.log\n")
    (folder / "Dockerfile.dockerignore").write_text("code\n")
    before = digest(folder, mounts=[mount])
    (mount / "x.log").write_text("noise")
    assert digest(folder, mounts=[mount]) == before
    (mount / "code").write_text("x")
    assert digest(folder, mounts=[mount]) != before


class Engine:
    """A fake client: local images by tag, and registries, whose digests are counted when asked for."""

    def __init__(self, local=None, remote=None):
        self.api, self.local, self.remote, self.asked = self, local or {}, remote or {}, []

    def inspect_image(self, tag):
        if tag not in self.local:
            raise docker.errors.ImageNotFound("none")
        return self.local[tag]

    def ask(self, tag):
        self.asked.append(tag)
        return self.remote.get(tag)

    def bases(self):
        return build_inputs.describe_bases(self, ["redis:7"], self.ask)


def redis(id_, *digests):
    return {"redis:7": {"Id": id_, "RepoDigests": ["redis@" + digest for digest in digests]}}


BUILT_HERE, PULLED, ABSENT = Engine(redis("one")), Engine(redis("one", "first")), Engine(remote={"redis:7": "first"})


@pytest.mark.parametrize(
    ("then", "now", "changed"),
    [
        (BUILT_HERE, BUILT_HERE, False),
        (BUILT_HERE, Engine(redis("two")), True),
        (BUILT_HERE, PULLED, False),  # pushed meanwhile
        (BUILT_HERE, Engine(), False),  # removed: nobody knows
        (PULLED, Engine(redis("two", "second")), True),
        (PULLED, ABSENT, False),
        (PULLED, Engine(remote={"redis:7": "second"}), True),
        (ABSENT, PULLED, False),  # pulled meanwhile, as a service runs from it
        (ABSENT, Engine(remote={"redis:7": "second"}), True),
        (ABSENT, Engine(), False),  # its registry does not answer
        (Engine(), PULLED, False),
    ],
)
def test_whether_a_base_is_another_image_than_before(then, now, changed):
    assert build_inputs.changed_bases(build_inputs.format_bases(then.bases()), now.bases()) == (["redis:7"] if changed else [])


def test_registries_are_asked_for_what_is_not_here():
    engine = Engine(redis("one"), {"redis:7": "first"})
    engine.bases()
    assert engine.asked == []
    engine.local = {}
    assert (engine.bases(), engine.asked) == ({"redis:7": ["first"]}, ["redis:7"])


@pytest.mark.parametrize("label", ["", "[1]", "no json"])
def test_a_label_of_somebody_else(label):
    assert build_inputs.changed_bases(label, PULLED.bases()) == []


def test_special_files_are_not_opened(folder):
    os.mkfifo(str(folder / "pipe"))
    assert digest(folder)


def test_missing_folder(folder, tmp_path):
    with pytest.raises(LecternError, match=r"^'.*/nowhere' is not a folder on this host, but an image is built from it"):
        digest(folder, mounts=[tmp_path / "nowhere"])
