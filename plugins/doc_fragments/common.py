# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the documentation of every module shares."""

from __future__ import annotations


class ModuleDocFragment:
    # The options that COMMON of plugins/module_utils/_module.py reads, and what attributes mean.
    DOCUMENTATION = r"""
options:
  root:
    description:
      - The folder of the platform, which Tutor calls C(TUTOR_ROOT). It holds C(config.yml), C(env/) and C(data/).
      - Defaults to the environment variable E(TUTOR_ROOT), else to the default of the C(tutor) command, C(~/.local/share/tutor).
        E(XDG_DATA_HOME) on the host replaces C(~/.local/share), E(TUTOR_APP) replaces C(tutor) from Tutor 12.1.5 on, and Tutor Main
        appends C(-main).
      - Must be absolute. C(~) and variables are expanded on the host, for the user that the module runs as.
    type: path
  plugins_root:
    description:
      - The folder of single-file plugins, C(*.yml) (v0) and C(*.py) (v1), which Tutor calls C(TUTOR_PLUGINS_ROOT).
      - Defaults to the environment variable E(TUTOR_PLUGINS_ROOT), else to C(~/.local/share/tutor-plugins), which E(XDG_DATA_HOME),
        E(TUTOR_APP) and Tutor Main change as they change O(root).
    type: path
  templates:
    description:
      - A folder on the host with core's templates, laid out as in the C(tutor) package. Use it for a fork, for example.
      - Defaults to the templates of the C(tutor) package installed for the interpreter that the module runs in.
    type: path
requirements:
  - Python 3.8 or newer, Jinja2 and PyYAML on the host that holds the root
  - the C(tutor) package, 3.12 or newer, unless O(templates) is given and no v1 plugin is enabled
  - pycryptodome, if a template generates or reads keys
notes:
  - The module runs on the host that holds the root, in the interpreter that Tutor and plugin packages are installed for. Set
    C(ansible_python_interpreter) of its tasks to that of their virtual environment, as the roles of this collection do.
attributes:
  check_mode:
    description: Can run in check mode, where it changes nothing and reports what it would change.
  diff_mode:
    description: Shows what it changes with C(--diff), with secrets masked.
  idempotent:
    description: Changes nothing if run again.
"""

    # A module that writes.
    CHANGING = r"""
options:
  root_mode:
    description:
      - The mode of the root folder, in octal and in quotes. With V(0700) only its owner may enter. Use V(2770) or V(2775) for a root
        that several administrators share through a group. The mode must give the owner all rights, and must not let everybody write.
      - The group gets the same rights to C(config.yml) and C(env/), so that C(tutor) works for each member. Others can never read
        them, even if they may enter the root. C(.lectern/) stays private to the owner, whom the modules run as.
    type: raw
    default: "0700"
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
"""

    # A module whose work is shown while it runs, by plugins/plugin_utils/live.py.
    LIVE = r"""
attributes:
  action:
    description: Has a part that runs on the controller.
    support: full
    details:
      - Shows the output of tasks line by line while the module works, prefixed with host and task, with secrets masked. It shows nothing
        in check mode, with C(async), with C(no_log), or if the variable C(tutor_live_output) is false.
notes:
  - The output of each task is kept in C(.lectern/logs/) below the root, with secrets masked. Only the owner of the root can read it. The
    last ten logs of each task are kept.
"""

    # A module that only reads.
    # Of modules that work with the platform's containers.
    COMPOSE = r"""
options: {}
requirements:
  - Docker SDK for Python (the package C(docker)), 7.0 or newer
  - a Docker engine and Docker Compose 2
"""

    INFO = r"""
attributes:
  check_mode:
    support: full
  diff_mode:
    support: N/A
    details:
      - Changes nothing.
  idempotent:
    support: full
"""
