# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a file of settings holds, or why it can't be read."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.lectern.tutor.plugins.filter.lock_errors import lock_errors
from ansible_collections.lectern.tutor.plugins.filter.settings_in import settings_in
from ansible_collections.lectern.tutor.plugins.plugin_utils.values import option_errors, reason_too_large

LAUGH = "a0: &a0 [x]\n" + "".join("a%d: &a%d [%s]\n" % (n, n, ", ".join(["*a%d" % (n - 1)] * 9)) for n in range(1, 10))
TOO_MUCH = " holds more than 100000 values or 4 MiB of text, each alias (*) written out: make it shorter"


@pytest.mark.parametrize(("text", "found"), [("", {}), ("# x", {}), ("A: 1\n", {"A": 1}), ("- a", ["a"])])
def test_what_a_text_holds(text, found):
    assert settings_in(text, "x.yml") == found


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (LAUGH, "'x.yml'" + TOO_MUCH),
        ("a: [", "'x.yml' line 2 column 1 is not valid YAML: "),
        ("a: &a [*a]", "'x.yml' holds a value that is"),
    ],
)
def test_what_is_none(text, message):
    with pytest.raises(AnsibleFilterError) as caught:
        settings_in(text, "x.yml")
    assert str(caught.value).startswith(message)


def test_lock_file_that_multiplies():
    assert lock_errors(LAUGH) == ["its text" + TOO_MUCH]


def test_variable_that_multiplies():
    """Its items are one and the same list: no walk over all of them would end."""
    value = ["x"]
    for _level in range(20):
        value = [value] * 9
    assert reason_too_large(value) == "it holds more than 100000 values, each alias (*) written out"
    assert list(option_errors(value, "v", "")) == ["v can't be handed over: " + reason_too_large(value)]
    deep = []
    for _level in range(200):
        deep = [deep]
    assert reason_too_large({"a": deep}) == "it is nested deeper than 100 levels, or contains itself"
    assert reason_too_large({"a": [1, {"b": "c"}]}) == ""
