from hems.workers.eesmart_d2l.refused_frames import (
    INTERVAL_S,
    FrameRefused,
    RefusalReason,
    RefusedFrames,
)

SLOW = FrameRefused(RefusalReason.SLOW, "no whole frame within 3 s")
LINE = "WARNING 192.0.2.1: too slow: no whole frame within 3 s"


def test_every_refusal_counts_but_one_a_minute_is_logged(lines: list[str]) -> None:
    refused = RefusedFrames()
    for second in range(2 * int(INTERVAL_S)):
        refused.add("192.0.2.1", SLOW, now=float(second))
    refused.flush(2 * INTERVAL_S)
    assert refused.counts == {RefusalReason.SLOW: 2 * INTERVAL_S}
    assert lines == 2 * [LINE, "WARNING too slow: 59 more lines like this were dropped"]


def test_a_refusal_a_minute_drops_no_line(lines: list[str]) -> None:
    refused = RefusedFrames()
    for minute in range(3):
        refused.add("192.0.2.1", SLOW, now=minute * INTERVAL_S)
    refused.flush(3 * INTERVAL_S)
    assert lines == 3 * [LINE]


def test_one_reason_does_not_hide_another(lines: list[str]) -> None:
    refused = RefusedFrames()
    refused.add("192.0.2.1", SLOW, now=0)
    refused.add("192.0.2.1", FrameRefused(RefusalReason.FRAME, "x"), now=0)
    assert len(lines) == 2


def test_braces_that_a_peer_sends_are_logged_as_they_are(lines: list[str]) -> None:
    RefusedFrames().add("192.0.2.1", FrameRefused(RefusalReason.HEADER, "{0}"), now=0)
    assert lines == ["WARNING 192.0.2.1: malformed header: {0}"]


def test_one_dongle_does_not_hide_another(lines: list[str]) -> None:
    refused = RefusedFrames()
    for name in ("012345678901", "012345678902", "012345678901"):
        refused.add("192.0.2.1", FrameRefused(RefusalReason.TIME, "3 h behind", name), now=0)
    refused.flush(INTERVAL_S)
    assert lines == [
        "WARNING 192.0.2.1: implausible time: device 012345678901: 3 h behind",
        "WARNING 192.0.2.1: implausible time: device 012345678902: 3 h behind",
        "WARNING implausible time: device 012345678901: 1 more lines like this were dropped",
    ]
