# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Renders templates, patches and settings with the contributions of core and plugins."""

from __future__ import annotations

import contextlib
import functools
import os
import re
import traceback
from collections import ChainMap
from typing import Any, Callable, Dict, Iterator, List, Optional, Set, Tuple

from ..base import isolation, limits, serialize
from ..base.errors import LecternError, LimitError, words_of
from ..base.limits import MEMORY, Endless, limited
from ..base.releases import Release
from ..plugins.contributions import CORE, Contributions
from . import bind_mounts, jinja, setting_types
from .bytecode import Compiled

# Filters whose results are as secret as what they are made of.
SECRET_FILTERS = ("random_string", "rsa_private_key", "uuid", "uid_master_hash", "encrypt", "long_to_base64")

# Filters that make something else each time.
RANDOM_FILTERS = ("random_string", "rsa_private_key", "uuid", "encrypt")

# What is raised where a value is not such as a template expects it.
OF_VALUES = (TypeError, ValueError, AttributeError, LookupError, ArithmeticError)

NAME = re.compile(r"\b[A-Z][A-Z0-9_]*\b")

MOST_NAMED = 5  # settings in an error

# The layers of settings that contributors fill.
SETTINGS = ("base", "defaults", "unique", "overrides")


class Renderer:
    """Renders with one Jinja environment over ``config``, which may still change between two calls.

    ``made_secrets`` gathers what crypto filters returned, ``patches_used`` and ``settings_used`` the patches and settings of the file in
    work; ``unforeseeable`` is true where it depends on more than those. ``compiled`` has compiled templates of an earlier call.
    """

    def __init__(
        self,
        contributions: Contributions,
        release: Release,
        config: Dict[str, Any],
        user_id: int,
        compiled: Optional[Dict[str, bytes]] = None,
    ) -> None:
        self.contributions, self.release, self.config, self._user_id = contributions, release, config, user_id
        self.made_secrets: Set[str] = set()
        self.patches_used: Dict[str, List[str]] = {}
        self.settings_used: Set[str] = set()
        self.unforeseeable = False
        self._within: List[str] = []
        self._patches = _by_name(contributions)
        self._owners = {item.key: item.owner for layer in SETTINGS for item in getattr(contributions, layer)}
        self._templates: Dict[str, Any] = {}
        self._sources: Dict[str, Tuple[str, str]] = {}
        filters = self._filters()
        self.compiled = Compiled(sorted(filters), compiled or {})
        watched = jinja.watched(self.compiled.code, self.settings_used.add)
        self.jinja = jinja.environment([root.path for root in contributions.roots], filters, self._globals(user_id), watched)
        self.jinja.filters["random"] = self._called_anew("random", self.jinja.filters["random"])
        self._names: Optional[List[str]] = None

    def _filters(self) -> Dict[str, Callable[..., Any]]:
        filters = dict(self.contributions.filters, walk_templates=self.walk_templates)
        if "rsa_import_key" in filters:  # settings and templates ask for the same few keys, and each takes long
            filters["rsa_import_key"] = functools.lru_cache(maxsize=None)(filters["rsa_import_key"])
        return {name: self._called_anew(name, function) for name, function in filters.items()}

    def _called_anew(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """A filter that Jinja calls whenever it renders, and never once for all when it compiles.

        Jinja folds ``24|random_string`` into a constant, which every setting of that text would share.
        """
        takes_context = jinja.takes_context(function)

        def call(*args: Any, **kwargs: Any) -> Any:
            self.unforeseeable = self.unforeseeable or takes_context or name in RANDOM_FILTERS or name in self.contributions.code
            result = function(*args, **kwargs)
            if name in SECRET_FILTERS:
                self.made_secrets.add(str(result))
            return result

        if takes_context:
            return functools.wraps(function)(call)
        return jinja.pass_context(lambda _context, *args, **kwargs: call(*args, **kwargs))

    def _globals(self, user_id: int) -> Dict[str, Any]:
        own = {"iter_values_named": self.iter_values_named, "patch": self.patch}
        found = dict({"HOST_USER_ID": user_id}, **self.contributions.variables)
        found.update((name, self._called_anew(name, item)) for name, item in found.items() if jinja.takes_context(item))
        if "iter_mounts" in found and not jinja.takes_context(found["iter_mounts"]):
            found["iter_mounts"] = self._with_whole_paths(found["iter_mounts"])
        return dict(found, **own)

    def _with_whole_paths(self, iter_mounts: Callable[..., Any]) -> Callable[..., Any]:
        """The function of that name in templates, which takes any list of mounts, without those that depend on the working directory."""

        @functools.wraps(iter_mounts)
        def checked(mounts: Any, *args: Any, **kwargs: Any) -> Iterator[Any]:
            where = " in ".join(["iter_mounts", *reversed(self._within)])
            bind_mounts.refuse_relative(mounts, where)
            return bind_mounts.checked_volumes(iter_mounts(mounts, *args, **kwargs), where)

        return checked

    def renewed(self, contributions: Contributions) -> Renderer:
        """The same with what core and plugins add now."""
        other = Renderer(contributions, self.release, self.config, self._user_id, self.compiled.known)
        other.made_secrets = self.made_secrets
        return other

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
        self.unforeseeable = True
        for key, value in self.config.items():
            if key.startswith(prefix or "") and key.endswith(suffix or "") and (value or allow_empty):
                yield value

    def walk_templates(self, folder: str) -> Iterator[str]:
        """The names of the templates below a folder."""
        yield from self.names(folder + self.release.walk_suffix)

    def names(self, prefix: str) -> List[str]:
        """The sorted names of all templates that start with ``prefix`` and are part of the environment."""
        if self._names is None:
            names = self._all_names()
            with isolation.calling("ENV_PATTERNS_INCLUDE or ENV_PATTERNS_IGNORE failed"):
                self._names = [name for name in names if self._is_wanted(name)]
        return [name for name in self._names if name.startswith(prefix)]

    def _all_names(self) -> List[str]:
        """The sorted names of all templates. Raises LecternError for a folder of templates with more of them than anybody can have."""
        found: Set[str] = set()
        for root in self.contributions.roots:
            named = "The folder of templates of plugin '%s'" % root.owner if root.owner != CORE else "The folder of templates"
            start = len(root.path.rstrip(os.sep)) + 1
            found.update(path[start:] for path in jinja.files(root.path, named))
        return sorted(found)

    def _is_wanted(self, name: str) -> bool:
        if any(re.match(pattern, name) for pattern in self.contributions.include):
            return True
        return not any(re.match(pattern, name) for pattern in self.contributions.ignore)

    def patch(self, name: str, separator: str = "\n", suffix: str = "") -> str:
        """What ``{{ patch(name) }}`` stands for: the plugins' texts, each rendered alone, joined."""
        return joined(self.patch_texts(name), separator, suffix)

    def patch_texts(self, name: str) -> List[str]:
        """Renders each plugin's text of a patch alone, in upstream's order; an unknown name gives none."""
        texts = []
        for text, owner in self._patches.get(name, []):
            texts.append(self.text(text, "patch '%s' of plugin '%s'" % (name, owner)))
            owners = self.patches_used.setdefault(name, [])
            if owner not in owners:
                owners.append(owner)
        return texts

    def patch_names(self) -> List[str]:
        """The sorted names of all patches that plugins add to."""
        return sorted(self._patches)

    def text(self, text: str, where: str) -> str:
        """Renders a text; ``where`` names it in errors.

        Raises LecternError for a syntax error (with its line), an undefined setting and whatever else Jinja raises.
        """
        plain = jinja.plain(text)
        if plain is not None:
            return plain
        with self._naming(where, text):
            rendered = self._looked_up(text) or str(self._compiled(text).render(self.config))
        _refuse_long(rendered, where, serialize.LARGEST)
        return rendered

    def _compiled(self, text: str) -> Any:
        if text not in self._templates:
            self._templates[text] = self.jinja.from_string(text)
        return self._templates[text]

    def _looked_up(self, text: str) -> Optional[str]:
        """What a text comes to that only names settings; None where Jinja has to see to it, such as one that is not there."""
        parts = jinja.names_alone(text)
        values = ChainMap(self.config, self.jinja.globals)
        if parts is None or any(name not in values for name in parts[1::2]):
            return None
        self.settings_used.update(parts[1::2])
        return "".join(str(values[part]) if index % 2 else part for index, part in enumerate(parts))

    def template(self, name: str) -> bytes:
        """Renders a template file by name, as UTF-8. Raises LecternError as ``text`` does."""
        path, owner = self.source(name)
        where = "template '%s'%s" % (name, " of plugin '%s'" % owner if owner != CORE else "")
        with self._naming(where):
            text = self._read(name, path)
            plain = jinja.plain(text)
            if plain is None:
                plain = self._looked_up(text) or self._rendered_once(text, name, path)
            _refuse_long(plain, where, limits.LARGEST)
            return plain.encode("utf-8")

    def _read(self, name: str, path: str) -> str:
        """The text of a template.

        Raises LecternError that names it and its owner for one that can't be read, and for a binary one; UnicodeDecodeError for any other.
        """
        try:
            return jinja.read(path)
        except UnicodeDecodeError:
            if jinja.is_binary(path):
                raise LecternError(self._explain_binary(name)) from None
            raise
        except OSError as error:
            raise self.unreadable(name, error) from error

    def unreadable(self, name: str, error: OSError) -> LecternError:
        """What is raised for a template that the system refuses to read."""
        path, owner = self.source(name)
        whose = " of plugin '%s'" % owner if owner != CORE else ""
        return LecternError("'%s' (template '%s'%s) can't be read: %s." % (path, name, whose, words_of(error)))

    def _explain_binary(self, name: str) -> str:
        """Why a binary file can't be part of the environment under its name, and what to do."""
        message = "Template '%s' of %s is binary, and would be rendered as text: only files that end in %s are copied as they are. %s."
        owner = self.source(name)[1]
        what_to_do = "Give it one of these suffixes"
        if self.release.has_hooks:
            what_to_do += ", or leave it out (ENV_PATTERNS_IGNORE) or have it copied (IS_FILE_RENDERED) by a v1 plugin"
        return message % (name, "plugin '%s'" % owner if owner != CORE else owner, ", ".join(self.release.verbatim), what_to_do)

    def _rendered_once(self, text: str, name: str, path: str) -> str:
        """As Jinja loads and renders a template, which it would look for in all roots once more, and keep."""
        code = self.jinja.compile(text, name, path)
        loaded = self.jinja.template_class.from_code(self.jinja, code, self.jinja.make_globals(None))
        try:
            return str(loaded.render(self.config))
        finally:
            _free(loaded)

    def forget(self) -> None:
        """Frees the memory of templates; whoever needs one again has it made again."""
        for loaded in self._templates.values():
            _free(loaded)
        self._templates.clear()

    def setting(self, key: str, value: Any) -> Any:
        """Renders the value of a setting; errors name it and the plugin that defines it."""
        owner = self._owners.get(key, CORE)
        return self.value(value, "setting '%s'%s" % (key, " of plugin '%s'" % owner if owner != CORE else ""))

    def value(self, value: Any, where: str) -> Any:
        """Renders a setting's value: text, and what the release renders inside of lists and mappings."""
        if isinstance(value, str):
            return self.text(value, where)
        if isinstance(value, dict) and self.release.renders_dicts:
            return {key: self.value(item, where) for key, item in value.items()}
        if isinstance(value, list) and self.release.renders_lists:
            return [self.value(item, where) for item in value]
        return value

    def settings_in(self, value: Any) -> Set[str]:
        """The names of the settings that the templates in a value refer to; none for one that is no valid template."""
        from jinja2 import TemplateSyntaxError, meta

        if isinstance(value, (list, dict)):
            items = value if isinstance(value, list) else value.values()
            return {name for item in items for name in self.settings_in(item)}
        try:
            with limited():  # it works out what needs no settings
                return set(meta.find_undeclared_variables(self.jinja.parse(value))) if isinstance(value, str) else set()
        except (TemplateSyntaxError, Endless, MemoryError, RecursionError):
            return set()  # rendering it tells

    @contextlib.contextmanager
    def _naming(self, where: str, text: str = "") -> Iterator[None]:
        """Names the place of what fails in the block; ``text`` is the template that is rendered there, if it is no file."""
        self._within.append(where)
        try:
            with limited() if len(self._within) == 1 else contextlib.nullcontext():
                yield
        except LecternError:
            raise
        except BaseException as error:  # plugins' own filters may raise anything
            kind = LimitError if isinstance(error, (Endless, MemoryError)) else LecternError
            raise kind(_explain(error, self._within) + self._settings_at(error, text)) from error
        finally:
            self._within.pop()

    def _settings_at(self, error: BaseException, text: str) -> str:
        """The settings in the line of a template that failed with one of their values."""
        if isinstance(error, OSError) or not isinstance(error, OF_VALUES) and "has no attribute" not in isolation.message_of(error):
            return ""
        file, number = _place(error)
        with contextlib.suppress(OSError, UnicodeDecodeError):
            lines = (jinja.read(file) if file else text).splitlines()
            names = dict.fromkeys(NAME.findall(lines[number - 1])) if 0 < number <= len(lines) else {}
            known = [setting_types.told(name, self.config[name]) for name in names if name in self.config]
            return " %s." % "; ".join(known[:MOST_NAMED]) if known else ""
        return ""

    def source(self, name: str) -> Tuple[str, str]:
        """The path and the owner of a template: of the first root that holds it."""
        if name not in self._sources:
            self._sources[name] = self._find(name)
        return self._sources[name]

    def _find(self, name: str) -> Tuple[str, str]:
        for root in self.contributions.roots:
            path = os.path.join(root.path, *name.split("/"))
            if os.path.isfile(path):
                if os.path.getsize(path) > limits.LARGEST:
                    raise LecternError("'%s' is longer than %d MiB: no template may be." % (path, limits.LARGEST // 2**20))
                return path, root.owner
        raise LecternError(
            "Template '%s' can't be read: no template root holds it, or it is a pipe, a device, or a link that leads nowhere." % name
        )


def _refuse_long(rendered: str, where: str, most: int) -> None:
    if len(rendered) > most:
        raise LimitError("What is rendered from %s is longer than %d MiB: it may not be." % (where, most // 2**20))


def joined(texts: List[str], separator: str, suffix: str) -> str:
    """Joins a patch's texts as upstream does: the suffix follows only where there is any text."""
    rendered = separator.join(texts)
    return rendered + suffix if rendered else rendered


def _free(template: Any) -> None:
    """Frees a template that is no longer needed. Its functions and what they know refer to each other, which nobody looks for meanwhile."""
    with contextlib.suppress(AttributeError):
        template.root_render_func.__globals__.clear()


def _by_name(contributions: Contributions) -> Dict[str, List[Tuple[str, str]]]:
    found: Dict[str, List[Tuple[str, str]]] = {}
    for patch in contributions.patches:
        found.setdefault(patch.name, []).append((patch.text, patch.owner))
    return found


def _place(error: BaseException) -> Tuple[str, int]:
    """The template file that a traceback ends in, empty where it is a text, and the line; 0 where nobody can tell."""
    if not isinstance(error, Exception):  # Jinja tells the lines of no others
        return "", 0
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename == "<template>" or os.path.isabs(frame.filename) and not frame.filename.endswith(".py"):
            return frame.filename if os.path.isabs(frame.filename) else "", frame.lineno or 0
    return "", 0


def _line(error: BaseException) -> str:
    """The line of a template that a traceback ends in, and its file, in words."""
    file, number = _place(error)
    return (" line %d" % number if number else "") + (" ('%s')" % file if file else "")


def _explain(error: BaseException, within: List[str]) -> str:
    import jinja2

    where, reason = " in ".join(reversed(within)), isolation.message_of(error).rstrip(".")
    if isinstance(error, jinja2.TemplateSyntaxError):
        place = " ('%s')" % error.filename if error.filename and error.filename != "<unknown>" else ""
        return "Jinja syntax error in %s, line %s%s: %s." % (where, error.lineno, place, str(error.message).rstrip("."))
    if isinstance(error, jinja2.UndefinedError):
        return "Undefined setting in %s%s: %s. Set it in the settings, or enable the plugin that defines it." % (
            where,
            _line(error),
            reason,
        )
    if isinstance(error, jinja2.TemplateNotFound):
        return "Template '%s' is needed in %s%s, but no template root holds it." % (error.name, where, _line(error))
    place = isolation.place_below(error, os.path.dirname(jinja2.__file__))
    if isinstance(error, UnicodeDecodeError) and not place:
        return "Not UTF-8 text in %s (byte %d): save it as UTF-8." % (where, error.start)
    if isinstance(error, RecursionError):
        return "Endless recursion in %s: a patch or template includes itself." % " in ".join(within[:3])
    if isinstance(error, Endless):
        return "Endless loop in %s%s: %s." % (where, _line(error), reason)
    if isinstance(error, MemoryError):
        return "What is rendered from %s%s takes more than %d MiB of memory: it may not." % (where, _line(error), MEMORY // 2**20)
    if isinstance(error, OSError) and error.filename:
        reason = "'%s': %s" % (error.filename, words_of(error))
    return "%s in %s%s%s%s." % (type(error).__name__, where, _line(error), ": " + reason if reason else "", place)
