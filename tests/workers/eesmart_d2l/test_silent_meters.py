"""Silent meters in virtual time, with a router that is switched off at night."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import pytest

from hems.errors import ProtocolError, Unavailable
from hems.protocols.gateway.watchdog_report import Internet, WatchdogState, encode
from hems.protocols.linky.d2l_frames import D2lFrame
from hems.protocols.linky.d2l_frames import encode as encode_frame
from hems.settings.read_secrets import D2lDevice
from hems.workers.eesmart_d2l.dongle import Dongle
from hems.workers.eesmart_d2l.silent_meters import SilentMeters
from hems.workers.eesmart_d2l.trusted_clock import TrustedClock
from tests.fakes.time import FakeTime

ID, NAME = 21234567890, "021234567890"
SILENT_S = 600.0
MINUTE, HOUR = 60.0, 3600.0
EPOCH = 1_800_000_000.0  # 2027-01-15 08:00 UTC


@dataclass
class Meters:
    """One dongle that sends once a minute while `sends`, and a watchdog that sees `internet`."""

    time: FakeTime = field(default_factory=lambda: FakeTime(epoch=EPOCH))
    sends: bool = True
    internet: Internet | None = Internet.ONLINE
    known: tuple[int, ...] | None = (ID,)

    def __post_init__(self) -> None:
        self.dongle = Dongle(D2lDevice(ID, bytes(16), bytes(16)), 60)
        self.start()

    def start(self) -> None:
        """Start the worker, which knows of no frame yet."""
        clock = TrustedClock(self.time, is_required=True)
        self.dongle.last_frame_at = self.dongle.last_life_at = None
        self.silent = SilentMeters(SILENT_S, self.time.now, self.read_watchdog, clock)
        if self.known is not None:
            self.silent.recall(self.known)

    def read_watchdog(self) -> bytes:
        if self.internet is None:
            raise Unavailable("no file")
        return encode(WatchdogState(self.time.now, 180.0, self.internet, 0.0))

    def pass_for(self, seconds: float) -> None:
        end = self.time.now + seconds
        while self.time.now < end:
            if self.sends and self.time.now % MINUTE == 0:
                self.dongle.last_frame_at = self.dongle.last_life_at = self.time.now
            self.problems()
            self.time.now += 10

    def problems(self) -> list[tuple[str, str, str | None]]:
        reported = self.silent.problems([self.dongle], self.time.now)
        return [(one.name, one.subject, one.found) for one in reported]

    def found(self) -> dict[str, str]:
        """Return what was found, by name, without what is not known."""
        return {name: found for name, _, found in self.problems() if found is not None}


def test_a_meter_that_sends_is_no_problem() -> None:
    meters = Meters()
    meters.pass_for(3 * HOUR)
    assert meters.problems() == []


def test_a_meter_is_silent_after_ten_minutes_until_its_next_frame() -> None:
    meters = Meters()
    for _ in range(2):
        meters.pass_for(HOUR)
        meters.sends = False
        meters.pass_for(9 * MINUTE)
        assert meters.found() == {}
        meters.pass_for(2 * MINUTE)
        assert list(meters.found()) == ["meter-silent"]
        assert {subject for _, subject, _ in meters.problems()} == {NAME}
        meters.sends = True
        meters.pass_for(2 * MINUTE)
        assert meters.problems() == []


def test_what_was_found_has_the_time_of_the_last_frame_and_stays_the_same() -> None:
    meters = Meters()
    meters.pass_for(10 * MINUTE)
    meters.sends = False
    meters.pass_for(HOUR)
    assert meters.found() == {"meter-silent": "no reading since 2027-01-15 08:09 UTC"}
    meters.time.epoch += 120
    assert meters.found() == {"meter-silent": "no reading since 2027-01-15 08:09 UTC"}


def test_without_a_trusted_clock_there_is_no_time() -> None:
    meters = Meters(FakeTime(synchronised=False))
    meters.sends = False
    meters.pass_for(HOUR)
    assert meters.found() == {"meter-silent": "no reading for 10 min"}


@pytest.mark.parametrize("off", [Internet.NO_LINK, Internet.LAN_ONLY])
def test_a_router_that_is_off_at_night_makes_no_meter_silent(off: Internet) -> None:
    meters = Meters()
    for _ in range(3):
        meters.pass_for(16 * HOUR)
        meters.sends, meters.internet = False, off
        meters.pass_for(8 * HOUR)
        assert meters.found() == {}
        meters.internet = Internet.ONLINE
        meters.pass_for(5 * MINUTE)  # the dongle joins the Wi-Fi again
        assert meters.found() == {}
        meters.sends = True


def test_a_meter_that_stays_silent_when_the_router_is_back_is_a_problem() -> None:
    meters = Meters(sends=False, internet=Internet.NO_LINK)
    meters.pass_for(8 * HOUR)
    meters.internet = Internet.ONLINE
    meters.pass_for(11 * MINUTE)
    assert list(meters.found()) == ["meter-silent"]


def test_a_home_without_internet_learns_of_a_silent_meter_after_a_day() -> None:
    meters = Meters(sends=False, internet=Internet.LAN_ONLY)
    meters.pass_for(24 * HOUR)
    assert meters.found() == {}
    meters.pass_for(MINUTE)
    assert list(meters.found()) == ["meter-silent"]


def test_while_the_router_is_off_a_silence_that_was_known_stays_as_it_was() -> None:
    meters = Meters(sends=False)
    meters.pass_for(11 * MINUTE)
    meters.internet = Internet.NO_LINK
    meters.pass_for(MINUTE)
    assert meters.problems() == [("meter-silent", NAME, None)]


@pytest.mark.parametrize("internet", [Internet.PORTAL, None])
def test_a_portal_or_a_missing_watchdog_is_no_excuse(internet: Internet | None) -> None:
    meters = Meters(sends=False, internet=internet)
    meters.pass_for(11 * MINUTE)
    assert list(meters.found()) == ["meter-silent"]


def test_after_a_restart_it_is_not_known_until_the_patience_is_over() -> None:
    meters = Meters()
    meters.pass_for(HOUR)
    meters.sends = False
    meters.pass_for(11 * MINUTE)
    meters.start()
    assert meters.problems() == [("meter-silent", NAME, None)]
    meters.pass_for(11 * MINUTE)
    assert list(meters.found()) == ["meter-silent"]


def test_a_dongle_that_never_sent_is_a_problem_of_its_own_after_an_hour() -> None:
    meters = Meters(sends=False, known=())
    meters.pass_for(HOUR)
    assert meters.problems() == [("meter-never-seen", NAME, None)]
    meters.pass_for(MINUTE)
    assert meters.problems() == [("meter-never-seen", NAME, "no frame with its id has arrived")]
    meters.sends = True
    meters.pass_for(2 * MINUTE)
    assert meters.problems() == []
    meters.sends = False
    meters.pass_for(11 * MINUTE)
    assert list(meters.found()) == ["meter-silent"]


def test_without_a_broker_it_is_not_known_whether_it_ever_sent() -> None:
    meters = Meters(sends=False, known=None)
    meters.pass_for(HOUR)
    assert meters.found() == {}
    meters.pass_for(MINUTE)
    assert list(meters.found()) == ["meter-silent"]


@pytest.mark.parametrize(("known", "name"), [((ID,), "meter-silent"), ((), "meter-never-seen")])
def test_frames_that_are_refused_are_named_with_the_reason(
    known: tuple[int, ...], name: str
) -> None:
    meters = Meters(sends=False, known=known)
    with pytest.raises(ProtocolError):
        meters.dongle.open(bytes(96), 0.0)
    meters.pass_for(HOUR + MINUTE)
    assert re.search("the newest (with its id )?was refused: ", meters.found()[name])
    meters.dongle.open(encode_frame(D2lFrame(ID, 3, b"", bytes(16)), meters.dongle.cipher), 0.0)
    assert meters.dongle.refusal == ""
