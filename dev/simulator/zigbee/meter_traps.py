"""The traps of real meters: what is unusual in their attributes, and what they may send."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dev.simulator.zigbee.metering_attributes import (
    CUBIC_METRES,
    ELECTRIC,
    KWH,
    KWH_BCD,
    SOLAR,
    WATER,
    Electrical,
    Metering,
)
from dev.simulator.zigbee.zcl_values import ZclType, ZclValue

Values = Mapping[int, ZclValue | None]


@dataclass(frozen=True)
class MeterTrap:
    """What is unusual in a meter: other attributes (None: it has none), or what it sends.

    `sends` are values of QUANTITIES that an order makes it send.
    """

    metering: Values = field(default_factory=dict)
    electrical: Values = field(default_factory=dict)
    sends: Mapping[str, int] = field(default_factory=dict)
    is_deaf_to_servers: bool = False


def _divisor(value: int) -> Values:
    return {Metering.DIVISOR: ZclValue(ZclType.UINT24, value)}


def _unit(unit: int, kind: int) -> Values:
    return {
        Metering.UNIT: ZclValue(ZclType.ENUM8, unit),
        Metering.DEVICE_TYPE: ZclValue(ZclType.BITMAP8, kind),
    }


TRAPS = {
    # it counts Wh and has neither divisor nor multiplier
    "no-divisor": MeterTrap({Metering.DIVISOR: None, Metering.MULTIPLIER: None}),
    # it counts Wh, and its divisor is 0
    "divisor-zero": MeterTrap(_divisor(0)),
    # it counts Wh, and its divisor is 1
    "divisor-one": MeterTrap(_divisor(1)),
    # its unit is kWh in binary-coded decimal
    "bcd-unit": MeterTrap(_unit(KWH_BCD, ELECTRIC)),
    # it is a water meter: m³
    "water": MeterTrap(_unit(CUBIC_METRES, WATER)),
    # it counts what solar panels produce
    "solar": MeterTrap(_unit(KWH, SOLAR)),
    # it measures 0.01 Hz and does not say so
    "frequency": MeterTrap(electrical={Electrical.FREQUENCY: ZclValue(ZclType.UINT16, 5000)}),
    # it does not answer questions about its client of firmware updates
    "interview-loop": MeterTrap(is_deaf_to_servers=True),
    # it sends the values that mean: unknown
    "invalid-values": MeterTrap(
        sends={
            "energy": 0xFFFF_FFFF_FFFF,
            "demand": -0x80_0000,
            "power": -0x8000,
            "voltage": 0xFFFF,
            "current": 0xFFFF,
        },
    ),
    # its active power is negative
    "feed-in": MeterTrap(sends={"power": -2500}),
    # its counter begins again at 0
    "reset": MeterTrap(sends={"energy": 0}),
    # its counter jumps to 1 GWh
    "jump": MeterTrap(sends={"energy": 1_000_000_000}),
}
NO_TRAP = MeterTrap()
