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
      - Default is the environment variable E(TUTOR_ROOT), else the default of the C(tutor) command, C(~/.local/share/tutor).
        E(XDG_DATA_HOME) of the host stands for C(~/.local/share), E(TUTOR_APP) for C(tutor) from Tutor 12.1.5 on, and Tutor Main adds
        C(-main).
      - It is given from the root of the file system. C(~) and variables are those of the host and of the user whom the module runs as.
    type: path
  plugins_root:
    description:
      - The folder of plugins that are single files, C(*.yml) (v0) and C(*.py) (v1), which Tutor calls C(TUTOR_PLUGINS_ROOT).
      - Default is the environment variable E(TUTOR_PLUGINS_ROOT), else C(~/.local/share/tutor-plugins), which E(XDG_DATA_HOME),
        E(TUTOR_APP) and Tutor Main change as they do O(root).
    type: path
  templates:
    description:
      - A folder on the host with core's templates, of the layout that the C(tutor) package has, such as those of a fork.
      - Default is the C(tutor) package that is installed beside the interpreter the module runs in.
    type: path
requirements:
  - Python 3.8 or newer, Jinja2 and PyYAML on the host that holds the root
  - the C(tutor) package, 3.12 or newer, unless O(templates) is given and no v1 plugin is enabled
  - pycryptodome, where a template makes or reads keys
notes:
  - The module runs on the host that holds the root, in the interpreter that holds Tutor and the plugin packages. Set
    C(ansible_python_interpreter) for its tasks to that of their virtual environment, as the roles of this collection do.
attributes:
  check_mode:
    description: Can run in check mode, where it changes nothing and says what it would change.
  diff_mode:
    description: Shows with C(--diff) what it changes, secrets masked.
  idempotent:
    description: Changes nothing when it is run again.
"""

    # A module that writes.
    CHANGING = r"""
options:
  root_mode:
    description:
      - The mode of the root folder, in octal and in quotes. With V(0700) nobody but its owner gets in. For a root that several
        administrators share through a group, V(2770) or V(2775). The owner must be allowed all, and not everybody may write.
      - What the mode lets the group do, it may do with C(config.yml) and C(env/) as well, so that C(tutor) works for each of its members.
        Others never read them, even if they may enter the root. C(.lectern/) stays the owner's, as whom modules run.
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
      - It shows while the module works what the tasks say, line by line, with host and task in front and secrets masked. Not in check mode,
        with C(async) or with C(no_log), and not where the variable C(tutor_live_output) is false.
notes:
  - What each task says is kept in C(.lectern/logs/) below the root, secrets masked, readable by the root's owner alone. Of each task the
    last ten logs are kept.
"""

    # A module that only reads.
    INFO = r"""
attributes:
  check_mode:
    support: full
  diff_mode:
    support: N/A
    details:
      - It changes nothing.
  idempotent:
    support: full
"""
