# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible.errors import AnsibleError

CONFIG = {
    "LMS_HOST": "lms.my.org",
    "CMS_HOST": "studio.my.org",
    "RUN_LMS": True,
    "PORT": 80,
    "RATE": 0.5,
    "NOTHING": None,
    "PLUGINS": ["mfe", "minio"],
    "TEXT": "{{ LMS_HOST }}",
    "EXTRA": {"a": ["x", 1]},
    "SECRET_KEY": "********",
    "BROKER": "redis://:********@redis:6379",
    "LOGGED": "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER",
    "NESTED": {"users": [{"password": "********"}]},
}
HIDDEN = ["SECRET_KEY", "BROKER", "LOGGED", "NESTED"]


@pytest.mark.parametrize("key", [key for key in CONFIG if key not in HIDDEN])
def test_value_keeps_its_type(look_up, template, returned, key):
    (value,) = look_up("setting", key, config={"changed": False, "config": CONFIG})
    assert value == CONFIG[key]
    assert type(value) is type(CONFIG[key])
    assert template("lookup('lectern.tutor.setting', k, config=c) == c[k]", k=key, c=returned(CONFIG)) is True


def test_several_keys(look_up):
    assert look_up("setting", "PORT", "LMS_HOST", config=CONFIG) == [80, "lms.my.org"]


def test_variable(look_up, template, returned):
    variables = {"tutor_config_info": returned({"changed": False, "config": CONFIG})}
    assert look_up("setting", "LMS_HOST", variables=variables) == ["lms.my.org"]
    assert template("lookup('lectern.tutor.setting', 'TEXT')", **variables) == "{{ LMS_HOST }}"


def test_unknown_key_names_close_ones(look_up):
    with pytest.raises(AnsibleError, match="The setting 'LMS_HOTS' is undefined: did you mean LMS_HOST"):
        look_up("setting", "LMS_HOTS", config=CONFIG)
    with pytest.raises(AnsibleError, match="The setting 'qqq' is undefined: no name comes close"):
        look_up("setting", "qqq", config=CONFIG)


@pytest.mark.parametrize("key", HIDDEN)
def test_masked_value(look_up, key):
    with pytest.raises(AnsibleError, match=f"The setting '{key}' is masked: .*config_info with 'reveal: true' and 'no_log: true'"):
        look_up("setting", key, config=CONFIG)


def test_nothing_registered(look_up):
    with pytest.raises(AnsibleError, match="Pass 'config', the result of lectern.tutor.config_info"):
        look_up("setting", "LMS_HOST")


def test_unknown_option(look_up):
    with pytest.raises(AnsibleError, match="Unknown option 'default': the options are"):
        look_up("setting", "LMS_HOST", config=CONFIG, default=1)
