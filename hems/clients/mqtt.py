"""The MQTT broker, seen as a set of retained topics to keep as they were last set.

While the broker is away the newest payload of every topic is kept, and sent when it
is back; so the memory needed is one payload a topic, however long that takes.
Availability follows the connection: "online" with the first message, "offline" by the
last will or at the end.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from dataclasses import dataclass, field

import aiomqtt
from loguru import logger

from hems.clients.outage import Outage

ONLINE, OFFLINE = "online", "offline"
BACKOFF_MIN_S = 1.0
FAREWELL_S = 1.0
LOGIN_REFUSED = {134, 135}  # MQTT 5 reason codes; paho maps CONNACK 4 and 5 of 3.1.1 to them
MAX_INCOMING = 16
ERRNO = re.compile(r"^\[Errno -?\d+\] ")  # means nothing to people


@dataclass(frozen=True)
class Broker:
    """Where the broker is and how long to wait for it, in seconds."""

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    timeout_s: float = 10.0
    backoff_max_s: float = 60.0


class MqttPublisher:
    """Keeps retained topics on the broker, QoS 1.

    `birth_topic` is where a consumer says "online" when it (re)starts: everything is
    sent again then (Home Assistant: <discovery prefix>/status).
    """

    def __init__(self, broker: Broker, name: str, availability_topic: str, birth_topic: str):
        self._broker = broker
        self._address = broker.host, broker.port
        self._name = name
        self._availability = availability_topic
        self._birth_topic = birth_topic
        self._retained = {availability_topic: ONLINE.encode()}
        self._unsent: dict[str, None] = {}  # a set that keeps its order
        self._changed = asyncio.Event()
        self._outage = Outage(f"MQTT broker {broker.host}:{broker.port}")
        self._is_ending = False
        self.is_connected = False

    @property
    def outage(self) -> str:
        """Return why the broker is away, empty while it is not known to be."""
        return self._outage.reason

    def set(self, topic: str, payload: bytes) -> None:
        """Make `payload` the retained message of `topic`, as soon as the broker allows.

        Never waits. Only the newest payload of a topic is kept.
        """
        self._retained[topic] = payload
        self._unsent[topic] = None
        self._changed.set()

    async def run(self) -> None:
        """Keep the broker up to date until cancelled; reconnect for ever, with back-off."""
        delay = BACKOFF_MIN_S
        while True:
            try:
                await self._session()
            except* aiomqtt.MqttError as group:
                self._outage.begin(_reason(group), asyncio.get_running_loop().time())
            if self._is_ending:
                return
            delay = BACKOFF_MIN_S if self.is_connected else delay
            self.is_connected = False
            await asyncio.sleep(delay)
            delay = min(2 * delay, self._broker.backoff_max_s)

    async def _session(self) -> None:
        async with self._client() as client:
            try:
                await client.subscribe(self._birth_topic, qos=1)
                self.is_connected = True
                self._outage.end(asyncio.get_running_loop().time())
                logger.info("connected to the MQTT broker {}:{}", *self._address)
                self._send_all_again()
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._send(client))
                    tasks.create_task(self._listen(client))
            except asyncio.CancelledError:
                self._is_ending = True  # an error while disconnecting would hide it
                with contextlib.suppress(aiomqtt.MqttError):
                    await client.publish(
                        self._availability, OFFLINE, qos=1, retain=True, timeout=FAREWELL_S
                    )
                raise

    def _client(self) -> aiomqtt.Client:
        broker = self._broker
        return aiomqtt.Client(
            broker.host,
            broker.port,
            username=broker.user or None,
            password=broker.password or None,
            identifier=self._name,
            will=aiomqtt.Will(self._availability, OFFLINE, qos=1, retain=True),
            timeout=broker.timeout_s,
            keepalive=30,
            max_queued_incoming_messages=MAX_INCOMING,
        )

    def _send_all_again(self) -> None:
        self._unsent = dict.fromkeys(self._retained)
        self._changed.set()

    async def _send(self, client: aiomqtt.Client) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            while self._unsent:
                topic = next(iter(self._unsent))
                payload = self._retained[topic]
                await client.publish(topic, payload, qos=1, retain=True)
                _end_if_cancelled()
                if self._retained[topic] is payload:  # else a newer one came meanwhile
                    self._unsent.pop(topic, None)

    async def _listen(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            if message.payload == ONLINE.encode() and not message.retain:
                self._send_all_again()


def _end_if_cancelled() -> None:
    """Raise the CancelledError that asyncio.wait_for, used by aiomqtt, may have swallowed.

    Before Python 3.12 it does when what it waits for ends at the moment of the cancellation.
    Not for a task with a TaskGroup of its own, whose `cancelling` counts what has failed there.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def _reason(group: BaseExceptionGroup[aiomqtt.MqttError]) -> str:
    """Return the first error's reason in words for the log."""
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    code = getattr(getattr(error, "rc", None), "value", None)
    if code in LOGIN_REFUSED:
        return "it refuses the login: check MQTT_USER and MQTT_PASSWORD"
    return ERRNO.sub("", str(error))
