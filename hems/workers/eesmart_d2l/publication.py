"""What the world sees of a dongle: Home Assistant's discovery, a state, an availability.

All retained; PREFIX and BASE are settings, ID the dongle's 12 digits.

PREFIX/device/d2l_ID/config        which entities there are (protocols/ha_discovery.py)
BASE/d2l/ID/state                  the newest reading, one JSON object
BASE/d2l/ID/availability           "online" while its frames arrive
BASE/eesmart-d2l/availability      this worker's own, with a last will (clients/mqtt.py)
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol

import msgspec

from hems import __version__
from hems.clients.mqtt import OFFLINE, ONLINE
from hems.protocols import ha_discovery, linky_entities
from hems.protocols.d2l import Frame, PayloadType
from hems.protocols.ha_discovery import Entity
from hems.protocols.linky import Reading
from hems.settings import Mqtt
from hems.workers.eesmart_d2l.device import Device
from hems.workers.eesmart_d2l.meter import Accepted
from hems.workers.eesmart_d2l.refusals import Reason, Refused
from hems.workers.eesmart_d2l.wall_clock import WallClock

ENCODE = msgspec.json.Encoder().encode


class Publisher(Protocol):
    def set(self, topic: str, payload: bytes) -> None:
        """Make `payload` the retained message of `topic`; never waits."""


class Publication:
    """Publishes what `devices` say. `worker_availability` is the worker's own topic."""

    def __init__(
        self, mqtt: Mqtt, publisher: Publisher, worker_availability: str, wall_clock: WallClock
    ) -> None:
        self._mqtt = mqtt
        self._publisher = publisher
        self._worker_availability = worker_availability
        self._wall_clock = wall_clock
        self._entities: dict[int, dict[str, Entity]] = {}
        self._states: dict[int, linky_entities.State] = {}
        self._availability: dict[int, str] = {}

    def take(self, device: Device, frame: Frame, reading: Reading | None) -> None:
        """Publish what an answered frame tells that is new.

        Raises Refused for a reading, or a part of one, that cannot be believed; what
        can be is published all the same.
        """
        if frame.type == PayloadType.FIRMWARE_UPDATE:
            device.wants_firmware_update = True
        accepted = reading and device.meter.accept(reading, self._wall_clock.now())
        if accepted:
            self._discover(device, accepted.reading)
            self._states[device.id] = self._state(accepted)
        if device.id in self._states:
            told = self._states[device.id]
            told["firmware_update_wanted"] = device.wants_firmware_update
            self._publisher.set(self._topic(device, "state"), ENCODE(told))
        self._set_availability(device, ONLINE)
        if accepted:
            _complain(device, accepted)

    def report_silence(self, device: Device) -> None:
        """Publish that no frame of `device` came for a long time."""
        self._set_availability(device, OFFLINE)

    def _discover(self, device: Device, reading: Reading) -> None:
        """Publish the device's entities if there are new ones; what was there once stays."""
        known = self._entities.setdefault(device.id, {})
        found = {entity.key: entity for entity in linky_entities.entities(reading)}
        if device.firmware == reading.firmware and not found.keys() - known.keys():
            return
        known |= found
        device.wants_firmware_update &= device.firmware in {"", reading.firmware}
        device.firmware = reading.firmware
        shown = ha_discovery.Device(
            node=f"d2l_{device.name}",
            name=f"Linky {device.name}",
            manufacturer="eeSmart",
            model="D2L",
            sw_version=reading.firmware,
        )
        topics = (self._worker_availability, self._topic(device, "availability"))
        config = ha_discovery.config(
            shown, known.values(), self._topic(device, "state"), topics, __version__
        )
        topic = ha_discovery.config_topic(self._mqtt.discovery_prefix, shown)
        self._publisher.set(topic, ENCODE(config))

    def _state(self, accepted: Accepted) -> linky_entities.State:
        """Return the reading's state, with what was not believed replaced, and our own keys."""
        told = linky_entities.state(accepted.reading)
        held = {label.lower(): value for label, value in accepted.held.items()}
        told |= {key: value for key, value in held.items() if key in told}
        if accepted.power_w is not None:
            told["power_estimated"] = round(accepted.power_w)
        time = self._wall_clock.time()
        if time is not None:
            told["last_frame"] = datetime.fromtimestamp(time, UTC).isoformat(timespec="seconds")
        return told

    def _set_availability(self, device: Device, availability: str) -> None:
        if self._availability.get(device.id) != availability:
            self._availability[device.id] = availability
            self._publisher.set(self._topic(device, "availability"), availability.encode())

    def _topic(self, device: Device, leaf: str) -> str:
        return f"{self._mqtt.base_topic}/d2l/{device.name}/{leaf}"


def _complain(device: Device, accepted: Accepted) -> None:
    """Raise Refused for the parts of a published reading that were not believed."""
    if accepted.held:
        labels = ", ".join(accepted.held)
        raise Refused(Reason.INDEX, f"device {device.name}: {labels} held at the last good value")
    if accepted.reading.malformed:
        labels = ", ".join(accepted.reading.malformed)
        raise Refused(Reason.VALUE, f"device {device.name}: {labels} left out")
