"""The entities with which a person lets Zigbee meters join, on the gateway's device.

BASE/zigbee-joining/command/open   a press of the button
BASE/zigbee-joining/command/name   the name for the meter that has joined last
BASE/zigbee-joining/state          their state, as JSON
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from hems.protocols.home_assistant.mqtt_discovery import (
    DiscoveryDevice,
    Entity,
    Platform,
    config,
)

NAME = "zigbee-joining"
LONGEST = 60  # characters of a meter's name
OPEN, UNTIL, FAILURE = "zigbee_joining", "zigbee_joining_until", "failure"
LAST, LAST_NAME = "zigbee_last_joined", "zigbee_last_joined_name"
ABOUT_LAST = ("model", "measures", "lqi", "rssi", "joined")


class JoiningFailure(StrEnum):
    """Why what a person wanted was not done."""

    NO_ZIGBEE_NETWORK = "no_zigbee_network"
    NO_HOME_ASSISTANT = "no_home_assistant"
    REFUSED = "refused"


class JoinedMeter(msgspec.Struct, frozen=True):
    """A device that has joined.

    `measures` has each quantity with its value and unit. `lqi` (0 to 255) and `rssi` (dBm) say how
    well it is received.
    """

    device_id: str
    name: str
    model: str
    measures: tuple[str, ...] = ()
    lqi: int | None = None
    rssi: int | None = None

    @property
    def line(self) -> str:
        """Return all about it in one line."""
        signal = f"signal {self.lqi} of 255" if self.lqi is not None else "no signal yet"
        measures = ", ".join(self.measures) or "no values yet"
        return f"{self.name} ({self.model}): {measures}; {signal}"


def topic(base: str, what: str) -> str:
    return f"{base}/{NAME}/{what}"


def command(base: str, what: str) -> str:
    """Return the topic of a command; `+` makes it the filter of all."""
    return topic(base, f"command/{what}")


def entities(base: str) -> tuple[Entity, ...]:
    """Return the entities; `base` is the prefix of the gateway's topics."""
    return (
        Entity(
            OPEN,
            "Open Zigbee joining",
            Platform.BUTTON,
            command_topic=command(base, "open"),
        ),
        Entity(UNTIL, "Joining open until", device_class="timestamp", attributes=(FAILURE,)),
        Entity(LAST, "Last joined meter", attributes=ABOUT_LAST),
        Entity(
            LAST_NAME,
            "Name of the last joined meter",
            Platform.TEXT,
            command_topic=command(base, "name"),
            longest=LONGEST,
        ),
    )


def announcement(
    prefix: str, base: str, device: DiscoveryDevice, availability: str, version: str
) -> tuple[str, dict[str, object]]:
    """Return topic and content of the discovery message; `prefix` is Home Assistant's.

    Telemetry announces the rest of the device.
    """
    message = config(device, entities(base), topic(base, "state"), (availability,), version)
    return f"{prefix}/device/{device.node}/{NAME}/config", message


def state(
    until: datetime | None,
    joined: Sequence[JoinedMeter],
    last: JoinedMeter | None,
    failure: JoiningFailure | None,
) -> bytes:
    """Return the state: until when joining is open, who has joined since, and who was the last.

    `failure` is that of the last order, or of the last look at who has joined.
    """
    values: dict[str, Any] = {UNTIL: until, FAILURE: failure}
    values["joined"] = [one.line for one in joined]
    if last is not None:
        values |= {LAST: last.name, LAST_NAME: last.name[:LONGEST]}
        values |= {key: getattr(last, key) for key in ABOUT_LAST if hasattr(last, key)}
    return msgspec.json.encode(values)


def meter_name(text: str) -> str:
    """Return the name that somebody has typed, without what no name has; empty if it is none."""
    printable = "".join(one if one.isprintable() else " " for one in text)
    return " ".join(printable.split())[:LONGEST].strip()
