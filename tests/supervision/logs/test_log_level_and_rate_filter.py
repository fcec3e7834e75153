"""Which lines of a program are kept."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hems.supervision.logs.log_level_and_rate_filter import MAX_LINE, LogFilter
from hems.supervision.settings.log_directives import LogLevel, LogSettings


def log(**settings: Any) -> LogFilter:
    return LogFilter(LogSettings(**settings), "led")


def test_a_line_is_kept_as_it_is() -> None:
    assert log().receive(b"one\n\ntwo\n", 0) == b"one\n\ntwo\n"


def test_a_line_is_written_once_it_is_complete() -> None:
    lines = log()
    assert lines.receive(b"on", 0) == b""
    assert lines.receive(b"e\ntwo", 0) == b"one\n"
    assert lines.end(0) == b"two\n"
    assert lines.end(0) == b""


def test_a_line_that_never_ends_is_cut() -> None:
    lines = log()
    assert lines.receive(b"x" * (MAX_LINE + 1), 0) == b"x" * MAX_LINE + b"\n"
    assert lines.end(0) == b"x\n"


@pytest.mark.parametrize(
    ("line", "printed"),
    [
        (b"<3>broken\n", b"err: broken\n"),
        (b"<7>detail\n", b"debug: detail\n"),
        (b"<8>facility\n", b"<8>facility\n"),
        (b"a <3>b\n", b"a <3>b\n"),
        (b"<4>50 %\r100 %\n\n", b"warning: 50 %\r100 %\n\n"),
    ],
)
def test_the_levels_name_takes_the_place_of_the_prefix(line: bytes, printed: bytes) -> None:
    assert log().receive(line, 0) == printed


def test_prefixes_are_text_without_syslog_level_prefix() -> None:
    lines = log(has_prefix=False, level_max=LogLevel.info)
    assert lines.receive(b"<7>x\n", 0) == b"<7>x\n"


def test_less_important_lines_are_dropped_and_do_not_count() -> None:
    lines = log(level_max=LogLevel.warning, limit_burst=1)
    assert lines.receive(b"info\n<6>info\n<4>kept\n", 0) == b"warning: kept\n"
    assert lines.end(0) == b""


def test_lines_beyond_the_burst_are_counted_and_told_in_the_next_interval() -> None:
    lines = log(limit_burst=2, limit_interval_s=30)
    assert lines.receive(b"1\n2\n3\n", 0) == b"1\n2\n"
    assert lines.receive(b"4\n", 29.9) == b""
    assert lines.receive(b"5\n", 30) == b"Suppressed 2 messages from led\n5\n"
    assert lines.receive(b"6\n7\n", 30) == b"6\n"
    assert lines.end(31) == b"Suppressed 1 messages from led\n"


@pytest.mark.parametrize("setting", ["limit_burst", "limit_interval_s"])
def test_zero_means_no_limit(setting: str) -> None:
    assert log(**{setting: 0}).receive(b"x\n" * 20_000, 0) == b"x\n" * 20_000


@given(st.lists(st.binary(max_size=20)), st.integers(1, 5))
def test_every_line_is_written_or_counted(chunks: list[bytes], burst: int) -> None:
    lines = log(limit_burst=burst, limit_interval_s=1000, has_prefix=False)
    sent = b"".join(chunks)
    written = b"".join(lines.receive(chunk, 0) for chunk in chunks) + lines.end(0)
    expected = sent.split(b"\n")
    if not expected[-1]:
        expected.pop()
    kept = b"".join(line + b"\n" for line in expected[:burst])
    suppressed = len(expected) - burst
    report = f"Suppressed {suppressed} messages from led\n".encode() if suppressed > 0 else b""
    assert written == kept + report
