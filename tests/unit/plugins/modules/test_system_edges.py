# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the system refuses, and files that are no text: what, which one, what to do, and never a defect of the collection."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from ansible_collections.lectern.tutor.tests.unit.plugins.modules.harness import CHECKOUT

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
OLD_SUFFIXES = ".ico, .jpg, .otf, .patch, .png, .ttf, .webp, .woff, .woff2"
BINARY = {
    "font of the web": ("build/p/font.eot", b"\x02\x8e\xff"),
    "collection of fonts": ("apps/font.ttc", b"ttcf\xff"),
    "suffix in capital letters": ("apps/LOGO.PNG", b"\x89PNG\r\n"),
    "archive": ("build/p/theme.tar.gz", b"\x1f\x8b\x08"),
    "any other": ("apps/data", b"a\x00\xff"),
    "PDF": ("apps/terms.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"),
}


@pytest.mark.parametrize("name, content", BINARY.values(), ids=BINARY)
def test_binary_template_whose_suffix_is_that_of_a_text(site, name, content):
    site.package("p", "templates = __import__('os').path.dirname(__file__) + '/templates'\n", files={"templates/p/" + name: content})
    assert site.refused(plugins=["p"]) == (
        "Template 'p/%s' of plugin 'p' is binary, and would be rendered as text: only files that end in %s are copied as they are. Give it "
        "one of these suffixes, or leave it out (ENV_PATTERNS_IGNORE) or have it copied (IS_FILE_RENDERED) by a v1 plugin."
        % (name, OLD_SUFFIXES)
    )


def test_binary_template_of_core(plain):
    (plain.templates / "apps/font.eot").write_bytes(b"\0\xff")
    assert plain.refused().startswith("Template 'apps/font.eot' of core is binary, and would be rendered as text: ")


def test_binary_template_is_copied_where_a_plugin_says_so(hooked):
    (hooked.templates / "apps/font.eot").write_bytes(b"\0\xff")
    hooked.plugin(
        "p.py",
        """
        from tutor.hooks import Filters as F
        F.IS_FILE_RENDERED.add()(lambda is_rendered, name: is_rendered and not name.endswith(".eot"))
        """,
    )
    hooked.render(plugins=["p"])
    assert (hooked.env / "apps/font.eot").read_bytes() == b"\0\xff"


def test_text_in_another_encoding_is_no_binary(plain):
    (plain.templates / "apps/x").write_bytes("Größe\n".encode("latin-1"))
    assert plain.refused() == "Not UTF-8 text in template 'apps/x' (byte 2): save it as UTF-8."


UNREADABLE = {
    "template": ("templates/apps/lms.yml", "'%s' (template 'apps/lms.yml') can't be read: "),
    "font": ("templates/apps/font.ttf", "'%s' (template 'apps/font.ttf') can't be read: "),
    "defaults": ("templates/config/defaults.yml", "'%s' can't be read: "),
    "task": ("templates/jobs/init/lms.sh", "'%s' can't be read: "),
    "plugin": ("plugins/p.yml", "'%s' can't be read: "),
    "plugins root": ("plugins", "plugins_root '%s' can't be read: "),
}


@as_root
@pytest.mark.parametrize("name, message", UNREADABLE.values(), ids=UNREADABLE)
def test_what_the_user_may_not_read(shared, name, message):
    (shared.templates / "apps/font.ttf").write_bytes(b"\0\xff")
    shared.plugin("p.yml", {"name": "p"})
    path = shared.folder / name
    path.chmod(0)
    assert shared.refused() == message % path + "Permission denied: run as its owner (become_user), or let user 1234 in."
    path.chmod(0o755)
    shared.render()


@as_root
def test_python_plugin_that_the_user_may_not_read(shared):
    path = shared.plugin("p.py", "")
    path.chmod(0)
    shared.render(plugins=[])
    message = "'%s' can't be read: Permission denied: run as its owner (become_user), or let user 1234 in." % path
    assert shared.ok("plugin_info", names=["p"])["plugins"][0]["error"] == message
    assert shared.refused(plugins=["p"]) == message


def test_locale_that_can_not_write_the_name_of_the_root(tmp_path):
    """As with LC_ALL=C where Python is told not to take UTF-8 instead."""
    command = [sys.executable, "-X", "utf8=0", "-c", CALL, str(tmp_path / "größe")]
    environ = dict(os.environ, LC_ALL="C", PYTHONCOERCECLOCALE="0", PYTHONPATH=str(CHECKOUT / ".build/collections"))
    done = subprocess.run([os.fsencode(part) for part in command], env=environ, capture_output=True, text=True, check=False)
    assert "LecternError: The locale of the host has no '\\xf6\\xdf', which is in the name" in done.stderr, done


CALL = """
import os, sys
from ansible_collections.lectern.tutor.plugins.module_utils.base.places import resolve_places
resolve_places(os.fsencode(sys.argv[1]).decode("utf-8"))
"""


@as_root
def test_metadata_that_the_user_may_not_read(shared):
    path = shared.package("p", "")
    info = path.with_name("tutor_p-1.0.dist-info")
    (info / "METADATA").chmod(0)
    assert shared.refused().startswith("'%s' has no METADATA with a name and a version that the user with id 1234 can read: " % info)
    (plugin,) = shared.ok("plugin_info", names=["p"])["plugins"]
    assert plugin["error"].startswith("'%s' has no METADATA" % info)
