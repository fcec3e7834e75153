"""Which serial port has the home's Zigbee stick, and what may be wrong with it.

Home Assistant lists its serial ports (websocket, usb/list_serial_ports), recognises most sticks by
the numbers and texts of their USB device, and names the integrations for them. An adapter that it
does not recognise may be anything, a meter's cable for example: only a person can say.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from hems.errors import Rejected

ZHA = "zha"
RECOGNISED_BY = frozenset({ZHA, "homeassistant_sky_connect", "homeassistant_connect_zbt2"})
IN_SETTINGS = "in Home Assistant (Settings > Devices & services)"


class PortUser(msgspec.Struct, frozen=True):
    """What uses a port; `is_active`: it may have the port open now."""

    title: str
    domain: str | None = None
    is_active: bool = msgspec.field(name="active", default=True)


class PortFlow(msgspec.Struct, frozen=True):
    """A flow that Home Assistant has started, because it recognised what is plugged in."""

    flow_id: str
    domain: str


class SerialPort(msgspec.Struct, frozen=True):
    """A port; one that is not `present` is only known from what is set up to use it.

    `device` is its path below /dev/serial/by-id if it has one.
    """

    device: str
    present: bool = True
    serial_number: str | None = None
    description: str | None = None
    matching_integrations: tuple[str, ...] = ()
    consumers: tuple[PortUser, ...] = ()
    discovery_flows: tuple[PortFlow, ...] = ()

    @property
    def is_zigbee_stick(self) -> bool:
        return self.present and not RECOGNISED_BY.isdisjoint(self.matching_integrations)

    @property
    def name(self) -> str:
        """Return what a person sees on the stick, or its path."""
        return self.description or self.device

    @property
    def found_flow(self) -> str:
        """Return the id of the flow by which ZHA has found the stick, empty if there is none."""
        return next((one.flow_id for one in self.discovery_flows if one.domain == ZHA), "")


def stick_to_set_up(ports: Iterable[SerialPort]) -> SerialPort | None:
    """Return the only Zigbee stick, None if there is none.

    Raises Rejected if there are several, or if it belongs to another integration.
    """
    sticks = [port for port in ports if port.is_zigbee_stick]
    if len(sticks) > 1:
        names = " and ".join(f"{one.name} ({one.device})" for one in sticks)
        raise Rejected(
            f"{len(sticks)} Zigbee sticks are plugged in, {names}{_same_number(sticks)}: unplug "
            f"all but one, or add the right one {IN_SETTINGS}"
        )
    for stick in sticks:
        if user := next((one for one in stick.consumers if one.is_active), None):
            raise Rejected(f"the Zigbee stick {stick.name} is in use by {user.title}")
    return sticks[0] if sticks else None


def missing_stick(ports: Sequence[SerialPort]) -> str:
    """Return what is wrong if the stick that ZHA uses is not plugged in, otherwise nothing."""
    used = [port for port in ports if any(one.domain == ZHA for one in port.consumers)]
    missing = [port.device for port in used if not port.present]
    if not missing:
        return ""
    others = [port.name for port in ports if port.is_zigbee_stick]
    if not others:
        return f"the Zigbee stick {missing[0]} is not plugged in"
    return (
        f"the Zigbee stick {missing[0]} is not plugged in, but {' and '.join(others)}: plug the "
        f"first one in again, or move the network to the other one {IN_SETTINGS}"
    )


def _same_number(sticks: Sequence[SerialPort]) -> str:
    """Return a remark if two sticks cannot be told apart: their makers gave them one number."""
    numbers = [stick.serial_number for stick in sticks]
    same = sorted({one for one in numbers if one and numbers.count(one) > 1})
    return f" (the serial number {same[0]} is on both)" if same else ""
