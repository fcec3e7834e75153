"""An order to the simulated stick or to a device around it, as the control port takes it.

{"order": NAME, ...} in one line is answered with {"ok": RESULT} or {"error": TEXT}. The orders:

plug_in, unplug      the stick into its port, and out of it
cut                  the connection to the stick's serial server
hang, revive         the stick answers nothing, and answers again
replace              another stick in the port: "eui64", and "network": "none" or "other"
noise                other radios in the room: "values" has the dBm of channels
state                what the stick does and has
add                  a device called "device": "eui64", "manufacturer", "model", "has_switch",
                     "has_battery", "trap"
join, rejoin, leave  the device
adopt                the device called "child" sends through the device
silence, speak       the device sends nothing, and sends again
measure              "values" of the device by quantity, in the units of the wire
report               the device measures "values" and reports them at once
send_trap            the device reports what is unusual in the trap called "trap"
device               what the device knows of its network

Addresses (EUI64) are 16 hexadecimal digits. The quantities are in
metering_attributes.py, the traps in meter_traps.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from hems.errors import ConfigError

EUI64_SIZE = 8
Known = TypeVar("Known")


class Order(msgspec.Struct, forbid_unknown_fields=True):
    """An order, and what belongs to it."""

    order: str
    device: str = ""
    child: str = ""
    eui64: str = ""
    network: str = "none"
    manufacturer: str = "hems"
    model: str = "SIM-METER"
    has_switch: bool = False
    has_battery: bool = False
    trap: str = ""
    values: dict[str, int] = {}


def known(kind: str, entries: Mapping[str, Known], name: str) -> Known:
    """Return the entry of this name. Raises ConfigError."""
    if name not in entries:
        raise ConfigError(f"{kind}: found {name!r}, expected one of {', '.join(entries)}")
    return entries[name]


def eui64(text: str) -> bytes:
    """Return an address as the air has it. Raises ConfigError."""
    try:
        address = bytes.fromhex(text)
    except ValueError:
        address = b""
    if len(address) != EUI64_SIZE:
        raise ConfigError(f"eui64: found {text!r}, expected 16 hexadecimal digits")
    return address[::-1]
