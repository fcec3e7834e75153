"""Energy meters, and plugs that measure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dev.simulator.zigbee.aps_frames import HOME_AUTOMATION
from dev.simulator.zigbee.meter_traps import NO_TRAP, MeterTrap, Values
from dev.simulator.zigbee.metering_attributes import (
    BATTERY_VALUES,
    ELECTRICAL,
    ELECTRICAL_VALUES,
    MAIN,
    METERING,
    METERING_VALUES,
    POWER_CONFIGURATION,
)
from dev.simulator.zigbee.radio_interface import Radio
from dev.simulator.zigbee.scheduler_interface import Scheduler
from dev.simulator.zigbee.zcl_server import BASIC, IDENTIFY, ON_OFF, OTA, Endpoint
from dev.simulator.zigbee.zcl_values import ZclType, ZclValue
from dev.simulator.zigbee.zigbee_device import ZigbeeDevice

MAINS, BATTERY = 1, 3  # power sources
SMART_PLUG, METER_INTERFACE = 0x0051, 0x0053  # device ids of the home automation profile


@dataclass(frozen=True)
class MeterModel:
    """What a meter says of itself; with a switch it is a metering plug.

    One with a battery is no router.
    """

    manufacturer: str = "hems"
    model: str = "SIM-METER"
    has_switch: bool = False
    has_battery: bool = False
    trap: MeterTrap = NO_TRAP

    def endpoint(self) -> Endpoint:
        """Return the only endpoint, with all its attributes."""
        values: dict[tuple[int, int], ZclValue] = {
            (BASIC, 0x0000): ZclValue(ZclType.UINT8, 3),  # version of the ZCL
            (BASIC, 0x0004): ZclValue(ZclType.STRING, self.manufacturer),
            (BASIC, 0x0005): ZclValue(ZclType.STRING, self.model),
            (BASIC, 0x0007): ZclValue(ZclType.ENUM8, BATTERY if self.has_battery else MAINS),
            (BASIC, 0x4000): ZclValue(ZclType.STRING, "1.0.0"),
            (OTA, 0x0002): ZclValue(ZclType.UINT32, 1),  # version of the firmware
            **_values(METERING, METERING_VALUES, self.trap.metering),
            **_values(ELECTRICAL, ELECTRICAL_VALUES, self.trap.electrical),
        }
        clusters, device = [BASIC, IDENTIFY, METERING, ELECTRICAL], METER_INTERFACE
        if self.has_switch:
            clusters, device = [*clusters, ON_OFF], SMART_PLUG
            values[ON_OFF, 0x0000] = ZclValue(ZclType.BOOL, 1)
        if self.has_battery:
            clusters = [*clusters, POWER_CONFIGURATION]
            values |= _values(POWER_CONFIGURATION, BATTERY_VALUES, {})
        is_deaf = self.trap.is_deaf_to_servers
        return Endpoint(HOME_AUTOMATION, device, clusters, [OTA], values, is_deaf)


def _values(
    cluster: int, usual: Mapping[int, ZclValue], unusual: Values
) -> dict[tuple[int, int], ZclValue]:
    merged: dict[int, ZclValue | None] = {**usual, **unusual}
    return {(cluster, number): one for number, one in merged.items() if one is not None}


def meter(scheduler: Scheduler, radio: Radio, eui64: bytes, model: MeterModel) -> ZigbeeDevice:
    """Return a meter of this model that has not joined a network."""
    endpoints = {MAIN: model.endpoint()}
    return ZigbeeDevice(scheduler, radio, eui64, endpoints, is_router=not model.has_battery)
