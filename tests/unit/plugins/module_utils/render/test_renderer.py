# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Templates and patches: which are rendered, where they go, what is said when they can't be."""

from __future__ import annotations

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base import releases
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.plugins import core
from ansible_collections.lectern.tutor.plugins.module_utils.plugins.contributions import Contributions, Patch, Setting, Target, TemplateRoot
from ansible_collections.lectern.tutor.plugins.module_utils.render import tree
from ansible_collections.lectern.tutor.plugins.module_utils.render.renderer import Renderer

SETTINGS = {"X": "x"}


@pytest.fixture
def make(tmp_path):
    """A renderer over two template roots: of core, and of the plugin `p`."""

    def renderer(files=(), version="22.0.3", targets=(("apps/", ""), ("p/apps", "plugins")), **contributed):
        for name, content in dict(files).items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        release = releases.release_of(version)
        found = Contributions(
            roots=[TemplateRoot(str(tmp_path / "core"), "core"), TemplateRoot(str(tmp_path / "p"), "p")],
            targets=[Target(src, dst, "p" if dst else "core") for src, dst in targets],
            ignore=list(release.ignore),
            is_rendered=core.rendering_rule(release),
            **contributed,
        )
        return Renderer(found, release, 7)

    return renderer


def test_tree(make):
    files = {
        "core/apps/a": "{{ X }}\n",
        "core/other/b": "never",
        "p/p/apps/c": "{{ X }}{{ HOST_USER_ID }}",
        "p/p/apps-more/d": "d",
        "p/apps/a": "loses",
        "p/apps/e": "added to core",
    }
    found = tree.render_environment(make(files), SETTINGS)
    assert {name: file.content for name, file in found.items()} == {
        "apps/a": b"x",
        "apps/e": b"added to core",
        "plugins/p/apps/c": b"x7",
        "plugins/p/apps-more/d": b"d",
    }
    assert {name: file.owner for name, file in found.items()} == {
        "apps/a": "core",
        "apps/e": "p",
        "plugins/p/apps/c": "p",
        "plugins/p/apps-more/d": "p",
    }
    assert found["plugins/p/apps/c"].template == "p/apps/c"
    assert tree.list_paths(make()) == {name: file.owner for name, file in found.items()}


def test_a_later_target_overwrites(make):
    files = {"core/apps/a": "core", "p/p/apps/a": "p"}
    found = tree.render_environment(make(files, targets=(("apps/", "p"), ("p/apps", ""))), SETTINGS)
    assert found["p/apps/a"].content == b"p"


NAMES = [
    "apps/a",
    "apps/.hidden",
    "apps/.folder/a",
    "apps/partials/a",
    "apps/x/partials/y/a",
    "apps/__pycache__/a",
    "apps/a.pyc",
    "apps/pyc",
]


@pytest.mark.parametrize(
    "version, written",
    [
        ("22.0.3", ["apps/a", "apps/pyc"]),
        # Before 13.2 only the last part of a name counts for the first three patterns.
        ("13.0.0", ["apps/.folder/a", "apps/__pycache__/a", "apps/a", "apps/pyc"]),
    ],
)
def test_names_that_are_left_out(make, version, written):
    assert make({"core/" + name: "" for name in NAMES}, version).template_names("apps/") == written


def test_include_beats_ignore(make):
    assert make({"core/apps/.wanted": ""}, include=[r".*wanted$"]).template_names("apps/") == ["apps/.wanted"]


def test_verbatim_files_by_release(make):
    files = {"core/apps/a.png": b"\xff{{ X }}\n", "core/apps/b.otf": b"{{ X }}\n", "core/apps/c.PNG": b"{{ X }}\n"}
    new, old = tree.render_environment(make(files), SETTINGS), tree.render_environment(make(files, "3.12.6"), SETTINGS)
    assert [bytes(new["apps/" + name].content) for name in ("a.png", "b.otf", "c.PNG")] == [b"\xff{{ X }}\n", b"{{ X }}\n", b"x"]
    assert old["apps/b.otf"].content == b"x"


def test_modes(make, tmp_path):
    renderer = make({"core/apps/run": "", "core/apps/logo.png": "", "core/apps/plain": ""})
    for name in ("run", "logo.png"):
        (tmp_path / "core/apps" / name).chmod(0o744)
    assert {name: oct(file.mode) for name, file in tree.render_environment(renderer, SETTINGS).items()} == {
        "apps/run": "0o755",
        "apps/logo.png": "0o755",
        "apps/plain": "0o644",
    }


def test_patches(make):
    patches = [Patch("a", "1{{ X }}\n", "p"), Patch("a", "", "q"), Patch("a", "2 {{ patch('b') }}", "q"), Patch("b", "nested", "r")]
    renderer = make(
        {"core/apps/a": "{{ patch('a') }}|{{ patch('a', separator=',', suffix='!') }}|{{ patch('nope', suffix='!') }}"}, patches=patches
    )
    file = tree.render_environment(renderer, SETTINGS)["apps/a"]
    assert file.content == b"1x\n\n2 nested|1x,,2 nested!|"
    assert file.patches == {"a": ["p", "q"], "b": ["r"]}


def test_globals(make):
    settings = {"A_X": 1, "B_X": "", "A_Y": 2}
    renderer = make()
    assert (
        renderer.render_text("{{ iter_values_named(prefix='A')|list }}{{ iter_values_named(suffix='_X')|list }}", "it", settings)
        == "[1, 2][1]"
    )
    assert renderer.render_text("{{ iter_values_named(suffix='_X', allow_empty=True)|list }}", "it", settings) == "[1, '']"


def test_walk_templates(make):
    files = {"core/apps/a": "", "core/apps-b/c": "", "core/apps/partials/d": ""}
    assert make(files).render_text("{{ 'apps'|walk_templates|list }}", "it", SETTINGS) == "['apps-b/c', 'apps/a']"
    assert make(files, "3.12.6").render_text("{{ 'apps'|walk_templates|list }}", "it", SETTINGS) == "['apps/a']"


ERRORS = [
    ("1\n{{ NO }}", "^Undefined setting in template 'apps/a' line 2 .'.*/core/apps/a'.: 'NO' is undefined[.] Set it"),
    ("1\n{% x %}", "^Jinja syntax error in template 'apps/a', line 2 .'.*/core/apps/a'.: Encountered unknown tag 'x'[.]$"),
    ("{{ 1 / 0 }}", "^ZeroDivisionError in template 'apps/a' line 1 .*: division by zero[.]$"),
    ("{{ X|boom }}", "^KeyError in template 'apps/a' line 1 .*: 'x', at .*test_renderer.py line [0-9]+[.] X is 'x', a text[.]$"),
    ("{{ X|leave }}", "^SystemExit in template 'apps/a': x, at .*test_renderer.py line [0-9]+[.]$"),
    ("{% include 'no' %}", "^Template 'no' is needed in template 'apps/a' line 1 .*, but no template root holds it[.]$"),
    ("{% include 'apps/a' %}", "^Endless recursion in template 'apps/a': a patch or template includes itself[.]$"),
    (b"\xff", "^Not UTF-8 text in template 'apps/a' .byte 0.: save it as UTF-8[.]$"),
    ("{{ '\\ud800' }}", "^UnicodeEncodeError in template 'apps/a'"),
    ("{{ patch('bad') }}", "^Undefined setting in patch 'bad' of plugin 'p' in template 'apps/a' line 2: 'NO' is undefined[.]"),
]


def boom(value):
    raise KeyError(value)


def leave(value):
    raise SystemExit(value)


@pytest.mark.parametrize("text, message", ERRORS, ids=[message[1:30] for _text, message in ERRORS])
def test_errors(make, text, message):
    filters = {"boom": boom, "leave": leave}
    renderer = make({"core/apps/a": text}, patches=[Patch("bad", "1\n{{ NO }}", "p")], filters=filters)
    with pytest.raises(LecternError, match=message):
        tree.render_environment(renderer, SETTINGS)


def test_an_error_in_a_setting_names_who_defines_it(make):
    renderer = make(defaults=[Setting("P_A", "", "p"), Setting("A", "", "core")])
    with pytest.raises(LecternError, match="^Undefined setting in setting 'P_A' of plugin 'p' line 1: "):
        renderer.render_setting("P_A", {"x": ["{{ NO }}"]}, SETTINGS)
    with pytest.raises(LecternError, match="^Undefined setting in setting 'A' line 1: "):
        renderer.render_setting("A", "{{ NO }}", SETTINGS)


@pytest.mark.parametrize("dst", ["..", "/etc", "a/../..", "../env-evil"])
def test_destinations_outside(dst):
    with pytest.raises(
        LecternError, match="^Plugin 'p' wants to write template 'x/y' to '%s', outside of the environment: refused[.]$" % dst
    ):
        tree.destination(Target("x", dst, "p"), "x/y")


@pytest.mark.parametrize("dst, path", [("", "x/y"), ("a/b", "a/b/x/y"), ("a/../b", "b/x/y"), ("./", "x/y"), ("..a", "..a/x/y")])
def test_destinations_inside(dst, path):
    assert tree.destination(Target("x", dst, "p"), "x/y") == path


def test_a_file_and_a_folder_of_one_name(make):
    files = {"core/apps/a": "file", "p/apps/a/b": "inside"}
    with pytest.raises(LecternError, match="^'apps/a' would be both a file .template 'apps/a' of "):
        tree.render_environment(make(files), SETTINGS)


def test_a_template_that_is_a_link_to_nowhere(make, tmp_path):
    renderer = make({"core/apps/a": ""})
    (tmp_path / "core/apps/link").symlink_to("nowhere")
    with pytest.raises(LecternError, match="Template 'apps/link' can't be read: .* a link that leads nowhere"):
        tree.render_environment(renderer, SETTINGS)


def test_what_crypto_filters_make_is_remembered(make):
    renderer = make(filters={"random_string": lambda length: "r" * length, "reverse_host": lambda host: "reversed"})
    renderer.render_text("{{ 8|random_string }} {{ X|reverse_host }}", "it", SETTINGS)
    assert renderer.made_secrets == {"r" * 8}
