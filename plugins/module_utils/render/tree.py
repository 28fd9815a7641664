# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Renders all templates into the files of the environment, in memory."""

from __future__ import annotations

import os
from typing import Any, Dict, Tuple

from ..base import plain
from ..base.content import Content, File, Verbatim
from ..base.errors import LecternError, quoted
from ..plugins.contributions import CORE, Target
from .renderer import Renderer

LONGEST_NAME = 255  # bytes of a file's name


def render_environment(renderer: Renderer, settings: Dict[str, Any]) -> Dict[str, File]:
    """Render the whole environment: files by path below ``env/``. A later target overwrites an earlier one, as upstream does.

    Raises LecternError for a target that leaves ``env/``, and for all that rendering can raise.
    """
    templates = {
        destination(target, name): name for target in renderer.contributions.targets for name in renderer.template_names(target.src)
    }
    _refuse_names(renderer, templates)
    is_rendered = renderer.contributions.is_rendered
    files = {path: render_file(renderer, name, settings, is_rendered(name)) for path, name in templates.items()}
    _refuse_nested(files)
    renderer.free_templates()
    return files


def list_paths(renderer: Renderer) -> Dict[str, str]:
    """Return the paths of the environment and their owners, without rendering."""
    return {
        destination(target, name): renderer.find_template(name)[1]
        for target in renderer.contributions.targets
        for name in renderer.template_names(target.src)
    }


def destination(target: Target, name: str) -> str:
    """Return the path, relative to ``env/``, that a target writes a template to.

    Raises LecternError for one outside, or too long.
    """
    path = os.path.normpath(os.path.join(target.dst, name))
    if os.path.isabs(path) or path.split(os.sep)[0] == os.pardir:
        raise LecternError(
            "Plugin '%s' wants to write template '%s' to '%s', outside of the environment: refused." % (target.owner, name, target.dst)
        )
    if any(len(os.fsencode(part)) > LONGEST_NAME for part in path.split(os.sep)):
        raise LecternError(
            "Plugin '%s' wants to write template '%s' to %s: no file can have so long a name." % (target.owner, name, quoted(target.dst))
        )
    return path


def _refuse_names(renderer: Renderer, templates: Dict[str, str]) -> None:
    """Raise LecternError for a template, or a path below ``env/``, whose name is not UTF-8."""
    for path, name in templates.items():
        if not plain.is_text(path + name):
            source, owner = renderer.find_template(name)
            of_owner = " of core" if owner == CORE else " of plugin '%s'" % owner
            plain.refuse_name(source, of_owner)
            plain.refuse_name(path, of_owner)


def _refuse_nested(files: Dict[str, File]) -> None:
    """Raise LecternError for a file whose path needs a folder where another file is."""
    for path in files:
        parent = os.path.dirname(path)
        while parent:
            if parent in files:
                names = parent, *_template_and_owner(files[parent]), *_template_and_owner(files[path])
                raise LecternError("'%s' would be both a file (template '%s' of %s) and a folder (template '%s' of %s)." % names)
            parent = os.path.dirname(parent)


def _template_and_owner(file: File) -> Tuple[str, str]:
    return file.template, "core" if file.owner == CORE else "plugin '%s'" % file.owner


def render_file(renderer: Renderer, name: str, settings: Dict[str, Any], is_rendered: bool) -> File:
    """Render or copy one template, with the execute permission of its source."""
    renderer.patches_used = {}
    path, owner = renderer.find_template(name)
    try:
        content: Content = renderer.render_template(name, settings) if is_rendered else Verbatim(path)
        mode = 0o755 if os.stat(path).st_mode & 0o100 else 0o644
    except OSError as error:
        raise renderer.unreadable_error(name, error) from error
    return File(content, mode, name, owner, renderer.patches_used)
