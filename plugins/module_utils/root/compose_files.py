# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists Tutor's compose files in Tutor's order, and names its compose project."""

from __future__ import annotations

import os
from typing import Any, Container, Dict, List, Tuple

from ..base.places import Places
from ..base.releases import Release
from .platform import Platform


def files(platform: Platform, jobs: bool = False) -> List[str]:
    """Return the absolute paths of the compose files that exist; with ``jobs`` also those of the ``-job`` services."""
    release = platform.release
    paths = [os.path.join(platform.places.env, "local", name) for name in release.compose + (release.compose_jobs if jobs else ())]
    return [path for path in paths if os.path.exists(path)]


def describe(places: Places, release: Release, name: str, made: Container[str] = ()) -> Dict[str, Any]:
    """Return ``{project_name, files, job_files}`` of the files that exist or that a call writes: ``made`` are paths below ``env/``."""

    def held(names: Tuple[str, ...]) -> List[str]:
        paths = {each: os.path.join(places.env, "local", each) for each in names}
        return [path for each, path in paths.items() if "local/" + each in made or os.path.exists(path)]

    return dict(project_name=name, files=held(release.compose), job_files=held(release.compose_jobs))


def jobs_file(platform: Platform) -> str:
    """Return the path of the file in which Tutor defines the ``-job`` services."""
    return os.path.join(platform.places.env, "local", platform.release.compose_jobs[0])


def project_name(platform: Platform) -> str:
    """Return the name that Tutor gives to the compose project."""
    return str(platform.config.get("LOCAL_PROJECT_NAME") or "tutor_local")
