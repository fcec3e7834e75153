from __future__ import annotations

from hems.protocols.linky.d2l_frames import PayloadType
from tests.fakes.linky import NOON
from tests.workers.eesmart_d2l.published import (
    AVAILABILITY,
    CONFIG,
    STATE,
    Published,
)


def test_a_firmware_request_before_the_first_reading_is_in_its_state() -> None:
    published = Published()
    published.frame(PayloadType.FIRMWARE_UPDATE)
    assert published.newest(STATE) == {
        "firmware_update_wanted": True,
        "last_frame": "2023-11-14T22:13:20+00:00",
    }
    assert published.newest(CONFIG)["components"].keys() == published.newest(STATE).keys()
    published.take(EAST=5000, firmware="1")
    assert published.newest(AVAILABILITY) == "online"
    assert published.newest(STATE)["firmware_update_wanted"] is True


def test_each_firmware_request_ends_with_another_firmware() -> None:
    published = Published()
    published.take(firmware="1")
    for firmware in ("2", "3"):
        published.frame(PayloadType.FIRMWARE_UPDATE)
        assert published.newest(STATE)["firmware_update_wanted"] is True
        published.take(firmware=firmware)
        assert published.newest(STATE)["firmware_update_wanted"] is False


def test_a_wish_for_firmware_is_added_to_the_last_state() -> None:
    published = Published()
    published.take(EAST=5000)
    published.frame(PayloadType.FIRMWARE_UPDATE)
    assert published.newest(STATE)["firmware_update_wanted"] is True
    assert published.newest(STATE)["east"] == 5000


def test_a_wish_for_firmware_ends_with_another_firmware() -> None:
    published = Published()
    published.take(firmware="1")
    published.frame(PayloadType.FIRMWARE_UPDATE)
    published.take(firmware="1")
    assert published.newest(STATE)["firmware_update_wanted"] is True
    published.take(firmware="2")
    assert published.newest(STATE)["firmware_update_wanted"] is False
    assert published.newest(CONFIG)["device"]["sw_version"] == "2"


def test_after_a_restart_entities_firmware_and_wish_are_those_of_before() -> None:
    published = Published()
    published.take(EAST=5000, EASF01=5000, firmware="1")
    published.frame(PayloadType.FIRMWARE_UPDATE)
    for minute in (1, 2):
        published = published.restarted()
        published.clock.now = 60 * minute
        published.take(time=NOON + 60 * minute, EAST=5000, firmware="1")
        assert {"east", "easf01"} <= published.newest(CONFIG)["components"].keys()
        assert published.newest(STATE)["firmware_update_wanted"] is True
    published = published.restarted()
    published.take(time=NOON + 180, EAST=5000, firmware="2")
    assert published.newest(STATE)["firmware_update_wanted"] is False


def test_a_firmware_that_was_not_sent_is_not_another_one() -> None:
    published = Published()
    published.take(firmware="1")
    published.frame(PayloadType.FIRMWARE_UPDATE)
    published.take(time=NOON + 60, firmware="")
    assert published.newest(STATE)["firmware_update_wanted"] is True
    assert published.newest(CONFIG)["device"]["sw_version"] == "1"
