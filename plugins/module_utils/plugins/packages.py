# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Python packages of a virtual environment: their versions, and the hashes of the archives that they come from."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import subprocess
import sys
import sysconfig
from typing import Any, Dict, List
from urllib.parse import urlsplit, urlunsplit

from ..base import content, scratch
from ..base.errors import LecternError
from ..base.logs import last_lines
from .distributions import canonical_name, name_and_version, record_of

INSTALLER = "pip"  # its version comes with the virtual environment

Package = Dict[str, Any]


def installed_packages() -> List[Package]:
    """Return ``{name, version, url, hashes}`` of each package in this interpreter's environment, by name. Does not run pip.

    ``url`` is where pip was told to take it from, ``hashes`` those of that archive; both are empty for a package of an index.
    """
    paths = sysconfig.get_paths()
    packages: Dict[str, Package] = {}
    for each in importlib.metadata.distributions(path=sorted({paths["purelib"], paths["platlib"]})):
        try:
            name, version = name_and_version(each)
        except LecternError:  # left by an interrupted pip: nothing is installed there
            continue
        if canonical_name(name) not in (*packages, INSTALLER):
            packages[canonical_name(name)] = dict(name=canonical_name(name), version=version, **_origin(each))
    return [packages[name] for name in sorted(packages)]


def _origin(distribution: Any) -> Dict[str, Any]:
    """Return what PEP 610 records of a package that comes from no index. A login in the address is dropped.

    Raises LecternError where the record is damaged.
    """
    try:
        record = json.loads(distribution.read_text("direct_url.json") or "{}")
    except ValueError as error:
        path = os.path.join(record_of(distribution), "direct_url.json")
        raise LecternError("'%s' is damaged (%s): reinstall the package." % (path, error)) from None
    archive = record.get("archive_info") or {}
    hashes = archive.get("hashes") or dict([archive["hash"].split("=", 1)] if archive.get("hash") else [])
    address = urlsplit(record.get("url", ""))
    url = urlunsplit(address._replace(netloc=address.netloc.rpartition("@")[2]))
    return dict(url=url, hashes=["%s:%s" % pair for pair in sorted(hashes.items())])


def with_hashes(packages: List[Package]) -> List[Package]:
    """Return the packages with the hash of every archive; for packages of an index, of the archive that pip takes here.

    Raises LecternError, naming them, for packages without a hash, and for versions that the index no longer has.
    """
    bare = [package for package in packages if package["url"] and not package["hashes"]]
    if bare:
        raise LecternError(
            "No hash is known of %s: a folder or a repository has none, and old releases of pip remember none. Build a wheel of each, and "
            "write it as NAME @ ADDRESS-OF-THE-WHEEL in tutor_packages."
            % ", ".join("%s (from %s)" % (package["name"], package["url"]) for package in bare)
        )
    indexed = [package for package in packages if not package["url"]]
    with scratch.temporary_folder() as folder:
        _download(indexed, folder)
        archives = {canonical_name(name): "sha256:" + _sha256(os.path.join(folder, name)) for name in os.listdir(folder)}
    return [package if package["url"] else dict(package, hashes=_hashes_of(package, archives)) for package in packages]


def _download(packages: List[Package], folder: str) -> None:
    wanted = os.path.join(folder, "requirements.txt")
    with open(wanted, "w", encoding="utf-8") as stream:
        stream.writelines("%(name)s==%(version)s\n" % package for package in packages)
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet", "--no-deps"]
    command += ["--dest", folder, "--requirement", wanted]
    answer = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", errors="replace", check=False)
    os.unlink(wanted)
    if answer.returncode != 0:
        raise LecternError(
            "pip can't fetch the packages that are installed for %s: %s" % (sys.executable, last_lines(answer.stderr or answer.stdout, 3))
        )


def _sha256(path: str) -> str:
    return hashlib.sha256(content.read_bytes(path)).hexdigest()


def _hashes_of(package: Package, archives: Dict[str, str]) -> List[str]:
    begin = canonical_name("%(name)s-%(version)s" % package)
    hashes = [digest for name, digest in archives.items() if name.startswith((begin + "-", begin + "-tar", begin + "-zip"))]
    if not hashes:
        raise LecternError("pip fetched no archive of %s %s, which is installed: reinstall it." % (package["name"], package["version"]))
    return sorted(hashes)
