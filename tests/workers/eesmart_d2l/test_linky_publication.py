from __future__ import annotations

import pytest

from hems.protocols.linky.d2l_frames import PayloadType
from hems.protocols.linky.d2l_payload import fields
from hems.protocols.linky.meter_reading import parse
from hems.workers.eesmart_d2l.refused_frames import FrameRefused, RefusalReason
from tests.fakes.linky import NOON
from tests.protocols.linky.samples import SINGLE, payload
from tests.workers.eesmart_d2l.published import (
    AVAILABILITY,
    CONFIG,
    NAME,
    STATE,
    Published,
)


def test_a_dongle_that_falls_silent_and_returns_is_logged_once_each_time(lines: list[str]) -> None:
    published = Published()
    arrives = f"INFO device {NAME}: frames arrive"
    silent = f"WARNING device {NAME}: no frames arrive"
    for minute in range(2):
        published.take(time=NOON + 60 * minute)
        published.take(time=NOON + 60 * minute)
        published.publication.publish_silence(published.dongle)
        published.publication.publish_silence(published.dongle)
    assert lines == [arrives, silent, arrives, silent]


def test_a_first_reading_brings_discovery_then_state_then_availability() -> None:
    published = Published()
    published.take(EAST=5000)
    assert published.topics() == [CONFIG, STATE, AVAILABILITY]
    state = published.newest(STATE)
    assert state["east"] == 5000
    assert state["last_frame"] == "2023-11-14T22:13:20+00:00"
    assert state["firmware_update_wanted"] is False
    topics = [one["topic"] for one in published.newest(CONFIG)["availability"]]
    assert topics == ["w/availability", AVAILABILITY]


def test_the_next_reading_brings_its_state_alone() -> None:
    published = Published()
    published.take(EAST=5000)
    published.take(time=NOON + 60, EAST=5020)
    assert published.topics()[3:] == [STATE]
    assert published.newest(STATE)["power_estimated"] == 1200


def test_an_entity_that_was_there_once_stays_when_another_comes() -> None:
    published = Published()
    published.take(EAST=5000, EASF01=5000)
    for minute in (1, 2):
        published.take(time=NOON + 60 * minute, EAST=5000, EASF02=10)
    components = published.newest(CONFIG)["components"]
    assert {"east", "easf01", "easf02"} <= components.keys()


def test_an_index_that_fell_is_published_at_its_last_good_value_and_reported() -> None:
    published = Published()
    published.take(EAST=5000)
    with pytest.raises(FrameRefused, match="EAST") as raised:
        published.take(time=NOON + 60, EAST=0)
    assert raised.value.reason == RefusalReason.INDEX
    assert published.newest(STATE)["east"] == 5000
    assert published.newest(STATE)["energy_total"] == 5000


def test_a_reading_of_the_past_is_not_published() -> None:
    published = Published()
    published.take(EAST=5000)
    before = published.topics()
    with pytest.raises(FrameRefused) as raised:
        published.take(time=NOON - 60, EAST=4000)
    assert raised.value.reason == RefusalReason.TIME
    assert published.topics() == before


def test_a_dongle_without_a_meter_is_online_once_nobody_can_have_guessed_its_frames() -> None:
    published = Published()
    for _ in range(2):
        published.messages.clear()
        for number in range(5):
            published.frame(PayloadType.GET_CLOCK)
            published.clock.now += 60
            assert AVAILABILITY not in published.topics(), number
        assert published.newest(STATE)["firmware_update_wanted"] is False
        published.frame(PayloadType.GET_CLOCK)
        assert published.newest(AVAILABILITY) == "online"
        published.publication.publish_silence(published.dongle)
        published.clock.now += 3600
    for _ in range(20):  # each with luck, and the next one hours later
        published.frame(PayloadType.GET_CLOCK)
        published.clock.now += 301
    for _ in range(20):  # a burst: an hour of luck at once
        published.frame(PayloadType.GET_CLOCK)
    assert published.newest(AVAILABILITY) == "offline"


def test_a_first_reading_needs_the_gateways_time_a_later_one_or_a_register_that_counts() -> None:
    published = Published(is_synchronised=False)
    published.take(EAST=5000)
    published.take(EAST=5000)
    assert AVAILABILITY not in published.topics()
    published.take(time=NOON + 60, EAST=5000)
    assert published.newest(AVAILABILITY) == "online"
    without_time = Published()
    without_time.take(time=None, EAST=5000)
    without_time.take(time=None, EAST=5000)
    assert AVAILABILITY not in without_time.topics()
    without_time.take(time=None, EAST=5010)
    assert without_time.newest(AVAILABILITY) == "online"


def test_a_frame_without_a_reading_keeps_the_last_one_and_its_time() -> None:
    published = Published()
    published.take(EAST=5000)
    before = published.newest(STATE)
    published.clock.now += 60
    for kind in (PayloadType.GET_CLOCK, PayloadType.NO_INTERNET):
        published.frame(kind)
        assert published.newest(STATE) == before
    assert published.topics().count(CONFIG) == 1


def test_silence_and_its_end_are_each_published_once() -> None:
    published = Published()
    published.take(EAST=5000)
    for minute in (1, 2):
        for _ in range(3):
            published.publication.publish_silence(published.dongle)
        published.take(time=NOON + 60 * minute, EAST=5010)
    availability = [payload for topic, payload in published.messages if topic == AVAILABILITY]
    assert availability == ["online", "offline", "online", "offline", "online"]


def test_a_time_that_is_not_trusted_is_not_published() -> None:
    published = Published(is_synchronised=False)
    published.take(EAST=5000)
    assert "last_frame" not in published.newest(STATE)


def test_the_next_change_of_the_tariff_is_published_with_its_name() -> None:
    published = Published()
    changes = {"PJOURF+1": "00008001 06008002 23008001"}
    for date, index, name in (("2213", "02", "HP"), ("2313", "01", "HC")):
        values = {"DATE": f"H231114{date}20", "NTARF": index, "LTARF": name}
        strings = fields(payload(SINGLE, **(changes | values)), int(NAME))
        published.frame(reading=parse(strings))
    state = published.newest(STATE)
    assert state["next_tariff_change"] == "2023-11-15T05:00:00+00:00"
    assert (state["next_tariff_index"], state["next_tariff_name"]) == (2, "HP")
    assert "next_tariff_change" in published.newest(CONFIG)["components"]
    for _ in range(2):
        published = published.restarted()
        published.frame(reading=parse(strings))
        assert published.newest(STATE)["next_tariff_name"] == "HP"
