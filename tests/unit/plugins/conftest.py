# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Collections are found as ansible-playbook finds them, by all tests alike. The engine's own tests also run where there is no Ansible."""

from __future__ import annotations

from pathlib import Path

try:
    from ansible.plugins.loader import init_plugin_loader
    from ansible.utils.collection_loader import AnsibleCollectionConfig
except ImportError:
    pass
else:
    if AnsibleCollectionConfig.collection_finder is None:  # ansible-test has one already
        init_plugin_loader([str(Path(__file__).resolve().parents[3] / ".build/collections")])
