"""A battery that is nearly empty is a problem until it has enough again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import cast

import pytest

from hems.clients.home_assistant.admin_session import AdminSession
from hems.protocols.gateway.zigbee_problem_kinds import BATTERY_LOW
from hems.protocols.home_assistant.device_registry import DeviceEntry
from hems.protocols.home_assistant.entity_registry import RegistryEntry
from hems.protocols.home_assistant.entity_state import EntityState, StateAttributes
from hems.protocols.meters.meter_roles import Role
from hems.workers.provision.observations.low_batteries import LowBatteries
from tests.fakes.meters import KWH, home

WHEN = datetime(2026, 12, 1, tzinfo=UTC)
BATTERY = StateAttributes(
    device_class="battery", state_class="measurement", unit_of_measurement="%"
)


class Batteries:
    """Home Assistant with a Zigbee sensor, a meter of another integration, and a phone."""

    def __init__(self) -> None:
        here = home()
        here.entity(here.device("Meter"), "meter_energy", KWH, platform="mqtt")
        [self.meter] = here.meters()
        self.registry = [
            RegistryEntry("sensor.door_battery", "zha", "1", device_id="door"),
            RegistryEntry("sensor.meter_battery", "mqtt", "2", device_id=self.meter.device_id),
            RegistryEntry("sensor.phone_battery", "mobile_app", "3", device_id="phone"),
        ]
        self.percent = dict.fromkeys(("door", "meter", "phone"), "80")
        self.attributes = BATTERY
        session = cast(Callable[[float], AdminSession], self.open)
        self.look = LowBatteries(session, lambda: [(self.meter, Role.DEVICE)])

    @contextmanager
    def open(self, _now: float) -> Iterator[AdminSession]:
        yield cast(AdminSession, self)

    def entities(self) -> tuple[RegistryEntry, ...]:
        return tuple(self.registry)

    def devices(self) -> tuple[DeviceEntry, ...]:
        names = {"door": "Cellar door", "phone": "Phone", self.meter.device_id: "Gas meter"}
        return tuple(DeviceEntry(one, name) for one, name in names.items())

    def states(self) -> tuple[EntityState, ...]:
        return tuple(
            EntityState(f"sensor.{name}_battery", text, self.attributes, WHEN)
            for name, text in self.percent.items()
        )

    def low(self, **percent: str) -> list[str]:
        """Return whose battery is low once they have so much left."""
        self.percent |= percent
        found = list(self.look.problems(0.0, 0.0))
        assert {one.name for one in found} <= {BATTERY_LOW.name}
        return [one.subject for one in found]


@pytest.fixture
def batteries() -> Batteries:
    return Batteries()


def test_a_battery_is_low_from_15_percent_on_until_it_has_more_than_20(
    batteries: Batteries,
) -> None:
    for _ in range(2):
        for percent, is_low in (
            ("16", False),
            ("15", True),
            ("16", True),
            ("unavailable", True),
            ("20", True),
            ("21", False),
            ("unknown", False),
        ):
            assert batteries.low(door=percent) == ["Cellar door"] * is_low, percent


def test_meters_and_zigbee_devices_count_and_a_phone_does_not(batteries: Batteries) -> None:
    assert batteries.low(door="3", meter="3", phone="3") == ["Cellar door", "Gas meter"]


def test_a_binary_battery_or_a_voltage_is_no_percentage(batteries: Batteries) -> None:
    for attributes in (
        StateAttributes(device_class="battery"),
        StateAttributes(device_class="voltage", unit_of_measurement="V"),
    ):
        batteries.attributes = attributes
        assert batteries.low(door="3") == []
