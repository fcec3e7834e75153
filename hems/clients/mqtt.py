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
from typing import Protocol

import aiomqtt
from loguru import logger

from hems.clients.outage import Outage

ONLINE, OFFLINE = "online", "offline"
CONNECTED = "connected"
BACKOFF_MIN_S = 1.0
FAREWELL_S = 1.0
LOGIN_REFUSED = {134, 135}  # MQTT 5 reason codes; paho maps CONNACK 4 and 5 of 3.1.1 to them
MAX_INCOMING = 16
ERRNO = re.compile(r"^\[Errno -?\d+\] ")  # means nothing to people


class Broker(Protocol):
    """Where the broker is, how long (s) to wait for it, and what topics on it begin with."""

    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def discovery_prefix(self) -> str: ...
    @property
    def base_topic(self) -> str: ...
    @property
    def timeout_s(self) -> float: ...
    @property
    def backoff_max_s(self) -> float: ...


class MqttPublisher:
    """Keeps retained topics on the broker, QoS 1, for the worker `name`.

    `availability_topic` is the worker's own. Everything is sent again when Home Assistant says
    "online" on <discovery prefix>/status, as it does when it has started.
    """

    def __init__(self, broker: Broker, user: str, password: str, name: str) -> None:
        self._broker = broker
        self._login = user or None, password or None
        self._address = broker.host, broker.port
        self._name = f"hems-{name}"
        self.availability_topic = f"{broker.base_topic}/{name}/availability"
        self._birth_topic = f"{broker.discovery_prefix}/status"
        self._retained = {self.availability_topic: ONLINE.encode()}
        self._unsent: dict[str, None] = {}  # a set that keeps its order
        self._changed = asyncio.Event()
        self._outage = Outage(f"MQTT broker {broker.host}:{broker.port}")
        self._is_ending = False
        self.is_connected = False

    @property
    def connection(self) -> str:
        """Return CONNECTED, or why the broker is away."""
        return CONNECTED if self.is_connected else self._outage.reason or "connecting"

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
                        self.availability_topic, OFFLINE, qos=1, retain=True, timeout=FAREWELL_S
                    )
                raise

    def _client(self) -> aiomqtt.Client:
        broker = self._broker
        user, password = self._login
        return aiomqtt.Client(
            broker.host,
            broker.port,
            username=user,
            password=password,
            identifier=self._name,
            will=aiomqtt.Will(self.availability_topic, OFFLINE, qos=1, retain=True),
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


def spoken(connection: str) -> str:
    """Return a publisher's `connection` as a part of a status line."""
    return f"MQTT {connection}" if connection == CONNECTED else f"MQTT away: {connection}"


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
