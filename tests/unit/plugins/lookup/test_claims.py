# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible.errors import AnsibleUndefinedVariable

PORT = ["CADDY_HTTP_PORT", "ENABLE_HTTPS"]


def given(look_up, **hosts):
    return look_up("claims", *hosts, variables={"hostvars": hosts}, settings=PORT)


def test_settings_come_before_files_and_later_files_before_earlier(look_up, tmp_path):
    (tmp_path / "a.yml").write_text("CADDY_HTTP_PORT: 81\nENABLE_HTTPS: true\nCMS_HOST: 'studio.{{ LMS_HOST }}'\n")
    (tmp_path / "b.yml").write_text("CADDY_HTTP_PORT: 82\n")
    files = [str(tmp_path / name) for name in ("a.yml", "b.yml")]
    of_both = {"tutor_settings_files": files}
    assert given(look_up, one=of_both, two=dict(of_both, tutor_settings={"CADDY_HTTP_PORT": 83}), none={}) == [
        {"CADDY_HTTP_PORT": 82, "ENABLE_HTTPS": True},
        {"CADDY_HTTP_PORT": 83, "ENABLE_HTTPS": True},
        {},
    ]


def test_no_other_setting_comes_along(look_up):
    assert given(look_up, one={"tutor_settings": {"SMTP_PASSWORD": "secret", "ENABLE_HTTPS": False}}) == [{"ENABLE_HTTPS": False}]


@pytest.mark.parametrize("text", ["", "- a list", "broken: [", "text"])
def test_a_file_that_holds_no_settings_gives_none(look_up, tmp_path, text):
    (tmp_path / "a.yml").write_text(text)
    assert given(look_up, one={"tutor_settings_files": [str(tmp_path / "a.yml")], "tutor_settings": {"ENABLE_HTTPS": True}}) == [
        {"ENABLE_HTTPS": True}
    ]


class Broken(dict):
    """Variables of a host, or settings, of which Ansible can't render one."""

    def __getitem__(self, name):
        raise AnsibleUndefinedVariable("'LMS_HOST' is undefined")

    get = __getitem__


def test_what_can_not_be_rendered_or_read_concerns_no_other_host(look_up, tmp_path):
    (tmp_path / "a.yml").write_text("CADDY_HTTP_PORT: 81\n")
    half = {"tutor_settings_files": [str(tmp_path / "none.yml"), str(tmp_path / "a.yml")], "tutor_settings": Broken(ENABLE_HTTPS=1)}
    assert given(look_up, broken=Broken(), half=half, whole={"tutor_settings": {"ENABLE_HTTPS": True}}) == [
        {},
        {"CADDY_HTTP_PORT": 81},
        {"ENABLE_HTTPS": True},
    ]


def test_one_file_may_be_given_without_a_list(look_up, tmp_path):
    (tmp_path / "a.yml").write_text("CADDY_HTTP_PORT: 81\n")
    assert given(look_up, one={"tutor_settings_files": str(tmp_path / "a.yml")}) == [{"CADDY_HTTP_PORT": 81}]
