# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the system's own errors mean to an operator."""

from __future__ import annotations

import errno
import os
import sys

import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import explain_locale, explain_refusal, words_of

USER = os.geteuid()
WORDS = {
    errno.EACCES: "run as its owner (become_user), or let user %d in" % USER,
    errno.EMFILE: "raise the limit of open files of the user with id %d (ulimit -n)" % USER,
    errno.ENOSPC: "make room there",
    errno.EIO: "look at the disk (dmesg)",
    errno.ESTALE: "mount its file system anew",
}


def refused(number, *path):
    return OSError(number, os.strerror(number), *path)


@pytest.mark.parametrize("number, advice", WORDS.items(), ids=errno.errorcode.get)
def test_what_to_do_about_the_words_of_the_system(number, advice):
    assert words_of(refused(number)) == "%s: %s" % (os.strerror(number), advice)


def test_words_that_are_plain():
    assert words_of(refused(errno.EISDIR)) == "Is a directory"
    assert words_of(OSError("no more")) == "no more"


@pytest.mark.parametrize(
    "error, message",
    [
        (refused(errno.EACCES, "/x"), "'/x' can't be used by the user with id %d: Permission denied: run as its owner" % USER),
        (refused(errno.ELOOP, b"/x"), "'/x' can't be used by the user with id %d: Too many levels of symbolic links." % USER),
        (refused(errno.ENOSPC, "/x"), "'/x' can't be used: No space left on device: make room there."),
        (refused(errno.EIO, "/x"), "'/x' can't be used: Input/output error: look at the disk (dmesg)."),
        (refused(errno.EMFILE), "The host refuses what lectern.tutor needs: Too many open files: raise the limit of open files"),
        (refused(errno.EAGAIN), "The host refuses what lectern.tutor needs: Resource temporarily unavailable."),
        (MemoryError(), "The host has no memory left for lectern.tutor: give it more."),
    ],
    ids=str,
)
def test_refusals_of_the_host(error, message):
    assert explain_refusal(error).startswith(message)


@pytest.mark.parametrize(
    "error", [refused(errno.EBADF), refused(errno.EINVAL), OSError("x"), UnicodeEncodeError("idna", "x", 0, 1, "")], ids=str
)
def test_what_is_no_refusal_of_the_host(error):
    assert explain_refusal(error) == ""


def test_locale_without_a_character():
    error = UnicodeEncodeError(sys.getfilesystemencoding(), "/srv/größe", 7, 8, "")
    message = "The locale of the host has no %s, which is in the name %s: set LC_ALL to one with UTF-8" % (ascii("ö"), ascii("/srv/größe"))
    assert explain_locale(error).startswith(message)
    assert explain_refusal(error) == explain_locale(error)
