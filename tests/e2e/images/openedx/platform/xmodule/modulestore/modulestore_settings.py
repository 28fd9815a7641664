# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
def update_module_store_settings(module_store, doc_store_settings):
    for store in module_store["default"]["OPTIONS"]["stores"]:
        store["DOC_STORE_CONFIG"] = doc_store_settings
