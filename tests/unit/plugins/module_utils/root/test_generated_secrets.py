# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings made of randomness: each its own, made once, never lost."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ansible_collections.lectern.tutor.plugins.module_utils.base import places
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.render.changes import Changes
from ansible_collections.lectern.tutor.plugins.module_utils.root import prepare, transaction

NO_CHANGES = Changes()
KEYS = ["FIRST_SECRET", "SECOND_SECRET", "THIRD_SECRET"]


@pytest.fixture
def where(tmp_path: Path, without_hooks: None) -> places.Places:
    config = tmp_path / "templates" / "config"
    config.mkdir(parents=True)
    (config / "base.yml").write_text("".join('%s: "{{ 20|random_string }}"\n' % key for key in KEYS))
    (config / "defaults.yml").write_text("LMS_HOST: local\n")
    return places.resolve_places(str(tmp_path / "root"), str(tmp_path / "plugins"), str(tmp_path / "templates"))


def saved(where: places.Places, changes: Changes = NO_CHANGES) -> dict:
    transaction.execute(where, prepare.Request(changes=changes), checking=False)
    return yaml.safe_load(Path(where.config).read_text())


def test_every_generated_secret_is_another_although_the_templates_are_alike(where: places.Places) -> None:
    config = saved(where, Changes(settings={"MINE": "{{ 20|random_string }}"}))
    assert len({config[key] for key in KEYS + ["MINE"]}) == 4


def test_a_second_call_keeps_them(where: places.Places) -> None:
    changes = Changes(settings={"MINE": "{{ 20|random_string }}"})
    assert saved(where, changes) == saved(where, changes)


def test_a_generated_secret_can_be_replaced_but_not_dropped(where: places.Places) -> None:
    first = saved(where)
    with pytest.raises(LecternError, match="FIRST_SECRET is a secret that was generated once"):
        saved(where, Changes(unset=["FIRST_SECRET"]))
    assert saved(where) == first
    assert saved(where, Changes(settings={"FIRST_SECRET": "mine"}))["FIRST_SECRET"] == "mine"


def test_a_deleted_config_yml_is_not_made_anew(where: places.Places) -> None:
    saved(where)
    Path(where.config).unlink()
    with pytest.raises(LecternError, match="config.yml' is gone"):
        saved(where)
