import json
from typing import Any

import pytest

from hems.protocols.d2l import Frame, PayloadType
from hems.settings import Mqtt
from hems.settings.secrets import D2lDevice
from hems.workers.eesmart_d2l.device import Device
from hems.workers.eesmart_d2l.publication import Publication
from hems.workers.eesmart_d2l.refusals import Reason, Refused
from hems.workers.eesmart_d2l.wall_clock import WallClock
from tests.fakes.linky import NOON, reading
from tests.fakes.time import FakeTime

NAME = "011601000001"
CONFIG = f"homeassistant/device/d2l_{NAME}/config"
STATE = f"hems/d2l/{NAME}/state"
AVAILABILITY = f"hems/d2l/{NAME}/availability"


def frame(kind: int = PayloadType.PUSH_JSON) -> Frame:
    return Frame(int(NAME), kind, b"", bytes(16))


class Published:
    """A publication with its broker's side: every message in order."""

    def __init__(self, *, is_synchronised: bool = True) -> None:
        self.messages: list[tuple[str, Any]] = []
        clock = FakeTime(epoch=NOON, synchronised=is_synchronised)
        self.publication = Publication(
            Mqtt(), self, "w/availability", WallClock(clock, is_required=True)
        )
        self.device = Device(D2lDevice(int(NAME), bytes(16), bytes(16)), 60)

    def set(self, topic: str, payload: bytes) -> None:
        text = payload.decode()
        self.messages.append((topic, json.loads(text) if text.startswith("{") else text))

    def take(self, **changes: Any) -> None:
        self.publication.take(self.device, frame(), reading(**changes))

    def newest(self, topic: str) -> Any:
        return [payload for name, payload in self.messages if name == topic][-1]

    def topics(self) -> list[str]:
        return [topic for topic, _ in self.messages]


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
    published.take(EAST=5000, EASF01=10)
    published.take(time=NOON + 60, EAST=5000, EASF02=10)
    components = published.newest(CONFIG)["components"]
    assert {"east", "easf01", "easf02"} <= components.keys()


def test_an_index_that_fell_is_published_at_its_last_good_value_and_reported() -> None:
    published = Published()
    published.take(EAST=5000)
    with pytest.raises(Refused, match="EAST") as raised:
        published.take(time=NOON + 60, EAST=0)
    assert raised.value.reason == Reason.INDEX
    assert published.newest(STATE)["east"] == 5000


def test_a_reading_of_the_past_is_not_published() -> None:
    published = Published()
    published.take(EAST=5000)
    before = published.topics()
    with pytest.raises(Refused) as raised:
        published.take(time=NOON - 60, EAST=4000)
    assert raised.value.reason == Reason.TIME
    assert published.topics() == before


def test_a_wish_for_firmware_is_added_to_the_last_state() -> None:
    published = Published()
    published.take(EAST=5000)
    published.publication.take(published.device, frame(PayloadType.FIRMWARE_UPDATE), None)
    assert published.newest(STATE)["firmware_update_wanted"] is True
    assert published.newest(STATE)["east"] == 5000


def test_a_wish_for_firmware_ends_with_another_firmware() -> None:
    published = Published()
    published.take(firmware="1")
    published.publication.take(published.device, frame(PayloadType.FIRMWARE_UPDATE), None)
    published.take(firmware="1")
    assert published.newest(STATE)["firmware_update_wanted"] is True
    published.take(firmware="2")
    assert published.newest(STATE)["firmware_update_wanted"] is False
    assert published.newest(CONFIG)["device"]["sw_version"] == "2"


def test_a_frame_without_a_reading_makes_the_meter_available_but_no_state() -> None:
    published = Published()
    published.publication.take(published.device, frame(PayloadType.GET_CLOCK), None)
    assert published.messages == [(AVAILABILITY, "online")]


def test_silence_and_its_end_are_each_published_once() -> None:
    published = Published()
    published.take(EAST=5000)
    for _ in range(3):
        published.publication.report_silence(published.device)
    published.take(time=NOON + 60, EAST=5010)
    assert [payload for topic, payload in published.messages if topic == AVAILABILITY] == [
        "online",
        "offline",
        "online",
    ]


def test_a_time_that_is_not_trusted_is_not_published() -> None:
    published = Published(is_synchronised=False)
    published.take(EAST=5000)
    assert "last_frame" not in published.newest(STATE)
