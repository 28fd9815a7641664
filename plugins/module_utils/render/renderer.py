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
from ..plugins.template_filters import SECRET_FILTERS
from . import bind_mounts, jinja, setting_types
from .bytecode import TemplateCode

# Errors that a value of the wrong type causes in a template.
OF_VALUES = (TypeError, ValueError, AttributeError, LookupError, ArithmeticError)

NAME = re.compile(r"\b[A-Z][A-Z0-9_]*\b")

MOST_NAMED = 5  # settings in an error

# The layers of settings that core and plugins fill.
SETTINGS = ("base", "defaults", "unique", "overrides")


class Renderer:
    """Renders with the contributions of core and plugins, in one Jinja environment. Each call gives the settings to render with.

    ``made_secrets`` collects the results of crypto filters, ``patches_used`` are the patches of the file that is being rendered.
    ``compiled`` are templates that an earlier call compiled.
    """

    def __init__(
        self,
        contributions: Contributions,
        release: Release,
        user_id: int,
        compiled: Optional[Dict[str, bytes]] = None,
    ) -> None:
        self.contributions, self.release, self._user_id = contributions, release, user_id
        self.made_secrets: Set[str] = set()
        self.patches_used: Dict[str, List[str]] = {}
        self._within: List[str] = []  # what is being rendered, the outermost first
        self._settings: Dict[str, Any] = {}  # that it is rendered with
        self._patches = _patches_by_name(contributions)
        self._owners = {item.key: item.owner for layer in SETTINGS for item in getattr(contributions, layer)}
        self._templates: Dict[str, Any] = {}
        self._sources: Dict[str, Tuple[str, str]] = {}
        filters = self._filters()
        self.compiled = TemplateCode(sorted(filters), compiled or {})
        kind = jinja.compiling_by(self.compiled.get)
        self.jinja = jinja.environment([root.path for root in contributions.roots], filters, self._globals(user_id), kind)
        self.jinja.filters["random"] = self._called_anew("random", self.jinja.filters["random"])
        self._names: Optional[List[str]] = None

    def _filters(self) -> Dict[str, Callable[..., Any]]:
        filters = dict(self.contributions.filters, walk_templates=self.walk_templates)
        if "rsa_import_key" in filters:  # the same few keys are imported again and again, and each takes long
            filters["rsa_import_key"] = functools.lru_cache(maxsize=None)(filters["rsa_import_key"])
        return {name: self._called_anew(name, function) for name, function in filters.items()}

    def _called_anew(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a filter that Jinja calls whenever it renders, not once when it compiles.

        Jinja folds ``24|random_string`` into a constant, which every setting of that text would share.
        """

        def call(*args: Any, **kwargs: Any) -> Any:
            result = function(*args, **kwargs)
            if name in SECRET_FILTERS:
                self.made_secrets.add(str(result))
            return result

        if jinja.takes_context(function):
            return functools.wraps(function)(call)
        return jinja.pass_context(lambda _context, *args, **kwargs: call(*args, **kwargs))

    def _globals(self, user_id: int) -> Dict[str, Any]:
        own = {"iter_values_named": self._iter_values_named, "patch": self._call_patch}
        variables = dict({"HOST_USER_ID": user_id}, **self.contributions.variables)
        if "iter_mounts" in variables and not jinja.takes_context(variables["iter_mounts"]):
            variables["iter_mounts"] = self._with_whole_paths(variables["iter_mounts"])
        return dict(variables, **own)

    def _with_whole_paths(self, iter_mounts: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function ``iter_mounts`` of templates, which refuses mounts that depend on the working directory."""

        @functools.wraps(iter_mounts)
        def checked(mounts: Any, *args: Any, **kwargs: Any) -> Iterator[Any]:
            where = " in ".join(["iter_mounts", *reversed(self._within)])
            bind_mounts.refuse_relative(mounts, where)
            return bind_mounts.checked_volumes(iter_mounts(mounts, *args, **kwargs), where)

        return checked

    def with_contributions(self, contributions: Contributions) -> Renderer:
        """Return a renderer of other contributions that keeps the secrets made so far and the compiled templates."""
        other = Renderer(contributions, self.release, self._user_id, {**self.compiled.kept, **self.compiled.used})
        other.made_secrets = self.made_secrets
        return other

    def _iter_values_named(self, prefix: Optional[str] = None, suffix: Optional[str] = None, allow_empty: bool = False) -> Iterator[Any]:
        """Yield, for a template, the values of settings by the start and end of their names, in the order of the settings."""
        for key, value in self._settings.items():
            if key.startswith(prefix or "") and key.endswith(suffix or "") and (value or allow_empty):
                yield value

    def walk_templates(self, folder: str) -> Iterator[str]:
        """Yield the names of the templates below a folder."""
        yield from self.template_names(folder + self.release.walk_suffix)

    def template_names(self, prefix: str) -> List[str]:
        """Return the sorted names of all templates that start with ``prefix`` and are part of the environment."""
        if self._names is None:
            names = self._all_names()
            with isolation.calling("ENV_PATTERNS_INCLUDE or ENV_PATTERNS_IGNORE failed"):
                self._names = [name for name in names if self._is_wanted(name)]
        return [name for name in self._names if name.startswith(prefix)]

    def _all_names(self) -> List[str]:
        """Return the sorted names of all templates. Raises LecternError for a folder with too many files."""
        names: Set[str] = set()
        for root in self.contributions.roots:
            named = "The folder of templates of plugin '%s'" % root.owner if root.owner != CORE else "The folder of templates"
            start = len(root.path.rstrip(os.sep)) + 1
            names.update(path[start:] for path in jinja.list_files(root.path, named))
        return sorted(names)

    def _is_wanted(self, name: str) -> bool:
        if any(re.match(pattern, name) for pattern in self.contributions.include):
            return True
        return not any(re.match(pattern, name) for pattern in self.contributions.ignore)

    def _call_patch(self, name: str, separator: str = "\n", suffix: str = "") -> str:
        """Return what ``{{ patch(name) }}`` stands for in the template that is being rendered."""
        return self.render_patch(name, self._settings, separator, suffix)

    def render_patch(self, name: str, settings: Dict[str, Any], separator: str = "\n", suffix: str = "") -> str:
        """Return the plugins' texts of a patch, each rendered alone, joined."""
        return join_texts(self.render_patch_texts(name, settings), separator, suffix)

    def render_patch_texts(self, name: str, settings: Dict[str, Any]) -> List[str]:
        """Render each plugin's text of a patch alone, in upstream's order; an unknown name has none."""
        texts = []
        for text, owner in self._patches.get(name, []):
            texts.append(self.render_text(text, "patch '%s' of plugin '%s'" % (name, owner), settings))
            owners = self.patches_used.setdefault(name, [])
            if owner not in owners:
                owners.append(owner)
        return texts

    def patch_names(self) -> List[str]:
        """Return the sorted names of all patches that plugins add to."""
        return sorted(self._patches)

    def render_text(self, text: str, where: str, settings: Dict[str, Any]) -> str:
        """Render a text; ``where`` names it in errors.

        Raises LecternError for a syntax error (with its line), an undefined setting and whatever else Jinja raises.
        """
        plain = jinja.render_plain(text)
        if plain is not None:
            return plain
        with self._rendering(where, settings, text):
            rendered = self._look_up(text, settings) or str(self._compile(text).render(settings))
        _refuse_long(rendered, where, serialize.LARGEST)
        return rendered

    def _compile(self, text: str) -> Any:
        if text not in self._templates:
            self._templates[text] = self.jinja.from_string(text)
        return self._templates[text]

    def _look_up(self, text: str, settings: Dict[str, Any]) -> Optional[str]:
        """Render a text that only names settings; return None for one that needs Jinja, such as one with an undefined name."""
        parts = jinja.split_names(text)
        values = ChainMap(settings, self.jinja.globals)
        if parts is None or any(name not in values for name in parts[1::2]):
            return None
        return "".join(str(values[part]) if index % 2 else part for index, part in enumerate(parts))

    def render_template(self, name: str, settings: Dict[str, Any]) -> bytes:
        """Render a template file by name, as UTF-8. Raises LecternError as ``render_text`` does."""
        path, owner = self.find_template(name)
        where = "template '%s'%s" % (name, " of plugin '%s'" % owner if owner != CORE else "")
        with self._rendering(where, settings):
            text = self._read(name, path)
            plain = jinja.render_plain(text)
            if plain is None:
                plain = self._look_up(text, settings) or self._render_once(text, name, path, settings)
            _refuse_long(plain, where, limits.LARGEST)
            return plain.encode("utf-8")

    def _read(self, name: str, path: str) -> str:
        """Return the text of a template.

        Raises LecternError that names it and its owner for one that can't be read, and for a binary one; UnicodeDecodeError for other text.
        """
        try:
            return jinja.read(path)
        except UnicodeDecodeError:
            if jinja.is_binary(path):
                raise LecternError(self._explain_binary(name)) from None
            raise
        except OSError as error:
            raise self.unreadable_error(name, error) from error

    def unreadable_error(self, name: str, error: OSError) -> LecternError:
        """Return the error for a template that the system refuses to read."""
        path, owner = self.find_template(name)
        whose = " of plugin '%s'" % owner if owner != CORE else ""
        return LecternError("'%s' (template '%s'%s) can't be read: %s." % (path, name, whose, words_of(error)))

    def _explain_binary(self, name: str) -> str:
        """Say why a binary file can't be part of the environment under its name, and what to do."""
        message = "Template '%s' of %s is binary, and would be rendered as text: only files that end in %s are copied as they are. %s."
        owner = self.find_template(name)[1]
        what_to_do = "Give it one of these suffixes"
        if self.release.has_hooks:
            what_to_do += ", or leave it out (ENV_PATTERNS_IGNORE) or have it copied (IS_FILE_RENDERED) by a v1 plugin"
        return message % (name, "plugin '%s'" % owner if owner != CORE else owner, ", ".join(self.release.verbatim), what_to_do)

    def _render_once(self, text: str, name: str, path: str, settings: Dict[str, Any]) -> str:
        """Load and render a template as Jinja does, which would look for it in all roots once more, and keep it."""
        code = self.jinja.compile(text, name, path)
        loaded = self.jinja.template_class.from_code(self.jinja, code, self.jinja.make_globals(None))
        try:
            return str(loaded.render(settings))
        finally:
            _free(loaded)

    def free_templates(self) -> None:
        """Free the memory of compiled templates. One that is needed again is compiled again."""
        for loaded in self._templates.values():
            _free(loaded)
        self._templates.clear()

    def render_setting(self, key: str, value: Any, settings: Dict[str, Any]) -> Any:
        """Render the value of a setting with the others; errors name it and the plugin that defines it."""
        owner = self._owners.get(key, CORE)
        return self._render_value(value, "setting '%s'%s" % (key, " of plugin '%s'" % owner if owner != CORE else ""), settings)

    def _render_value(self, value: Any, where: str, settings: Dict[str, Any]) -> Any:
        """Render text, and what the release renders inside lists and mappings."""
        if isinstance(value, str):
            return self.render_text(value, where, settings)
        if isinstance(value, dict) and self.release.renders_dicts:
            return {key: self._render_value(item, where, settings) for key, item in value.items()}
        if isinstance(value, list) and self.release.renders_lists:
            return [self._render_value(item, where, settings) for item in value]
        return value

    def settings_in(self, value: Any) -> Set[str]:
        """Return the names of the settings that the templates in a value refer to; none for an invalid template."""
        from jinja2 import TemplateSyntaxError, meta

        if isinstance(value, (list, dict)):
            items = value if isinstance(value, list) else value.values()
            return {name for item in items for name in self.settings_in(item)}
        try:
            with limited():  # the parser evaluates constants
                return set(meta.find_undeclared_variables(self.jinja.parse(value))) if isinstance(value, str) else set()
        except (TemplateSyntaxError, Endless, MemoryError, RecursionError):
            return set()  # rendering it raises the error

    @contextlib.contextmanager
    def _rendering(self, where: str, settings: Dict[str, Any], text: str = "") -> Iterator[None]:
        """Have functions of templates use these settings, and name ``where`` in what fails; ``text`` is the template, if it is no file."""
        outer, self._settings = self._settings, settings
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
            self._settings = outer

    def _settings_at(self, error: BaseException, text: str) -> str:
        """Say the values of the settings in the line of a template that failed with one of them."""
        if isinstance(error, OSError) or not isinstance(error, OF_VALUES) and "has no attribute" not in isolation.message_of(error):
            return ""
        file, number = _place(error)
        with contextlib.suppress(OSError, UnicodeDecodeError):
            lines = (jinja.read(file) if file else text).splitlines()
            names = dict.fromkeys(NAME.findall(lines[number - 1])) if 0 < number <= len(lines) else {}
            known = [setting_types.describe_setting(name, self._settings[name]) for name in names if name in self._settings]
            return " %s." % "; ".join(known[:MOST_NAMED]) if known else ""
        return ""

    def find_template(self, name: str) -> Tuple[str, str]:
        """Return the path and the owner of a template: from the first root that holds it."""
        if name not in self._sources:
            self._sources[name] = self._find_in_roots(name)
        return self._sources[name]

    def _find_in_roots(self, name: str) -> Tuple[str, str]:
        for root in self.contributions.roots:
            path = os.path.join(root.path, *name.split("/"))
            if os.path.isfile(path):
                if os.path.getsize(path) > limits.LARGEST:
                    raise LecternError(
                        "'%s' is longer than %d MiB, the limit for a template: make it shorter." % (path, limits.LARGEST // 2**20)
                    )
                return path, root.owner
        raise LecternError(
            "Template '%s' can't be read: no template root holds it, or it is a pipe, a device, or a link that leads nowhere." % name
        )


def _refuse_long(rendered: str, where: str, most: int) -> None:
    if len(rendered) > most:
        raise LimitError("The text rendered from %s is longer than %d MiB, which is the limit: make it shorter." % (where, most // 2**20))


def join_texts(texts: List[str], separator: str, suffix: str) -> str:
    """Join a patch's texts as upstream does: the suffix follows only where there is any text."""
    rendered = separator.join(texts)
    return rendered + suffix if rendered else rendered


def _free(template: Any) -> None:
    """Free a template that is no longer needed: its functions refer to each other, and no garbage is collected meanwhile."""
    with contextlib.suppress(AttributeError):
        template.root_render_func.__globals__.clear()


def _patches_by_name(contributions: Contributions) -> Dict[str, List[Tuple[str, str]]]:
    by_name: Dict[str, List[Tuple[str, str]]] = {}
    for patch in contributions.patches:
        by_name.setdefault(patch.name, []).append((patch.text, patch.owner))
    return by_name


def _place(error: BaseException) -> Tuple[str, int]:
    """Return the template file that a traceback ends in, empty for a text, and its line; 0 where the line is unknown."""
    if not isinstance(error, Exception):  # Jinja adds lines to no others
        return "", 0
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename == "<template>" or os.path.isabs(frame.filename) and not frame.filename.endswith(".py"):
            return frame.filename if os.path.isabs(frame.filename) else "", frame.lineno or 0
    return "", 0


def _line(error: BaseException) -> str:
    """Say the line of a template that a traceback ends in, and its file."""
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
    place = isolation.place_in_python(error, os.path.dirname(jinja2.__file__))
    if isinstance(error, UnicodeDecodeError) and not place:
        return "Not UTF-8 text in %s (byte %d): save it as UTF-8." % (where, error.start)
    if isinstance(error, RecursionError):
        return "Endless recursion in %s: a patch or template includes itself." % " in ".join(within[:3])
    if isinstance(error, Endless):
        return "Endless loop in %s%s: %s." % (where, _line(error), reason)
    if isinstance(error, MemoryError):
        return "Rendering %s%s takes more than %d MiB of memory, which is the limit: make it smaller." % (
            where,
            _line(error),
            MEMORY // 2**20,
        )
    if isinstance(error, OSError) and error.filename:
        reason = "'%s': %s" % (error.filename, words_of(error))
    return "%s in %s%s%s%s." % (type(error).__name__, where, _line(error), ": " + reason if reason else "", place)
