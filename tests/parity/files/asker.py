# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plugin that asks Tutor all it can be asked about settings and plugins, at every moment, and puts the answers into the environment.

It runs on every release that has hooks: 13.2 and newer.
"""

from __future__ import annotations

import json
import os

from tutor import config as tutor_config
from tutor import env, hooks, plugins
from tutor.config import get_user, load_full, load_minimal  # what is imported by name stays what it was

ANSWERS = {}


def root():
    return os.environ["TUTOR_ROOT"]


def filled(update, config):
    """What a function that changes a configuration makes of one."""
    update(config)
    return config


QUESTIONS = {
    "get_user": lambda: tutor_config.get_user(root()),
    "get_user by name": lambda: get_user(root()),
    "load_minimal": lambda: tutor_config.load_minimal(root()),
    "load_minimal by name": lambda: load_minimal(root()),
    "load_defaults": tutor_config.load_defaults,
    "get_base": tutor_config.get_base,
    "get_defaults": tutor_config.get_defaults,
    "get_template": lambda: tutor_config.get_template("base.yml"),
    "get_yaml_file": lambda: sorted(tutor_config.get_yaml_file(tutor_config.config_path(root()))),
    "config_path": lambda: tutor_config.config_path(root()),
    "update_with_base": lambda: filled(tutor_config.update_with_base, {"ID": "asked"}),
    "update_with_defaults": lambda: filled(tutor_config.update_with_defaults, {"LMS_HOST": "asked"}),
    "update_with_env": lambda: filled(tutor_config.update_with_env, {"ASKER_VARIABLE": "asked"}),
    "upgrade_obsolete": lambda: filled(tutor_config.upgrade_obsolete, {"ACTIVATE_HTTPS": True}),
    "render_full": lambda: filled(tutor_config.render_full, {"A": "{{ B }}", "B": "b"}),
    "merge": lambda: filled(lambda config: tutor_config.merge(config, tutor_config.get_base()), {"ID": "asked"}),
    "save_enabled_plugins": lambda: filled(tutor_config.save_enabled_plugins, {}),
    "get_enabled_plugins": lambda: tutor_config.get_enabled_plugins(tutor_config.get_user(root())),
    "is_installed": lambda: [plugins.is_installed(name) for name in ("asker", "mfe", "nothing")],
    "is_loaded": lambda: [plugins.is_loaded(name) for name in ("asker", "banner", "mfe", "zebra")],
    "iter_installed": lambda: sorted(plugins.iter_installed()),
    "iter_loaded": lambda: list(plugins.iter_loaded()),
    "iter_info": lambda: sorted(map(str, plugins.iter_info())),
    "iter_patches": lambda: [text for text in plugins.iter_patches("openedx-lms-common-settings") if "BANNER" in text],
    "base_dir": lambda: env.base_dir(root()),
    "pathjoin": lambda: env.pathjoin(root(), "apps", "x"),
    "read_template_file": lambda: env.read_template_file("config", "base.yml"),
    "render_str": lambda: env.render_str(tutor_config.get_user(root()), "{{ LMS_HOST }} {{ ID }}"),
    "render_unknown": lambda: env.render_unknown(tutor_config.get_user(root()), ["{{ LMS_HOST }}", {"a": "{{ ID }}"}, 3]),
    "is_up_to_date": lambda: env.is_up_to_date(root()),
}
# They tell others of the settings: callbacks of CONFIG_LOADED must not ask them.
LOADING = {
    "load": lambda: tutor_config.load(root()),
    "load_full": lambda: tutor_config.load_full(root()),
    "load_full by name": lambda: load_full(root()),
    "is_service_activated": lambda: tutor_config.is_service_activated(tutor_config.load_full(root()), "lms"),
    "Renderer": lambda: env.Renderer(tutor_config.load_full(root())).render_str("{{ LMS_HOST }} {{ CMS_HOST }}"),
}


def ask(moment, loading=True):
    """Asks once at this moment."""
    if moment not in ANSWERS:
        ANSWERS[moment] = "asking"
        ANSWERS[moment] = {name: answer(question) for name, question in {**QUESTIONS, **(LOADING if loading else {})}.items()}


def ask_later(moment, loading=True):
    """Asks once all plugins are loaded, and not on behalf of another question."""
    if "PROJECT_ROOT_READY" in ANSWERS and "asking" not in ANSWERS.values():
        ask(moment, loading)


def answer(question):
    try:
        return question()
    except Exception as error:  # that is an answer too
        return "%s: %s" % (type(error).__name__, error)


def answers():
    ask("while a template is rendered")
    return json.dumps(ANSWERS, indent=1, default=str)


def asked_in_a_filter(text):
    ask_later("in a filter")
    return text


ask("while it is imported")
hooks.Filters.CONFIG_DEFAULTS.add_item(("ASKER_DEFAULT", "{{ LMS_HOST }}"))
hooks.Filters.CONFIG_UNIQUE.add_item(("ASKER_UNIQUE", "{{ ID | asker_filter }}"))
hooks.Filters.CONFIG_OVERRIDES.add_item(("ASKER_OVERRIDE", "set"))
hooks.Filters.ENV_TEMPLATE_FILTERS.add_item(("asker_filter", asked_in_a_filter))
hooks.Filters.ENV_TEMPLATE_VARIABLES.add_item(("asker_answers", answers))
hooks.Filters.ENV_TEMPLATE_ROOTS.add_item(os.path.dirname(__file__))
hooks.Filters.ENV_TEMPLATE_TARGETS.add_item(("answers", "plugins"))
if hasattr(hooks.Filters, "CONFIG_USER"):
    hooks.Filters.CONFIG_USER.add_item(("ASKER_USER", "given by a plugin"))


@hooks.Actions.PLUGINS_LOADED.add()
def _plugins_loaded():
    ask("PLUGINS_LOADED")


@hooks.Actions.PROJECT_ROOT_READY.add()
def _project_root_ready(root):
    ask("PROJECT_ROOT_READY")


if "ASKER_LISTENS" in os.environ and hasattr(hooks.Actions, "CONFIG_LOADED"):

    @hooks.Actions.CONFIG_LOADED.add()
    def _config_loaded(_config):
        ask_later("CONFIG_LOADED", loading=False)


if hasattr(hooks.Actions, "ENV_SAVED"):

    @hooks.Actions.ENV_SAVED.add()
    def _env_saved(folder, _config):
        ask("ENV_SAVED")
        with open(os.path.join(folder, "asker.json"), "w", encoding="utf-8") as file:
            json.dump(ANSWERS["ENV_SAVED"], file, indent=1, default=str)


@hooks.Filters.ENV_PATCHES.add()
def _patches(patches):
    if tutor_config.get_user(root()).get("ASKER_DEFAULT", True):
        patches.append(("openedx-lms-common-settings", "# asked when patches are listed"))
    return patches
