"""A publication with its broker's side, for the tests of what is published."""

from __future__ import annotations

import json
from typing import Any

from hems.clients.mqtt.publisher import MqttPublisher
from hems.protocols.linky.d2l_frames import D2lFrame, PayloadType
from hems.protocols.linky.meter_reading import MeterReading
from hems.settings.mqtt import MqttSettings
from hems.settings.read_secrets import D2lDevice
from hems.workers.eesmart_d2l.dongle import Dongle
from hems.workers.eesmart_d2l.linky_publication import LinkyPublication
from hems.workers.eesmart_d2l.trusted_clock import TrustedClock
from tests.fakes.linky import NOON, reading
from tests.fakes.time import FakeTime

NAME = "011601000001"
CONFIG = f"homeassistant/device/d2l_{NAME}/config"
STATE = f"hems/d2l/{NAME}/state"
AVAILABILITY = f"hems/d2l/{NAME}/availability"
RETAINED = {STATE: b'{"east": 5000, "date": null, "power_estimated": 800, "ngtf": "BASE"}'}


class Published(MqttPublisher):
    """A publication with its broker's side: every message in order."""

    def __init__(self, *, is_synchronised: bool = True) -> None:
        self.messages: list[tuple[str, Any]] = []
        self.clock = FakeTime(epoch=NOON, synchronised=is_synchronised)
        self.availability_topic = "w/availability"
        self.publication = LinkyPublication(
            MqttSettings(), self, TrustedClock(self.clock, is_required=True)
        )
        self.dongle = Dongle(D2lDevice(int(NAME), bytes(16), bytes(16)), 60)

    def set(self, topic: str, payload: bytes) -> None:
        text = payload.decode()
        self.messages.append((topic, json.loads(text) if text.startswith("{") else text))

    def take(self, **changes: Any) -> None:
        """Publish a reading with these changes."""
        self.frame(reading=reading(**changes))

    def frame(
        self, kind: int = PayloadType.PUSH_JSON, *, reading: MeterReading | None = None
    ) -> None:
        """Publish a frame, and the reading that it has."""
        frame = D2lFrame(int(NAME), kind, b"", bytes(16))
        self.publication.publish(self.dongle, frame, reading)

    def begin(self, retained: dict[str, bytes]) -> list[str]:
        """Take what the broker retains; return what is refused then."""
        return [str(refused) for refused in self.publication.begin([self.dongle], retained)]

    def newest(self, topic: str) -> Any:
        return [payload for name, payload in self.messages if name == topic][-1]

    def topics(self) -> list[str]:
        return [topic for topic, _ in self.messages]

    def restarted(self, **retained: Any) -> Published:
        """Return the worker after a restart, with what the broker retains and `retained`."""
        again = Published()
        newest = {topic: self.newest(topic) for topic in dict.fromkeys(self.topics())}
        payloads = {
            topic: (value if isinstance(value, str) else json.dumps(value)).encode()
            for topic, value in (newest | retained).items()
        }
        assert again.begin(payloads) == []
        return again
