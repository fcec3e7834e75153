"""Plugs and meters in virtual time: who is silent, and what only looks like a reading."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast

import pytest

from hems.clients.home_assistant.admin_session import AdminSession
from hems.clients.home_assistant.responses import (
    ConfigEntry,
)
from hems.clients.home_assistant.zha_responses import (
    ZhaDevice,
)
from hems.errors import HemsError, Unavailable
from hems.protocols.gateway.watchdog_report import Internet, WatchdogState, encode
from hems.protocols.home_assistant.entity_state import EntityState
from hems.protocols.meters.meter_inventory import Meter
from hems.protocols.meters.meter_roles import Role
from hems.system.network.last_home_router_outage import LastRouterOutage
from hems.workers.provision.observations.silent_devices import SilentDevices
from tests.fakes.meters import KWH, home

MINUTE, HOUR = 60.0, 3600.0
LOOK_S = 300.0
EPOCH = 1_800_000_000.0  # 2027-01-15 08:00 UTC
ENERGY = "sensor.plug_energy"


def meter(platform: str) -> Meter:
    here = home()
    here.entity(here.device("Plug"), "plug_energy", KWH, platform=platform)
    [meter] = here.meters()
    return meter


def moment(wall: float) -> datetime:
    return datetime.fromtimestamp(wall, UTC)


@dataclass
class Devices:
    """One plug that sends every `interval_s` (s) while it lives, in Home Assistant."""

    platform: str
    interval_s: float = 5 * MINUTE
    lives: bool = True
    is_plugged: bool = True  # the stick
    has_home_assistant: bool = True
    internet: Internet = Internet.ONLINE
    now: float = 20.0
    offset: float = EPOCH  # of the time of day
    state: EntityState | None = None
    last_seen: float | None = None
    sent_at: float = field(default=-1e9)
    value: float = 1.0
    log: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        """Start provision."""
        router = LastRouterOutage(
            lambda: encode(WatchdogState(self.now, 180.0, self.internet, 0.0))
        )
        register = [(meter(self.platform), Role.DEVICE)]
        session = cast(Callable[[float], AdminSession], self.open)
        self.silent = SilentDevices(session, lambda: register, router, 3600.0)

    @property
    def wall(self) -> float:
        return self.now + self.offset

    @contextmanager
    def open(self, _now: float) -> Iterator[AdminSession]:
        if not self.has_home_assistant:
            raise Unavailable("refused")
        yield cast(AdminSession, self)

    def states(self) -> tuple[EntityState, ...]:
        return (self.state,) if self.state else ()

    def entries(self, domain: str) -> tuple[ConfigEntry, ...]:
        assert domain == "zha"
        state = "loaded" if self.is_plugged else "setup_retry"
        return (ConfigEntry("1", "zha", "stick", state),) * (self.platform == "zha")

    def zigbee_devices(self) -> tuple[ZhaDevice, ...]:
        seen = None if self.last_seen is None else moment(self.last_seen)
        return (ZhaDevice("id-Plug", seen),)

    def send(self, value: float) -> None:
        """Send a value; Home Assistant has it."""
        self.sent_at, self.last_seen = self.now, self.wall
        text, now = str(value), moment(self.wall)
        before = self.state
        is_same = before is not None and before.state == text
        changed = before.last_changed if is_same and before else now
        self.state = EntityState(ENERGY, text, KWH, changed or now, now, changed)

    def restart_home_assistant(self) -> None:
        """Let it begin again with the last value, which has the time of the restart."""
        if self.state:
            now = moment(self.wall)
            self.state = EntityState(ENERGY, self.state.state, KWH, now, now, now)

    def live(self, seconds: float) -> list[str]:
        """Live for so long; return the problems at the end."""
        end = self.now + seconds
        while self.now < end:
            self.now += LOOK_S
            can_send = self.lives and (self.platform != "zha" or self.is_plugged)
            if can_send and self.now - self.sent_at >= self.interval_s:
                self.value += 0.1
                self.send(self.value)
            try:
                reported = list(self.silent.problems(self.now, self.wall))
            except HemsError:
                reported = []
            self.log = [one.found for one in reported if one.found]
        return self.log


@pytest.fixture(params=["zha", "mqtt"])
def devices(request: pytest.FixtureRequest) -> Devices:
    return Devices(request.param)


def test_a_silence_is_reported_within_an_hour_and_ends(devices: Devices) -> None:
    for _ in range(2):
        assert devices.live(3 * HOUR) == []
        devices.lives = False
        silent_since = moment(devices.sent_at + devices.offset)
        assert devices.live(50 * MINUTE) == []
        assert devices.live(10 * MINUTE) == [f"no reading since {silent_since:%Y-%m-%d %H:%M} UTC"]
        devices.lives = True
        assert devices.live(10 * MINUTE) == []


def test_a_long_interval_of_its_own_is_no_silence(devices: Devices) -> None:
    devices.interval_s = 50 * MINUTE
    assert devices.live(6 * HOUR) == []
    devices.lives = False
    assert devices.live(2 * HOUR) == []
    assert devices.live(HOUR) != []


def test_a_value_from_before_a_restart_is_none(devices: Devices) -> None:
    devices.live(HOUR)
    devices.lives = False
    devices.live(40 * MINUTE)
    age = devices.silent.ages(devices.now)["Plug"]
    assert age is not None
    devices.restart_home_assistant()
    assert devices.live(10 * MINUTE) == []
    assert devices.silent.ages(devices.now)["Plug"] == age + 10 * MINUTE
    assert devices.live(10 * MINUTE) != []


def test_a_value_from_before_provision_is_none(devices: Devices) -> None:
    devices.live(HOUR)
    devices.lives = False
    devices.last_seen = None
    devices.restart_home_assistant()
    devices.start()
    devices.live(5 * MINUTE)
    assert devices.silent.ages(devices.now) == {"Plug": None}
    assert devices.live(HOUR) != []


def test_what_nobody_could_hear_is_no_silence(devices: Devices) -> None:
    devices.live(HOUR)
    devices.has_home_assistant = False
    devices.live(5 * HOUR)
    devices.has_home_assistant = True
    assert devices.live(LOOK_S) == []
    assert devices.live(HOUR) == []


def test_without_the_stick_no_plug_is_silent() -> None:
    devices = Devices("zha")
    devices.live(HOUR)
    devices.is_plugged = False
    assert devices.live(5 * HOUR) == []
    devices.is_plugged, devices.lives = True, False
    assert devices.live(50 * MINUTE) == []
    assert devices.live(10 * MINUTE) != []


@pytest.mark.parametrize(("platform", "expected"), [("mqtt", 0), ("zha", 1)])
def test_a_router_that_is_off_excuses_what_is_on_its_wifi(platform: str, expected: int) -> None:
    devices = Devices(platform)
    devices.live(HOUR)
    devices.lives, devices.internet = False, Internet.NO_LINK
    assert len(devices.live(8 * HOUR)) == expected


def test_a_clock_that_is_set_makes_no_silence(devices: Devices) -> None:
    devices.live(HOUR)
    for jump in (400 * 86400.0, -300 * 86400.0):
        devices.offset += jump
        assert devices.live(2 * HOUR) == [] or jump < 0
