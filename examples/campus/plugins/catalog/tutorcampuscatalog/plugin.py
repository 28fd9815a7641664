# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plugin for Tutor's first API (v0): it only describes itself and needs neither Tutor nor any other package."""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).parent

config = {
    # generated once and saved in config.yml; the names get the prefix CATALOG_
    "add": {"MYSQL_PASSWORD": "{{ 16|random_string }}"},
    # the same prefix
    "defaults": {
        "VERSION": "1.0.0",
        "TITLE": "Courses",
        "MYSQL_DATABASE": "catalog",
        "MYSQL_USERNAME": "catalog",
        "DOCKER_IMAGE": "{{ DOCKER_REGISTRY }}campus/catalog:{{ CATALOG_VERSION }}",
        "DOCKER_IMAGE_LOADER": "{{ DOCKER_REGISTRY }}campus/catalog-loader:{{ CATALOG_VERSION }}",
    },
    # a setting of core, so without a prefix
    "set": {"CAMPUS_SLOGAN": "Learn something new, says the plugin catalog"},
}

hooks = {
    "pre-init": ["mysql"],
    "init": ["catalog-loader"],
    "build-image": {"catalog": "{{ CATALOG_DOCKER_IMAGE }}", "catalog-loader": "{{ CATALOG_DOCKER_IMAGE_LOADER }}"},
    "remote-image": {"catalog": "{{ CATALOG_DOCKER_IMAGE }}", "catalog-loader": "{{ CATALOG_DOCKER_IMAGE_LOADER }}"},
}

templates = str(HERE / "templates")


def patches() -> dict[str, str]:
    """Each file in the folder "patches" is the patch of its name."""
    return {path.name: path.read_text(encoding="utf-8") for path in sorted((HERE / "patches").iterdir())}
