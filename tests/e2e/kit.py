# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds the stand-in images, serves them under their real names, and starts a server to deploy to.

Usage: kit.py build | systemd | up | down | clean
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parents[1]
STATE = PROJECT / ".build" / "e2e"
PREFIX = "lectern-e2e"
REGISTRY = "127.0.0.1:5078"
SERVER = f"{PREFIX}-server"
# What an engine in a container needs, less than --privileged: the root of some machines lacks a capability that it demands.
POWERS = (
    "--cap-add=ALL",
    "--cgroupns=private",
    "--device-cgroup-rule=a *:* rwm",
    "--security-opt=apparmor=unconfined",
    "--security-opt=seccomp=unconfined",
    "--security-opt=systempaths=unconfined",
    "--tmpfs=/run",
    "--tmpfs=/run/lock",
    "--tmpfs=/tmp:exec",
)
PASSED_ON = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")


@dataclass(frozen=True)
class Image:
    """A folder below images/ and what is made of it."""

    folder: str
    target: str = ""
    names: Sequence[str] = ()
    """The real names, less the registry's, under which it is pushed."""
    from_python: bool = True
    """Whether it starts from the image python, and so must wait for it."""

    @property
    def key(self) -> str:
        return self.target or self.folder

    @property
    def tag(self) -> str:
        return f"{PREFIX}/{self.key}"


BASE, REGISTRY_IMAGE, PYTHON = Image("base"), Image("registry"), Image("python")
# In this order: what does not wait comes first.
IMAGES = (
    Image("mysql", names=("library/mysql:8.4.11",), from_python=False),
    Image("server", "server", from_python=False),
    Image("redis", names=("library/redis:7.4.10",), from_python=False),
    Image("smtp", names=("devture/exim-relay:4.96-r1-0",), from_python=False),
    Image("busybox", names=("overhangio/openedx-permissions:22.0.3",), from_python=False),
    Image("mongodb", names=("library/mongo:7.0.39",)),
    Image("openedx", names=("overhangio/openedx:22.0.3-indigo",)),
    Image("discovery", names=("overhangio/openedx-discovery:22.0.0",)),
    Image("xqueue", names=("overhangio/openedx-xqueue:22.0.0",)),
    Image("notes", names=("overhangio/openedx-notes:22.0.0",)),
    Image("api", "meilisearch", ("getmeili/meilisearch:v1.36.0",)),
    Image("api", "elasticsearch", ("library/elasticsearch:7.17.13",)),
    Image("api", "minio", ("minio/minio:RELEASE.2022-03-26T06-49-28Z.hotfix.26ec6a857",)),
    Image("api", "mc", ("minio/mc:RELEASE.2022-03-31T04-55-30Z",)),
    Image("caddy", "caddy", ("library/caddy:2.11.7",)),
    Image("caddy", "mfe", ("overhangio/openedx-mfe:22.1.0-indigo",)),
)

# Servers for tests/matrix.
SYSTEMD, ENGINES = Image("server", "systemd"), (Image("server", "debian-12-engine"), Image("server", "debian-13-engine"))


def docker(*arguments: str, **options: object) -> str:
    """Runs one docker command and returns what it printed; RuntimeError where it fails."""
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False, **options)
    if done.returncode:
        raise RuntimeError(f"docker {' '.join(arguments)}\n{done.stdout}{done.stderr}")
    return done.stdout.strip()


def exists(kind: str, name: str) -> bool:
    return subprocess.run(["docker", kind, "inspect", name], capture_output=True, check=False).returncode == 0


def build(*more: Image) -> None:
    """Builds every image, and more, two at a time, and pushes those with names. What did not change costs a second."""
    start = time.monotonic()
    subprocess.run([PROJECT / "scripts" / "apt-install", "mmdebstrap", "openssh-client", "openssl"], check=True)
    context = _copy_images()
    _import_root_file_system()
    _build(BASE, context)
    _build(REGISTRY_IMAGE, context)
    _start_registry()
    with ThreadPoolExecutor(2) as pool:
        python = pool.submit(_build, PYTHON, context)
        for future in [pool.submit(_build_and_push, image, context, python) for image in (*IMAGES, *more)]:
            future.result()
    print(f"all images built and served in {time.monotonic() - start:.0f} s")


def build_systemd() -> None:
    """Builds only the image of a server with systemd and without an engine."""
    subprocess.run([PROJECT / "scripts" / "apt-install", "mmdebstrap"], check=True)
    context = _copy_images("images-systemd")  # somebody else may build all of them meanwhile
    _import_root_file_system()
    _build(BASE, context)
    _build(SYSTEMD, context)


def _copy_images(name: str = "images") -> Path:
    """The folders of images/ and, in one of them, the certificate authorities that this machine was told to trust."""
    context = STATE / name
    shutil.rmtree(context, ignore_errors=True)
    shutil.copytree(HERE / "images", context)
    authorities = context / "base" / "ca"
    authorities.mkdir(exist_ok=True)
    for path in Path("/usr/local/share/ca-certificates").glob("**/*.crt"):
        shutil.copy(path, authorities)
    return context


def _import_root_file_system() -> None:
    """Makes the image that everything starts from out of the Debian packages that this machine itself installs."""
    if exists("image", f"{PREFIX}/rootfs"):
        return
    release = dict(line.split("=", 1) for line in Path("/etc/os-release").read_text().splitlines() if "=" in line)
    suite = release["VERSION_CODENAME"].strip('"')
    command = ["mmdebstrap", "--quiet", "--variant=minbase", "--include=ca-certificates", f"--components={_components(release)}"]
    left_out = [f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in ("doc", "locale", "man")]
    options = [*left_out, "--aptopt=Acquire::Check-Valid-Until false"]
    with subprocess.Popen([*command, *options, suite, "-", _mirror(suite)], stdout=subprocess.PIPE) as archive:
        docker("import", "-", f"{PREFIX}/rootfs", stdin=archive.stdout)
    if archive.returncode:
        raise RuntimeError(f"mmdebstrap could not make a root file system of {suite}")


def _components(release: Mapping[str, str]) -> str:
    return "main,universe" if release["ID"] == "ubuntu" else "main"


def _mirror(suite: str) -> str:
    """Where apt on this machine finds the packages of that suite."""
    command = ["apt-get", "indextargets", "--format", "$(RELEASE) $(REPO_URI)", "Identifier: Packages"]
    targets = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    return next(line.split()[1] for line in targets if line.split()[0] == suite)


def _build_and_push(image: Image, context: Path, python: Future[None]) -> None:
    if image.from_python:
        python.result()
    _build(image, context)
    for name in image.names:
        docker("tag", image.tag, f"{REGISTRY}/{name}")
        docker("push", "--quiet", f"{REGISTRY}/{name}")


def _build(image: Image, context: Path) -> None:
    bases = {"ROOTFS": f"{PREFIX}/rootfs", "BASE": BASE.tag, "PYTHON": PYTHON.tag}
    passed = {name: os.environ[name] for name in (*PASSED_ON, "PIP_INDEX_URL") if name in os.environ}
    arguments = [f"--build-arg={name}={value}" for name, value in {**bases, **passed}.items()]
    target = [f"--target={image.target}"] if image.target else []
    start = time.monotonic()
    docker("buildx", "build", "--load", "--quiet", f"--tag={image.tag}", *target, *arguments, str(context / image.folder))
    print(f"{image.key}: {time.monotonic() - start:.0f} s", flush=True)


def _start_registry() -> None:
    name = f"{PREFIX}-registry"
    if not exists("network", PREFIX):
        docker("network", "create", PREFIX)
    if exists("container", name):
        docker("start", name)
    else:
        volume = f"--volume={name}:/var/lib/registry"
        docker("run", "--detach", f"--name={name}", f"--network={PREFIX}", f"--publish={REGISTRY}:5000", volume, f"{PREFIX}/registry")
    _wait_for("the registry", lambda: urlopen(f"http://{REGISTRY}/v2/", timeout=5).close())


def _wait_for(name: str, answers: Callable[[], object]) -> None:
    for _attempt in range(300):
        try:
            answers()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"{name} does not answer")


def up(name: str = SERVER, image: str = f"{PREFIX}/server") -> dict[str, str]:
    """Starts a fresh server of an image and returns its name, its address and the path of the key that opens it."""
    down(name)
    key = _key()
    network = [f"--network={PREFIX}", "--hostname=campus"]
    cache = f"--volume={PREFIX}-pip:/home/deployer/.cache/pip"
    docker("run", "--detach", f"--name={name}", *network, *POWERS, cache, image)
    _write(name, "/etc/docker/daemon.json", json.dumps(_daemon()))
    _write(name, "/etc/environment", "".join(f"{key}={value}\n" for key, value in _environment().items()))
    _write(name, "/home/deployer/.ssh/authorized_keys", Path(f"{key}.pub").read_text())
    docker("exec", name, "chown", "-R", "deployer:", "/home/deployer")
    _wait_for("SSH on the server", lambda: socket.create_connection((_address(name), 22), 5).recv(8))
    return {"name": name, "address": _address(name), "key": str(key)}


def _key() -> Path:
    key = STATE / "key"
    if not key.exists():
        STATE.mkdir(parents=True, exist_ok=True)
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    if not Path(f"{key}.ca").exists():
        command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=campus"]
        subprocess.run([*command, "-keyout", "/dev/null", "-out", f"{key}.ca"], check=True, capture_output=True)
    return key


def _daemon() -> dict[str, object]:
    """Settings of the server's engine: the registry stands in for Docker Hub."""
    mirror = f"{_address(f'{PREFIX}-registry')}:5000"
    return {
        "registry-mirrors": [f"http://{mirror}"],
        "insecure-registries": [mirror],
        "runtimes": {"without-limits": {"path": "/usr/local/sbin/runc-without-limits"}},
        "default-runtime": "without-limits",
    }


def _environment() -> dict[str, str]:
    """What this machine needs to reach PyPI, for logins on the server."""
    passed = {name: value for name, value in os.environ.items() if name in PASSED_ON or name.startswith("PIP_")}
    return {**passed, "PIP_CERT": "/etc/ssl/certs/ca-certificates.crt"}


def _write(server: str, path: str, text: str) -> None:
    docker("exec", server, "mkdir", "-p", str(Path(path).parent))
    docker("exec", "--interactive", server, "sh", "-c", 'cat >"$0"', path, input=text)


def _address(container: str) -> str:
    return docker("inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", container)


def down(name: str = SERVER) -> None:
    """Removes the server."""
    if exists("container", name):
        docker("rm", "--force", "--volumes", name)


def clean() -> None:
    """Removes all that this program made but what lies in .build/."""
    for name in docker("ps", "--all", "--filter", f"name=^{SERVER}", "--format", "{{.Names}}").split():
        down(name)
    if exists("container", f"{PREFIX}-registry"):
        docker("rm", "--force", "--volumes", f"{PREFIX}-registry")
    for kind, name in (("network", PREFIX), ("volume", f"{PREFIX}-registry"), ("volume", f"{PREFIX}-pip")):
        if exists(kind, name):
            docker(kind, "rm", name)
    listed = docker("image", "ls", "--format", "{{.Repository}}:{{.Tag}}").splitlines()
    ours = [name for name in listed if name.startswith((f"{PREFIX}/", f"{REGISTRY}/"))]
    if ours:
        docker("image", "rm", "--force", *ours)


if __name__ == "__main__":
    {"build": build, "systemd": build_systemd, "up": up, "down": down, "clean": clean}[sys.argv[1]]()
