"""Replay a case in virtual time: the worker's own parts, with a broker's retained messages."""

from __future__ import annotations

import json
from typing import Any

from hems.clients.mqtt.publisher import MqttPublisher
from hems.errors import ProtocolError
from hems.protocols.linky import d2l_payload
from hems.protocols.linky.d2l_frames import D2lFrame, PayloadType
from hems.settings.mqtt import MqttSettings
from hems.settings.read_secrets import D2lDevice
from hems.workers.eesmart_d2l.dongle import Dongle
from hems.workers.eesmart_d2l.linky_publication import LinkyPublication
from hems.workers.eesmart_d2l.linky_topics import LinkyTopics
from hems.workers.eesmart_d2l.refused_frames import FrameRefused
from hems.workers.eesmart_d2l.trusted_clock import TrustedClock
from tests.fakes.linky import NOON
from tests.fakes.time import FakeTime
from tests.linky_cases import LinkyCase, payload

ID = 11601000001
TOPICS = LinkyTopics(MqttSettings())


class RetainingBroker(MqttPublisher):
    """Keeps the newest payload of every topic, as a broker does, also across restarts."""

    def __init__(self) -> None:
        self.availability_topic = "w/availability"
        self.retained: dict[str, bytes] = {}

    def set(self, topic: str, payload: bytes) -> None:
        self.retained[topic] = payload

    def json(self, topic: str) -> dict[str, Any]:
        decoded: dict[str, Any] = json.loads(self.retained.get(topic, b"{}"))
        return decoded


class VirtualReplay:
    """A worker in virtual time. `refused` has every refusal in words, `states` one per step."""

    def __init__(self) -> None:
        self.time = FakeTime(epoch=NOON)
        self.broker = RetainingBroker()
        self.refused: list[str] = []
        self.states: list[dict[str, Any]] = []
        self.start()

    def start(self) -> None:
        """Start the worker, or start it again with what the broker retains."""
        clock = TrustedClock(self.time, is_required=True)
        self.dongle = Dongle(D2lDevice(ID, bytes(16), bytes(16)), 60)
        self.publication = LinkyPublication(MqttSettings(), self.broker, clock)
        self.refused += map(str, self.publication.begin([self.dongle], dict(self.broker.retained)))

    @property
    def components(self) -> dict[str, Any]:
        """Return the components of the last discovery message."""
        announced: dict[str, Any] = self.broker.json(TOPICS.config(self.dongle.name)).get(
            "components", {}
        )
        return announced

    def run(self, case: LinkyCase, pace: float = 1.0) -> list[dict[str, Any]]:
        """Replay all steps; the gateway's clock moves by `pace` times the meter's."""
        for step in case.steps:
            self.step(step, pace)
        return self.states

    def step(self, step: dict[str, Any], pace: float = 1.0) -> None:
        """Replay one step of a case."""
        if "restart" in step:
            self.start()
            return
        begin = self.time.epoch
        self.time.now = max(self.time.now, pace * step.get("dt", 0))
        try:
            self._push(step, begin)
        except FrameRefused as refused:
            self.refused.append(str(refused))
        self.states.append(self.broker.json(TOPICS.state(self.dongle.name)))

    def _push(self, step: dict[str, Any], begin: float) -> None:
        kind = step.get("type", PayloadType.PUSH_JSON)
        content = payload(step, begin) if kind == PayloadType.PUSH_JSON else b""
        reading = None
        try:
            if content:
                reading = self.dongle.decoder.decode(d2l_payload.fields(content, ID))
        except ProtocolError as error:
            self.refused.append(str(error))
        self.publication.publish(self.dongle, D2lFrame(ID, kind, content, bytes(16)), reading)
