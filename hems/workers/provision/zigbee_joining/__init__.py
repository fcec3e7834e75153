"""Open Zigbee joining at the press of a button in Home Assistant, and name who has joined.

Provision's rounds may take minutes, and a press has to count at once: so this is a thread of its
own, with its own connection to the broker. It shares nothing with provision but files.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from hems import __version__
from hems.clients.home_assistant.admin_session import AdminSession
from hems.clients.mqtt.broker_settings_interface import BrokerSettings
from hems.clients.mqtt.publisher import MqttPublisher
from hems.errors import HemsError, Unavailable
from hems.protocols.gateway import joining_entities
from hems.protocols.gateway.joining_entities import JoinedMeter, JoiningFailure, meter_name
from hems.protocols.home_assistant.mqtt_discovery import DiscoveryDevice
from hems.system.record_file import RecordFile
from hems.worker_outage_log import Outage
from hems.workers.provision.zigbee_joining.joining_window import (
    JoiningWindow,
    NoZigbeeNetwork,
    required_device,
)

LOOK_S = 1.0  # while joining is open
MOST_ORDERS = 16  # that wait; more are dropped
LONGEST_ORDER = 1000  # bytes


class LastJoined(msgspec.Struct, frozen=True):
    """The device that joined last, None before the first."""

    meter: JoinedMeter | None = None


@dataclass
class ZigbeeJoining:
    """The step of provision that keeps the thread running, once there is a Zigbee network.

    `login` returns user and password of the broker, or raises Unavailable. `session` opens Home
    Assistant. `has_zigbee` returns whether there is a network. `record` is the path of the file
    that outlives the process.
    """

    broker: BrokerSettings
    device: DiscoveryDevice
    login: Callable[[], tuple[str, str]]
    session: Callable[[], AdminSession]
    has_zigbee: Callable[[], bool]
    record: Path
    name: str = field(default="Zigbee joining", init=False)
    _thread: threading.Thread | None = field(default=None, init=False)

    def step(self, _now: float) -> None:
        """Start the thread if it does not run. Raises HemsError without a login at the broker."""
        if not self.has_zigbee() or (self._thread and self._thread.is_alive()):
            return
        self._thread = threading.Thread(target=self._run, args=self.login(), daemon=True)
        self._thread.start()

    def _run(self, user: str, password: str) -> None:
        publisher = MqttPublisher(self.broker, user, password, joining_entities.NAME)
        window = JoiningWindow(self.session)
        requests = JoiningRequests(self.broker.base_topic, publisher, window, self.record)
        topic, message = joining_entities.announcement(
            self.broker.discovery_prefix,
            self.broker.base_topic,
            replace(self.device, sw_version=__version__),
            publisher.availability_topic,
            __version__,
        )
        publisher.set(topic, msgspec.json.encode(message))
        asyncio.run(requests.serve())  # after a bug the next step starts it again


class JoiningRequests:
    """Carries out what a person presses and types, and publishes what comes of it."""

    def __init__(
        self,
        base: str,
        publisher: MqttPublisher,
        window: JoiningWindow,
        record: Path,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._publisher = publisher
        self._window = window
        self._file = RecordFile(record, LastJoined())
        self._open_topic = joining_entities.command(base, "open")
        self._name_topic = joining_entities.command(base, "name")
        self._commands = joining_entities.command(base, "+")
        self._state_topic = joining_entities.topic(base, "state")
        self._orders: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue(MOST_ORDERS)
        self._last = self._file.record.meter
        self._until: datetime | None = None
        self._closes_at: float | None = None
        self._failure: JoiningFailure | None = None
        self._published = b""
        self._outage = Outage("Zigbee joining")

    async def serve(self) -> None:
        """Serve until the process ends."""
        self._publisher.obey(self._commands, self._take)
        self.publish()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._publisher.run())
            tasks.create_task(self._work())

    def _take(self, topic: str, payload: bytes) -> None:
        if len(payload) <= LONGEST_ORDER and not self._orders.full():
            self._orders.put_nowait((topic, payload))

    async def _work(self) -> None:
        while True:
            pause_s = None if self._window.closes_at is None else LOOK_S
            try:
                order = await asyncio.wait_for(self._orders.get(), pause_s)
            except TimeoutError:
                order = ("", b"")
            try:
                await asyncio.to_thread(self.carry_out, *order)
            except HemsError as error:
                self._outage.begin(str(error), self._clock())
            else:
                self._outage.end(self._clock())
            self.publish()

    def carry_out(self, topic: str, payload: bytes) -> None:
        """Carry out one order; an empty topic is a look at who has joined. Raises HemsError."""
        try:
            self._carry_out(topic, payload)
        except HemsError as error:
            self._failure = _failure(error)
            raise
        self._failure = None

    def _carry_out(self, topic: str, payload: bytes) -> None:
        now = self._clock()
        if topic == self._open_topic:
            self._window.open(now)
        if topic == self._name_topic and (name := meter_name(payload.decode(errors="replace"))):
            self._window.rename(required_device(self._window.joined, self._last), name)
            if self._last is not None:
                self._last = msgspec.structs.replace(self._last, name=name)
        self._window.look(now)
        if self._window.joined:
            self._last = self._window.joined[-1]
        if self._last is not None:  # what changes all the time is not kept on the disk
            kept = JoinedMeter(self._last.device_id, self._last.name, self._last.model)
            self._file.save(LastJoined(kept))

    def publish(self) -> None:
        """Publish the state, if it has changed."""
        if self._window.closes_at != self._closes_at:
            self._closes_at, self._until = self._window.closes_at, None
            if self._closes_at is not None:
                left = timedelta(seconds=self._closes_at - self._clock())
                self._until = (datetime.now(UTC) + left).replace(microsecond=0)
        payload = joining_entities.state(
            self._until, self._window.joined, self._last, self._failure
        )
        if payload != self._published:
            self._published = payload
            self._publisher.set(self._state_topic, payload)


def _failure(error: HemsError) -> JoiningFailure:
    if isinstance(error, NoZigbeeNetwork):
        return JoiningFailure.NO_ZIGBEE_NETWORK
    is_away = isinstance(error, Unavailable)
    return JoiningFailure.NO_HOME_ASSISTANT if is_away else JoiningFailure.REFUSED
