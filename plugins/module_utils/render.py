# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Renders templates, patches and settings with the contributions of core and plugins."""

from __future__ import annotations

import contextlib
import os
import re
import traceback
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional, Set, Tuple, Union

from . import jinja
from .contributions import CORE, Contributions, Target
from .errors import LecternError
from .releases import Release

# Filters whose results are as secret as what they are made of.
SECRET_FILTERS = ("random_string", "rsa_private_key", "uuid", "uid_master_hash", "encrypt", "long_to_base64")


class File(NamedTuple):
    """A rendered file of the environment; ``patches`` are the non-empty ones in it, with the owners of their texts."""

    content: bytes
    mode: int
    template: str
    owner: str
    patches: Dict[str, List[str]]


class Renderer:
    """Renders with one Jinja environment over ``config``, which may still change between two calls.

    ``made_secrets`` gathers what crypto filters returned, ``patches_used`` the patches of the file in work.
    """

    def __init__(self, contributions: Contributions, facts: Release, config: Dict[str, Any], user_id: int) -> None:
        self.contributions, self.facts, self.config = contributions, facts, config
        self.made_secrets: Set[str] = set()
        self.patches_used: Dict[str, List[str]] = {}
        self._within: List[str] = []
        self._patches = _by_name(contributions)
        self._compiled: Dict[str, Any] = {}
        self.jinja = jinja.environment([root.path for root in contributions.roots], self._filters(), self._globals(user_id))
        self._names: Optional[List[str]] = None

    def _filters(self) -> Dict[str, Callable[..., Any]]:
        filters = dict(self.contributions.filters, walk_templates=self.walk_templates)
        return {name: self._called_anew(function, name in SECRET_FILTERS) for name, function in filters.items()}

    def _called_anew(self, function: Callable[..., Any], secret: bool) -> Callable[..., Any]:
        """A filter that Jinja calls whenever it renders, and never once for all when it compiles.

        Jinja folds ``24|random_string`` into a constant, which every setting of that text would share.
        """
        if any(hasattr(function, mark) for mark in ("jinja_pass_arg", "contextfilter", "evalcontextfilter", "environmentfilter")):
            return function

        def call(_context: Any, *args: Any, **kwargs: Any) -> Any:
            result = function(*args, **kwargs)
            if secret:
                self.made_secrets.add(str(result))
            return result

        return jinja.pass_context(call)

    def _globals(self, user_id: int) -> Dict[str, Any]:
        own = {"iter_values_named": self.iter_values_named, "patch": self.patch, "HOST_USER_ID": user_id}
        return dict(self.contributions.variables, **own)

    @contextlib.contextmanager
    def using(self, config: Dict[str, Any]) -> Iterator[Dict[str, Any]]:
        """Renders with other settings for the time of the block."""
        usual, self.config = self.config, config
        try:
            yield config
        finally:
            self.config = usual

    def iter_values_named(self, prefix: Optional[str] = None, suffix: Optional[str] = None, allow_empty: bool = False) -> Iterator[Any]:
        """The values of settings by the start and end of their names, in the order of the settings; empty ones left out."""
        for key, value in self.config.items():
            if key.startswith(prefix or "") and key.endswith(suffix or "") and (value or allow_empty):
                yield value

    def walk_templates(self, folder: str) -> Iterator[str]:
        """The names of the templates below a folder."""
        yield from self.names(folder + self.facts["walk_suffix"])

    def names(self, prefix: str) -> List[str]:
        """The sorted names of all templates that start with ``prefix`` and are part of the environment."""
        if self._names is None:
            self._names = [name for name in self.jinja.list_templates() if self._is_wanted(name)]
        return [name for name in self._names if name.startswith(prefix)]

    def _is_wanted(self, name: str) -> bool:
        if any(re.match(pattern, name) for pattern in self.contributions.include):
            return True
        return not any(re.match(pattern, name) for pattern in self.contributions.ignore)

    def patch(self, name: str, separator: str = "\n", suffix: str = "") -> str:
        """What ``{{ patch(name) }}`` stands for: the plugins' texts, each rendered alone, joined."""
        texts = []
        for text, owner in self._patches.get(name, []):
            texts.append(self.text(text, "patch '%s' of plugin '%s'" % (name, owner)))
            owners = self.patches_used.setdefault(name, [])
            if owner not in owners:
                owners.append(owner)
        rendered = separator.join(texts)
        return rendered + suffix if rendered else rendered

    def text(self, text: str, where: str) -> str:
        """Renders a text; ``where`` names it in errors.

        Raises LecternError for a syntax error (with its line), an undefined setting and whatever else Jinja raises.
        """
        plain = jinja.plain(text)
        if plain is not None:
            return plain
        with self._naming(where):
            if text not in self._compiled:
                self._compiled[text] = self.jinja.from_string(text)
            return str(self._compiled[text].render(self.config))

    def template(self, name: str) -> str:
        """Renders a template file by name. Raises LecternError as ``text`` does."""
        with self._naming("template '%s'" % name):
            return str(self.jinja.get_template(name).render(self.config))

    def value(self, value: Any, where: str) -> Any:
        """Renders a setting's value: text, and what the release renders inside of lists and mappings."""
        if isinstance(value, str):
            return self.text(value, where)
        if isinstance(value, dict) and self.facts["renders_dicts"]:
            return {key: self.value(item, where) for key, item in value.items()}
        if isinstance(value, list) and self.facts["renders_lists"]:
            return [self.value(item, where) for item in value]
        return value

    @contextlib.contextmanager
    def _naming(self, where: str) -> Iterator[None]:
        self._within.append(where)
        try:
            yield
        except (LecternError, KeyboardInterrupt):
            raise
        except BaseException as error:  # plugins' own filters may raise anything
            raise LecternError(_explain(error, self._within, self._owners_text(error))) from error
        finally:
            self._within.pop()

    def _owners_text(self, error: BaseException) -> str:
        """Which template root a broken template lies in."""
        filename = getattr(error, "filename", None)
        roots = [root for root in self.contributions.roots if filename and filename.startswith(root.path + os.sep)]
        return " of plugin '%s'" % roots[-1].owner if roots and roots[-1].owner != CORE else ""

    def source(self, name: str) -> Tuple[str, str]:
        """The path and the owner of a template: of the first root that holds it."""
        for root in self.contributions.roots:
            path = os.path.join(root.path, *name.split("/"))
            if os.path.isfile(path):
                return path, root.owner
        raise LecternError("There is no template '%s'." % name)


def _by_name(contributions: Contributions) -> Dict[str, List[Tuple[str, str]]]:
    found: Dict[str, List[Tuple[str, str]]] = {}
    for patch in contributions.patches:
        found.setdefault(patch.name, []).append((patch.text, patch.owner))
    return found


def _line(error: BaseException) -> str:
    """The line of a template that a traceback ends in."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename == "<template>" or not frame.filename.endswith(".py"):
            return " line %s" % frame.lineno + (" ('%s')" % frame.filename if os.path.isabs(frame.filename) else "")
    return ""


def _explain(error: BaseException, within: List[str], owner: str) -> str:
    import jinja2

    where = " in ".join(reversed(within))
    if isinstance(error, jinja2.TemplateSyntaxError):
        place = " ('%s')" % error.filename if error.filename and error.filename != "<unknown>" else ""
        return "Jinja syntax error in %s%s, line %s%s: %s." % (where, owner, error.lineno, place, error.message)
    if isinstance(error, jinja2.UndefinedError):
        return "Undefined setting in %s%s: %s. Set it in the settings, or enable the plugin that defines it." % (where, _line(error), error)
    if isinstance(error, jinja2.TemplateNotFound):
        return "Template '%s' is needed in %s%s, but no template root holds it." % (error, where, _line(error))
    if isinstance(error, RecursionError):
        return "Endless recursion in %s: a patch or template includes itself." % " in ".join(within[:3])
    return "%s in %s%s: %s." % (type(error).__name__, where, _line(error), error)


def tree(renderer: Renderer) -> Dict[str, File]:
    """The whole environment: by path below ``env/``. A later target overwrites an earlier one, as upstream does.

    Raises LecternError for a target that leaves ``env/``, and for all that rendering can raise.
    """
    found: Dict[str, File] = {}
    for target in renderer.contributions.targets:
        for name in renderer.names(target.src):
            found[destination(target, name)] = file(renderer, name)
    _refuse_nested(found)
    return found


def paths(renderer: Renderer) -> Dict[str, str]:
    """The paths of the environment and their owners, without rendering."""
    return {destination(t, name): renderer.source(name)[1] for t in renderer.contributions.targets for name in renderer.names(t.src)}


def destination(target: Target, name: str) -> str:
    """Where a target writes a template, relative to ``env/``.

    Raises LecternError when that is outside.
    """
    path = os.path.normpath(os.path.join(target.dst, name))
    if os.path.isabs(path) or path.split(os.sep)[0] == os.pardir:
        raise LecternError(
            "Plugin '%s' wants to write template '%s' to '%s', outside of the environment: refused." % (target.owner, name, target.dst)
        )
    return path


def _refuse_nested(found: Dict[str, File]) -> None:
    for path in found:
        parent = os.path.dirname(path)
        while parent:
            if parent in found:
                raise LecternError("'%s' would be both a file (template '%s') and a folder." % (parent, found[parent].template))
            parent = os.path.dirname(parent)


def file(renderer: Renderer, name: str) -> File:
    """One template, rendered or verbatim, with the execute permission of its source."""
    renderer.patches_used = {}
    path, owner = renderer.source(name)
    content: Union[str, bytes]
    if renderer.contributions.is_rendered(name):
        content = renderer.template(name).encode("utf-8")
    else:
        with open(path, "rb") as stream:
            content = stream.read()
    mode = 0o755 if os.stat(path).st_mode & 0o100 else 0o644
    return File(content, mode, name, owner, renderer.patches_used)
