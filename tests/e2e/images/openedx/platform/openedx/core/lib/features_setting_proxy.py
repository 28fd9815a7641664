# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
class FeaturesProxy(dict):
    """A feature is also a setting of its own name."""

    def __init__(self, settings):
        super().__init__(settings.get("FEATURES") or {})
        self._settings = settings
        settings.update(self)

    def __setitem__(self, key, value):
        super().__setitem__(key, value)
        self._settings[key] = value
