"""The attributes with which meters measure, and the values of a usual meter.

Clusters: Metering 0x0702 (Smart Energy, annex D.3), Electrical Measurement 0x0B04 (ZCL 4.9). The
usual meter counts Wh (unit kWh, divisor 1000), and measures 0.1 W, 0.1 V and mA. One with a battery
has Power Configuration 0x0001, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

from dev.simulator.zigbee.attribute_reports import AttributeKey
from dev.simulator.zigbee.zcl_server import ON_OFF
from dev.simulator.zigbee.zcl_values import ZclType, ZclValue

METERING, ELECTRICAL, POWER_CONFIGURATION = 0x0702, 0x0B04, 0x0001
MAIN = 1  # the endpoint of a meter


class Metering(IntEnum):
    """Attributes of the metering cluster."""

    SUMMATION = 0x0000
    STATUS = 0x0200
    UNIT = 0x0300
    MULTIPLIER = 0x0301
    DIVISOR = 0x0302
    SUMMATION_FORMAT = 0x0303
    DEMAND_FORMAT = 0x0304
    DEVICE_TYPE = 0x0306
    DEMAND = 0x0400


class Electrical(IntEnum):
    """Attributes of the electrical measurement cluster."""

    TYPE = 0x0000
    FREQUENCY = 0x0300
    VOLTAGE = 0x0505
    CURRENT = 0x0508
    POWER = 0x050B
    VOLTAGE_MULTIPLIER = 0x0600
    VOLTAGE_DIVISOR = 0x0601
    CURRENT_MULTIPLIER = 0x0602
    CURRENT_DIVISOR = 0x0603
    POWER_MULTIPLIER = 0x0604
    POWER_DIVISOR = 0x0605


class Power(IntEnum):
    """Attributes of the power configuration cluster (ZCL 3.3)."""

    BATTERY_VOLTAGE = 0x0020  # 0.1 V
    BATTERY = 0x0021  # half percents


QUANTITIES = {
    "energy": (METERING, Metering.SUMMATION),
    "demand": (METERING, Metering.DEMAND),
    "power": (ELECTRICAL, Electrical.POWER),
    "voltage": (ELECTRICAL, Electrical.VOLTAGE),
    "current": (ELECTRICAL, Electrical.CURRENT),
    "is_on": (ON_OFF, 0x0000),
    "battery": (POWER_CONFIGURATION, Power.BATTERY),
}
KWH, KWH_BCD, CUBIC_METRES = 0x00, 0x80, 0x01
ELECTRIC, WATER, SOLAR = 0, 2, 8
ACTIVE_POWER_AND_VOLTAGE = 0x09
ONE_TO_ONE = ZclValue(ZclType.UINT16, 1)
METERING_VALUES: Mapping[int, ZclValue] = {
    Metering.SUMMATION: ZclValue(ZclType.UINT48, 0),
    Metering.STATUS: ZclValue(ZclType.BITMAP8, 0),
    Metering.UNIT: ZclValue(ZclType.ENUM8, KWH),
    Metering.MULTIPLIER: ZclValue(ZclType.UINT24, 1),
    Metering.DIVISOR: ZclValue(ZclType.UINT24, 1000),
    Metering.SUMMATION_FORMAT: ZclValue(ZclType.BITMAP8, 0xFB),
    Metering.DEMAND_FORMAT: ZclValue(ZclType.BITMAP8, 0xFB),
    Metering.DEVICE_TYPE: ZclValue(ZclType.BITMAP8, ELECTRIC),
    Metering.DEMAND: ZclValue(ZclType.INT24, 0),
}
ELECTRICAL_VALUES: Mapping[int, ZclValue] = {
    Electrical.TYPE: ZclValue(ZclType.BITMAP32, ACTIVE_POWER_AND_VOLTAGE),
    Electrical.VOLTAGE: ZclValue(ZclType.UINT16, 2300),
    Electrical.CURRENT: ZclValue(ZclType.UINT16, 0),
    Electrical.POWER: ZclValue(ZclType.INT16, 0),
    Electrical.VOLTAGE_MULTIPLIER: ONE_TO_ONE,
    Electrical.VOLTAGE_DIVISOR: ZclValue(ZclType.UINT16, 10),
    Electrical.CURRENT_MULTIPLIER: ONE_TO_ONE,
    Electrical.CURRENT_DIVISOR: ZclValue(ZclType.UINT16, 1000),
    Electrical.POWER_MULTIPLIER: ONE_TO_ONE,
    Electrical.POWER_DIVISOR: ZclValue(ZclType.UINT16, 10),
}

BATTERY_VALUES: Mapping[int, ZclValue] = {
    Power.BATTERY_VOLTAGE: ZclValue(ZclType.UINT8, 30),
    Power.BATTERY: ZclValue(ZclType.UINT8, 200),
}


def quantity(name: str) -> AttributeKey:
    """Return the attribute of a quantity. Raises KeyError if there is none of this name."""
    return AttributeKey(MAIN, *QUANTITIES[name])
