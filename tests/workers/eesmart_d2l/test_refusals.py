from collections.abc import Iterator

import pytest
from loguru import logger

from hems.workers.eesmart_d2l.refusals import QUIET_S, Reason, Refusals, Refused


@pytest.fixture
def lines() -> Iterator[list[str]]:
    found: list[str] = []
    sink = logger.add(found.append, format="{level} {message}")
    yield found
    logger.remove(sink)


SLOW = Refused(Reason.SLOW, "no whole frame within 3 s")


def test_every_refusal_counts_but_one_a_minute_is_logged(lines: list[str]) -> None:
    refusals = Refusals()
    for second in range(int(QUIET_S) + 1):
        refusals.note("192.0.2.1", SLOW, now=float(second))
    assert refusals.counts == {Reason.SLOW: QUIET_S + 1}
    assert lines == [
        "WARNING 192.0.2.1: too slow: no whole frame within 3 s\n",
        "WARNING 192.0.2.1: too slow: no whole frame within 3 s (and 59 more like it)\n",
    ]


def test_one_reason_does_not_hide_another(lines: list[str]) -> None:
    refusals = Refusals()
    refusals.note("192.0.2.1", SLOW, now=0)
    refusals.note("192.0.2.1", Refused(Reason.FRAME, "x"), now=0)
    assert len(lines) == 2
