# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which lines of the services' logs come back, in which order, and what is said of those that don't."""

from __future__ import annotations

from types import SimpleNamespace

import docker
import pytest
from ansible_collections.lectern.tutor.plugins.module_utils.base import limits
from ansible_collections.lectern.tutor.plugins.module_utils.base.errors import LecternError
from ansible_collections.lectern.tutor.plugins.module_utils.base.masking import texts_in
from ansible_collections.lectern.tutor.plugins.module_utils.root import compose_files
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.compose import project, service_logs
from ansible_collections.lectern.tutor.plugins.module_utils.runtime.compose.service_logs import Selection, compile_pattern

PLATFORM = SimpleNamespace(secrets=["open sesame", *texts_in("-----BEGIN\nabcdefgh123\n-----END")])
ALL = Selection([], None, None, 100, None)


def stamp(second):
    return b"2026-01-31T08:%02d:%02d.000000001Z " % divmod(second, 60)


class Container:
    """A container whose log is made of pieces as the engine sends them; ``tail`` counts pieces, as the engine does."""

    def __init__(self, service, *pieces, number=1, error=None, tty=False):
        self.name, self.labels = "campus-%s-%d" % (service, number), {project.SERVICE: service}
        self.pieces, self.error, self.asked = pieces, error, []
        self.attrs = {"Config": {"Tty": tty}}

    def logs(self, stream, follow, timestamps, tail="all", **times):
        assert (stream, follow, timestamps) == (True, False, True)
        self.asked.append(dict(times, tail=tail))
        yield from self.pieces if tail == "all" else self.pieces[-tail:]
        if self.error:
            raise self.error


@pytest.fixture
def read(monkeypatch):
    """Reads the logs of these containers; ``cms`` is a service without one."""

    def read(containers, selection=ALL):
        monkeypatch.setattr(project, "containers", lambda platform, client: containers)
        monkeypatch.setattr(project, "services", lambda platform: {"lms": {}, "cms": {}})
        monkeypatch.setattr(compose_files, "project_name", lambda platform: "campus")
        return service_logs.read_logs(PLATFORM, None, selection)

    return read


def line(second, text):
    return stamp(second) + text.encode() + b"\n"


def texts(report):
    return [(line.service, line.text) for line in report.lines]


def test_lines_of_services_and_replicas_are_in_order_of_time(read):
    one = Container("lms", line(1, "first"), line(5, "fifth"))
    two = Container("lms", line(2, "second"), line(4, "fourth"), number=2)
    three = Container("caddy", line(3, "third"), line(3, "third, too"))
    report = read([one, two, three])
    assert [found.text for found in report.lines] == ["first", "second", "third", "third, too", "fourth", "fifth"]
    assert report.lines[1] == ("2026-01-31T08:00:02.000000001Z", "lms", "campus-lms-2", "second")
    assert report.remarks == []


def test_tail_counts_the_newest_lines_of_a_service(read):
    one, two = Container("lms", line(1, "1"), line(5, "5"), line(6, "6")), Container("lms", line(2, "2"), line(7, "7"), number=2)
    other = Container("caddy", line(0, "0"))
    assert texts(read([one, two, other], ALL._replace(tail=2))) == [("caddy", "0"), ("lms", "6"), ("lms", "7")]
    assert one.asked == [{"tail": 3}]


def test_only_selected_services_are_read(read):
    lms, caddy = Container("lms", line(1, "1")), Container("caddy", line(2, "2"))
    report = read([lms, caddy], ALL._replace(services=["lms", "cms", "lms"]))
    assert (texts(report), report.remarks, caddy.asked) == ([("lms", "1")], ["Service 'cms' has no container"], [])


def test_unknown_services_are_refused_with_those_that_there_are(read):
    with pytest.raises(LecternError) as caught:
        read([Container("lms"), Container("gone")], ALL._replace(services=["lms", "lmss", "cns"]))
    assert str(caught.value) == "There is no service 'lmss', 'cns'. Known are: cms, gone, lms."


def test_project_without_containers(read):
    assert read([]) == ([], ["Project 'campus' has no containers"])
    with pytest.raises(LecternError, match="There is no service 'nope'"):
        read([], ALL._replace(services=["nope"]))


def test_search_returns_the_newest_lines_that_match(read):
    lms = Container("lms", *(line(second, "ERROR %d" % second if second % 10 == 0 else "fine") for second in range(100)))
    selection = ALL._replace(tail=2, pattern=compile_pattern("(?i)error [0-9]+$"))
    assert texts(read([lms], selection)) == [("lms", "ERROR 80"), ("lms", "ERROR 90")]
    assert lms.asked == [{"tail": service_logs.MOST + 1}]


def test_search_says_where_it_did_not_look(read, monkeypatch):
    monkeypatch.setattr(service_logs, "MOST", 5)
    lms = Container("lms", *(line(second, "ERROR %d" % second) for second in range(10)))
    report = read([lms], ALL._replace(pattern=compile_pattern("ERROR [0-7]$")))
    assert texts(report) == [("lms", "ERROR 5"), ("lms", "ERROR 6"), ("lms", "ERROR 7")]
    assert report.remarks == ["Only the last 5 lines of container 'campus-lms-1' were searched: give since to search others"]


def test_search_does_not_tell_what_a_secret_is(read):
    lms = Container("lms", line(1, "login with open sesame"))
    assert texts(read([lms], ALL._replace(pattern=compile_pattern("with open")))) == []
    assert texts(read([lms], ALL._replace(pattern=compile_pattern(r"with \*")))) == [("lms", "login with ********")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("(", "grep '(' is not a regular expression: missing ), unterminated subpattern at position 0."),
        ("ab[c", "grep 'ab[c' is not a regular expression: unterminated character set at position 2."),
        ("a{99999999999999999999}", "grep 'a{99999999999999999999}' is not a regular expression: the repetition number is too large."),
    ],
)
def test_bad_expression_is_refused_with_its_position(text, message):
    with pytest.raises(LecternError) as caught:
        compile_pattern(text)
    assert str(caught.value) == message


def test_expression_without_end_is_stopped(read, monkeypatch):
    monkeypatch.setattr(limits, "SECONDS", 0.2)
    with pytest.raises(LecternError, match=r"grep '\(a\*\)\*b' takes too long: simplify it, or give since\."):
        read([Container("lms", line(1, "a" * 40))], ALL._replace(pattern=compile_pattern("(a*)*b")))


def test_log_that_takes_too_long_is_a_remark(read, monkeypatch):
    monkeypatch.setattr(limits, "SECONDS", 0.2)

    class Endless(Container):
        def logs(self, **options):
            yield line(1, "begin")
            while True:
                pass

    report = read([Endless("lms"), Container("caddy", line(2, "fine"))])
    assert texts(report) == [("lms", "begin"), ("caddy", "fine")]
    assert report.remarks == ["Reading the log of container 'campus-lms-1' took too long: give since, or a smaller tail"]


def test_secrets_are_masked_and_control_codes_removed(read):
    lms = Container("lms", line(1, "\x1b[31mwith open sesame\x1b[0m\x07"), line(2, "grün \u202e"), stamp(3) + b"\xff\n")
    assert texts(read([lms])) == [("lms", "with ********"), ("lms", "grün "), ("lms", "\ufffd")]


def test_secret_over_several_lines_is_masked_line_by_line(read):
    lms = Container("lms", line(1, "-----BEGIN"), line(2, "abcdefgh123"), line(3, "-----END"), line(4, "after"))
    assert [text for _service, text in texts(read([lms]))] == ["-----BEGIN", "********", "-----END", "after"]


def test_carriage_returns_end_lines_of_the_same_time(read):
    assert [found[::3] for found in read([Container("lms", line(1, "10%\r20%\r"), line(2, "x"))]).lines] == [
        ("2026-01-31T08:00:01.000000001Z", "10%"),
        ("2026-01-31T08:00:01.000000001Z", "20%"),
        ("2026-01-31T08:00:02.000000001Z", "x"),
    ]


def test_long_line_comes_in_pieces_and_is_cut(read):
    lms = Container("lms", stamp(1) + b"x" * 16384, stamp(1) + b"y" * 100 + b"\n", line(2, "next"))
    long, following = read([lms]).lines
    assert long.text == "x" * service_logs.WIDEST + "… (%d more characters)" % (16484 - service_logs.WIDEST)
    assert following.text == "next"


def test_first_piece_may_be_the_end_of_a_line_and_is_left_out(read):
    lms = Container("lms", stamp(1) + b"begins with open ", stamp(1) + b"sesame\n", line(2, "2"), line(3, "3"))
    assert texts(read([lms], ALL._replace(tail=2))) == [("lms", "2"), ("lms", "3")]
    cut = Container("lms", stamp(1) + b"begins with open ", stamp(1) + b"sesame\n", stamp(2) + b"a" * 10, stamp(2) + b"b\n")
    assert texts(read([cut], ALL._replace(tail=2))) == [("lms", "aaaaaaaaaab")]


def test_log_of_a_terminal_comes_byte_by_byte(read):
    whole = line(1, "one two\r") + line(2, "three\r")
    lms = Container("lms", *(whole[place : place + 1] for place in range(len(whole))), tty=True)
    assert texts(read([lms], ALL._replace(tail=1000))) == [("lms", "one two"), ("lms", "three")]


def test_moments_are_passed_on(read):
    lms = Container("lms", line(1, "1"), line(2, "2"), line(3, "3"))
    report = read([lms], ALL._replace(since=-5.0, until=1769846400.5, tail=2))
    assert texts(report) == [("lms", "2"), ("lms", "3")]
    assert lms.asked == [{"since": service_logs.EARLIEST, "until": 1769846400.5, "tail": "all"}]


def test_log_that_can_not_be_read_is_a_remark(read):
    none = Container("worker", error=docker.errors.APIError("501", explanation="configured logging driver does not support reading"))
    gone = Container("gone", line(1, "last words"), error=docker.errors.NotFound("No such container"))
    report = read([gone, Container("lms", line(2, "fine")), none])
    assert texts(report) == [("gone", "last words"), ("lms", "fine")]
    assert report.remarks == [
        "Container 'campus-gone-1' was removed while it was read",
        "The log of container 'campus-worker-1' can't be read: configured logging driver does not support reading",
    ]


def test_result_is_bounded_and_says_what_was_left_out(read, monkeypatch):
    monkeypatch.setattr(service_logs, "LARGEST", 2**20)
    services = [Container(name, *(line(second, name * 500) for second in range(1000))) for name in ("a", "b", "c")]
    report = read(services, ALL._replace(tail=1000))
    assert sum(len(found.text) + service_logs.AROUND for found in report.lines) <= 2**20
    assert [found.time for found in report.lines] == sorted(found.time for found in report.lines)
    assert {found.service for found in report.lines[-3:]} == {"a", "b", "c"}
    assert report.remarks == [
        "The oldest %d of 3000 lines were left out, as a result has at most 1 MB: select fewer by services, since, tail or grep"
        % (3000 - len(report.lines))
    ]
