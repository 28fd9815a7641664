# SPDX-FileCopyrightText: 2026 The Lectern contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first part of every program that runs inside the LMS: reads its data, and prints its answer.

Like all files in this folder, it is ASCII and runs on Python 2.7 and newer. ../programs.py puts it in front of a program, whose function
``main`` gets the data and returns the answer.
"""

import base64
import json
import os
import sys
import traceback
import zlib

# Names of variables in the container: the text of the program; the number of pieces of its data, and, with a number, each of them.
PROGRAM, DATA = "LECTERN_PROGRAM", "LECTERN_DATA"

MARK = "LECTERN-ANSWER"  # begins each piece of an answer

# Characters of a piece. A line of less than 4096 bytes is written at once, so nothing else that the process prints can split it.
PIECE = 1500


def pack(value):
    """Return a value that JSON has as ASCII without spaces."""
    return base64.b64encode(zlib.compress(json.dumps(value).encode("utf-8"))).decode("ascii")


def unpack(text):
    """Return the value in what ``pack`` returned."""
    return json.loads(zlib.decompress(base64.b64decode(text)).decode("utf-8"))


def cut(text, size):
    """Return the pieces of a text; at least one."""
    return [text[start : start + size] for start in range(0, len(text), size)] or [""]


def take_data():
    """Return the data, and remove it from the environment that other processes inherit."""
    names = ["%s_%d" % (DATA, number) for number in range(int(os.environ.pop(DATA)))]
    return unpack("".join([os.environ.pop(name) for name in names]))


def answer_lines(run, answer):
    """Return the lines that hold an answer: mark, identity of the run, number of the piece, number of pieces, and the piece."""
    pieces = cut(pack(answer), PIECE)
    return ["%s %s %d %d %s;" % (MARK, run, number, len(pieces), piece) for number, piece in enumerate(pieces)]


def describe_error(error):
    """Return an exception and where it was raised, without the values of variables."""
    places = traceback.extract_tb(sys.exc_info()[2])[-4:]
    trace = ["%s, line %s, in %s" % (place[0], place[1], place[2]) for place in places]
    try:
        words = "%s" % error
    except UnicodeError:  # of Python 2.7
        words = repr(error)
    return {"error": "%s: %s" % (type(error).__name__, words), "trace": trace}


def run_main(main):
    """Print what ``main`` answers to its data, or the exception that it raised."""
    call = take_data()
    try:
        answer = {"result": main(call["data"])}
    except Exception as error:
        answer = describe_error(error)
    sys.stdout.flush()
    for line in [""] + answer_lines(call["run"], answer):  # something may have printed without an end of line
        os.write(1, (line + "\n").encode("ascii"))
