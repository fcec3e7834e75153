from __future__ import annotations

from hems.protocols.linky.d2l_frames import PayloadType
from tests.fakes.linky import NOON
from tests.workers.eesmart_d2l.published import (
    CONFIG,
    RETAINED,
    STATE,
    Published,
)


def test_a_frame_without_a_reading_after_a_restart_keeps_the_last_reading() -> None:
    published = Published()
    published.take(EAST=5000)
    again = published.restarted()
    again.frame(PayloadType.GET_CLOCK)
    assert again.newest(STATE)["energy_total"] == 5000
    assert again.newest(STATE)["energy_total_source"] == "EAST"
    assert "east" in again.newest(CONFIG)["components"]


def test_a_dongle_that_is_not_listed_any_more_is_offline() -> None:
    published = Published()
    published.take(EAST=5000)
    gone = {
        "hems/d2l/000000000007/availability": "online",
        "hems/d2l/000000000008/availability": "offline",
        "hems/d2l/not a dongle/availability": "online",
    }
    for _ in range(2):
        published = published.restarted(**gone)
        assert published.messages == [("hems/d2l/000000000007/availability", "offline")]
        published.take(time=NOON + 60, EAST=5000)


def test_retained_messages_that_are_spoilt_are_named_and_ignored(lines: list[str]) -> None:
    published = Published()
    published.take(EAST=5000)
    spoilt = {STATE: "[1", CONFIG: '{"components": 7}'}
    again = published.restarted(**spoilt)
    again.take(time=NOON + 60, EAST=6000)
    assert again.newest(STATE)["energy_total"] == 6000
    [line] = [line for line in lines if "retained by the broker" in line]
    assert "expected an object, found a list; the next reading replaces it" in line


def test_frames_wait_until_it_is_known_what_the_broker_retains() -> None:
    published = Published()
    published.publication.wait()
    published.take(EAST=900_000_000)
    published.take(time=NOON + 60, EAST=5010)
    assert published.messages == []
    refused = published.begin(RETAINED)
    assert len(refused) == 1
    assert "EAST is held" in refused[0]
    states = [payload for topic, payload in published.messages if topic == STATE]
    assert [state["east"] for state in states] == [5000, 5000, 5010]
    published.take(time=NOON + 120, EAST=5020)
    assert published.newest(STATE)["east"] == 5020


def test_of_many_frames_that_wait_the_newest_are_published() -> None:
    published = Published()
    published.publication.wait()
    for minute in range(30):
        published.take(time=NOON + 60 * minute, EAST=5000 + minute)
    assert published.begin({}) == []
    states = [payload for topic, payload in published.messages if topic == STATE]
    assert [state["east"] for state in states] == list(range(5020, 5030))
