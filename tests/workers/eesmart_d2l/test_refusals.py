from hems.workers.eesmart_d2l.refusals import QUIET_S, Reason, Refusals, Refused

SLOW = Refused(Reason.SLOW, "no whole frame within 3 s")


def test_every_refusal_counts_but_one_a_minute_is_logged(lines: list[str]) -> None:
    refusals = Refusals()
    for second in range(int(QUIET_S) + 1):
        refusals.note("192.0.2.1", SLOW, now=float(second))
    assert refusals.counts == {Reason.SLOW: QUIET_S + 1}
    assert lines == [
        "WARNING 192.0.2.1: too slow: no whole frame within 3 s",
        "WARNING 192.0.2.1: too slow: no whole frame within 3 s (and 59 more like it)",
    ]


def test_one_reason_does_not_hide_another(lines: list[str]) -> None:
    refusals = Refusals()
    refusals.note("192.0.2.1", SLOW, now=0)
    refusals.note("192.0.2.1", Refused(Reason.FRAME, "x"), now=0)
    assert len(lines) == 2
