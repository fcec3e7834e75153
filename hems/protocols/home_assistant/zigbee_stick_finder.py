"""Which serial port has the home's Zigbee stick, and what may be wrong with it.

Home Assistant lists its serial ports (websocket, usb/list_serial_ports), recognises most sticks by
the numbers and texts of their USB device, and names the integrations for them. An adapter that it
does not recognise may be anything, a meter's cable for example: only a person can say.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import msgspec

from hems.protocols.gateway.zigbee_problem_kinds import (
    USB_ADAPTER_UNKNOWN,
    ZIGBEE_BLANK_STICK,
    ZIGBEE_NO_PERMISSION,
    ZIGBEE_OTHER_NETWORK,
    ZIGBEE_SEVERAL_STICKS,
    ZIGBEE_STICK_IN_USE,
    ZIGBEE_STICK_MISSING,
    ZIGBEE_STICK_SILENT,
)
from hems.supervision.worker.problem import ReportedProblem

ZHA = "zha"
RECOGNISED_BY = frozenset({ZHA, "homeassistant_sky_connect", "homeassistant_connect_zbt2"})
# States of an entry: it works, Home Assistant tries it again, or does not.
LOADED, SETUP_RETRY, SETUP_ERROR = "loaded", "setup_retry", "setup_error"
STARTING = frozenset({"not_loaded", "setup_in_progress", "unload_in_progress"})
# States in which it is for some seconds, or which only a restart of Home Assistant ends.
HANGING = ("setup_in_progress", "unload_in_progress", "failed_unload")
# Reasons of ZHA's entry: its own, one of services/homeassistant/python/kept_zigbee_networks.py,
# and the numbers of the kernel's errors.
OTHER_NETWORK, BLANK = "Network settings do not match most recent backup", "The stick is blank"
CAUSES = {
    ZIGBEE_BLANK_STICK: (BLANK,),
    ZIGBEE_OTHER_NETWORK: (OTHER_NETWORK,),
    ZIGBEE_NO_PERMISSION: ("[Errno 1]", "[Errno 13]"),  # EPERM, EACCES
    ZIGBEE_STICK_IN_USE: ("locked by another", "[Errno 16]"),  # of its serial library; EBUSY
}


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

    `device` is its path below /dev/serial/by-id if it has one. Only USB devices have a `vid`.
    """

    device: str
    present: bool = True
    vid: str | None = None
    serial_number: str | None = None
    description: str | None = None
    matching_integrations: tuple[str, ...] = ()
    consumers: tuple[PortUser, ...] = ()
    discovery_flows: tuple[PortFlow, ...] = ()

    @property
    def is_zigbee_stick(self) -> bool:
        return self.present and not RECOGNISED_BY.isdisjoint(self.matching_integrations)

    @property
    def is_unknown(self) -> bool:
        """Return whether it is a USB adapter that Home Assistant does not know or use."""
        is_known = self.matching_integrations or self.consumers
        return self.present and self.vid is not None and not is_known

    @property
    def name(self) -> str:
        """Return what a person sees on the stick, or its path."""
        return self.description or self.device

    @property
    def found_flow(self) -> str:
        """Return the id of the flow by which ZHA has found the stick, empty if there is none."""
        return next((one.flow_id for one in self.discovery_flows if one.domain == ZHA), "")


def stick_to_set_up(ports: Collection[SerialPort]) -> SerialPort | ReportedProblem | None:
    """Return the only Zigbee stick, None if there is none, or what a person has to decide."""
    sticks = [port for port in ports if port.is_zigbee_stick]
    if len(sticks) > 1:
        return ZIGBEE_SEVERAL_STICKS.found(_several(sticks))
    for stick in sticks:
        if user := next((one for one in stick.consumers if one.is_active), None):
            return ZIGBEE_STICK_IN_USE.found(f"{user.title or user.domain} uses {stick.name}")
        return stick
    if unknown := [f"{port.name} ({port.device})" for port in ports if port.is_unknown]:
        return USB_ADAPTER_UNKNOWN.found(" and ".join(unknown))
    return None


def trouble(state: str, reason: str, ports: Sequence[SerialPort]) -> ReportedProblem | None:
    """Return what is wrong with the stick of ZHA's entry, as its state, reason and ports say."""
    if state not in (SETUP_ERROR, SETUP_RETRY):
        return None
    name = _plugged_in(ports)
    if state == SETUP_RETRY and (missing := _missing(ports)):
        return ZIGBEE_STICK_MISSING.found(missing)
    for kind, texts in CAUSES.items():
        if any(text in reason for text in texts):
            return kind.found(f"{name}: {reason}")
    return ZIGBEE_STICK_SILENT.found(f"{name}: {reason or 'no answer'}")


def _plugged_in(ports: Iterable[SerialPort]) -> str:
    """Return the name of the stick in the port that ZHA uses."""
    used = [port.name for port in ports if any(one.domain == ZHA for one in port.consumers)]
    return used[0] if used else "the stick"


def _missing(ports: Sequence[SerialPort]) -> str:
    """Return the path of the stick that ZHA uses, and what is plugged in instead, if it is not."""
    used = [port for port in ports if any(one.domain == ZHA for one in port.consumers)]
    missing = [port.device for port in used if not port.present]
    if not missing:
        return ""
    others = " and ".join(port.name for port in ports if port.is_zigbee_stick)
    return f"{missing[0]}; {others} is plugged in instead" if others else missing[0]


def _several(sticks: Sequence[SerialPort]) -> str:
    """Name the sticks, and the number of two that cannot be told apart: their makers gave it."""
    names = " and ".join(f"{one.name} ({one.device})" for one in sticks)
    texts = [(stick.description, stick.serial_number) for stick in sticks]
    same = sorted({number for text, number in texts if number and texts.count((text, number)) > 1})
    if not same:
        return names
    return f"{names} have the same serial number {same[0]}: Home Assistant takes one for the other"
