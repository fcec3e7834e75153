"""The Zigbee meters of a simulated home: what they measure comes from its household.

While the network is open, each asks to join, as if a person had pressed its button; and again after
a while if nobody has set up its reports, because the host was busy then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from dev.simulator.home_day import Appliance
from dev.simulator.household import Household, LoadReading
from dev.simulator.zigbee.meter_traps import NO_TRAP, TRAPS, MeterTrap
from dev.simulator.zigbee.metering_attributes import quantity
from dev.simulator.zigbee.metering_devices import MeterModel, meter
from dev.simulator.zigbee.scheduler_interface import Scheduler
from dev.simulator.zigbee.stick import Stick
from dev.simulator.zigbee.zigbee_device import ZigbeeDevice

MEASURE_S, PRESS_AGAIN_S = 5.0, 30.0
WIRE_W, WIRE_V, MAINS_V = 10, 10, 231  # 0.1 W, 0.1 V
FIRST_EUI64 = 0x00124B00_5EED0001


@dataclass(frozen=True)
class HomeMeter:
    """A meter, and the appliance that it measures; None: the solar panels."""

    model: str
    appliance: Appliance | None
    has_switch: bool = False

    def name(self, language: str) -> str:
        """Return what a person calls it, in English if that language is not known."""
        english = self.appliance.value if self.appliance else "Solar panels"
        return NAMES.get(language, {}).get(english, english)

    @property
    def trap(self) -> MeterTrap:
        return NO_TRAP if self.appliance else TRAPS["solar"]

    def reading(self, household: Household, unix_time: int) -> LoadReading:
        if self.appliance is None:
            return household.solar(unix_time)
        return household.appliance(self.appliance, unix_time)


NAMES = {
    "fr": {
        "Solar panels": "Panneaux solaires",
        "Heat pump": "Pompe à chaleur",
        "Washing machine": "Lave-linge",
        "Television": "Télévision",
    },
    "de": {
        "Solar panels": "Solaranlage",
        "Heat pump": "Wärmepumpe",
        "Washing machine": "Waschmaschine",
        "Television": "Fernseher",
    },
    "nl": {
        "Solar panels": "Zonnepanelen",
        "Heat pump": "Warmtepomp",
        "Washing machine": "Wasmachine",
        "Television": "Televisie",
    },
}
HOME_METERS = (
    HomeMeter("SIM-SOLAR", None),
    HomeMeter("SIM-CLAMP", Appliance.HEAT_PUMP),
    HomeMeter("SIM-PLUG", Appliance.WASHING_MACHINE, has_switch=True),
    HomeMeter("SIM-PLUG", Appliance.TELEVISION, has_switch=True),
)


def address(number: int) -> str:
    """Return the EUI64 of meter `number` of HOME_METERS, as people write it."""
    return f"{FIRST_EUI64 + number:016x}"


def zha_address(number: int) -> str:
    """Return the same as ZHA writes it."""
    return bytes.fromhex(address(number)).hex(":")


class HomeMeters:
    """The devices around `stick`."""

    def __init__(self, scheduler: Scheduler, stick: Stick, household: Household) -> None:
        self._scheduler = scheduler
        self._stick = stick
        self._pressed_at: dict[bytes, float] = {}  # monotonic s, by address
        self._household = household
        self.devices = [
            meter(scheduler, stick, bytes.fromhex(address(number))[::-1], _model(one))
            for number, one in enumerate(HOME_METERS)
        ]

    def measure(self, unix_time: int) -> None:
        """Let each meter measure, and join if it has no network and one is open."""
        for one, device in zip(HOME_METERS, self.devices, strict=True):
            reading = one.reading(self._household, unix_time)
            amperes = reading.watts / MAINS_V
            for name, value in (
                ("energy", reading.energy_wh),
                ("demand", reading.watts),
                ("power", WIRE_W * reading.watts),
                ("voltage", WIRE_V * MAINS_V),
                ("current", round(1000 * amperes)),
            ):
                device.measure(quantity(name), value)
            self._connect(device)

    async def run(self, clock: Callable[[], float]) -> None:
        """Measure until cancelled."""
        while True:
            self.measure(int(clock()))
            await asyncio.sleep(MEASURE_S)

    def _connect(self, device: ZigbeeDevice) -> None:
        now, running = self._scheduler.time(), self._stick.network.running
        has_joined = running is not None and device.network_key == running.key
        if has_joined and device.reports.configurations:
            return
        is_pressed = now - self._pressed_at.get(device.eui64, -PRESS_AGAIN_S) >= PRESS_AGAIN_S
        if is_pressed and device.join():
            self._pressed_at[device.eui64] = now


def _model(one: HomeMeter) -> MeterModel:
    return MeterModel(model=one.model, has_switch=one.has_switch, trap=one.trap)
