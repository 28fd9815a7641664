# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Loads lookups the way ansible-playbook does."""

from __future__ import annotations

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import lookup_loader
from ansible.template import Templar
from ansible.utils.unsafe_proxy import wrap_var

try:
    from ansible.template import trust_as_template
except ImportError:  # ansible-core before 2.19 trusts every template that is not marked as unsafe

    def trust_as_template(text):
        return text


@pytest.fixture
def look_up():
    """Calls ``lectern.tutor.NAME``; ``variables`` are those of the play."""

    def call(name, *terms, variables=None, **options):
        loader = DataLoader()
        plugin = lookup_loader.get(f"lectern.tutor.{name}", loader=loader, templar=Templar(loader, variables=variables or {}))
        return plugin.run(list(terms), variables=variables or {}, **options)

    return call


@pytest.fixture
def template():
    """Renders an expression as a playbook does."""

    def render(expression, **variables):
        return Templar(DataLoader(), variables=variables).template(trust_as_template("{{ %s }}" % expression))

    return render


@pytest.fixture
def returned():
    """Marks data as what a module returned."""
    return wrap_var


@pytest.fixture
def trusted():
    """Marks a text as a template of the playbook's author."""
    return trust_as_template
