import broker_log
import pytest
from broker_log import BURST, INTERVAL_S, MAX_BUFFER, MAX_LINE, BrokerLog

REFUSAL = b"Client <unknown> disconnected, not authorised.\n"


def passed(log: BrokerLog, data: bytes, now: float) -> bytes:
    return b"".join(log.lines(data, now))


def test_lines_pass_once_they_are_complete() -> None:
    log = BrokerLog()
    assert passed(log, b"one\ntw", 0) == b"one\n"
    assert passed(log, b"o\n", 0) == b"two\n"


@pytest.mark.parametrize("line", [REFUSAL, b"New connection\n"])
def test_a_flood_of_lines_is_shortened_and_hides_no_other_kind(line: bytes) -> None:
    log = BrokerLog()
    for begin in (0.0, 10_000.0):
        assert passed(log, line * 1000, begin).count(b"\n") == BURST + (begin > 0)
        other = b"else\n" if line == REFUSAL else REFUSAL
        assert passed(log, other, begin).endswith(other)
        later = passed(log, line, begin + INTERVAL_S)
        assert later == b"(%d such lines are left out)\n" % (1000 - BURST) + line
        passed(log, line * 3, begin + INTERVAL_S)


def test_a_day_of_a_flood_is_a_few_megabytes() -> None:
    log, written = BrokerLog(), 0
    for minute in range(24 * 60):
        flood = (REFUSAL[:-1] + b"x" * 1000 + b"\n" + b"x" * 1000 + b"\n") * 20
        written += len(passed(log, flood, minute * 60.0))
    assert written < 2_000_000


def test_a_line_has_an_end() -> None:
    log = BrokerLog()
    assert passed(log, b"x" * MAX_BUFFER * 2, 0) == b""
    assert len(log._buffer) == MAX_BUFFER
    assert len(passed(log, b"\n", 0)) == MAX_LINE + 1
    assert broker_log.REFUSED.search(b"not authorized")
