"""Publish retained MQTT topics and keep the broker up to date with their newest payloads.

While the broker is away the newest payload of every topic is kept, and sent when the broker is
back; an outage of any length needs memory for one payload per topic. At the end the publisher sends
what it has not sent yet, if the broker takes it within LAST_S. Availability follows the connection:
"online" with the first message, "offline" by the last will or at the end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from secrets import token_hex

import aiomqtt
from loguru import logger

from hems.backoff_and_rate_limits import Backoff
from hems.clients.mqtt.broker_errors import reason
from hems.clients.mqtt.broker_settings_interface import BrokerSettings
from hems.clients.mqtt.retained_messages import Recall, retained_payloads
from hems.worker_outage_log import Outage

ONLINE, OFFLINE = "online", "offline"
CONNECTED = "connected"
BACKOFF_MIN_S = 1.0
LAST_S = 3.0  # for what is unsent at the end
CANCEL_S = 0.2
MAX_INCOMING = 256
Receive = Callable[[str, bytes], None]


class MqttPublisher:
    """Publishes retained topics, QoS 1, for the worker `name`.

    `availability_topic` is that of the worker. Everything is sent again when Home Assistant
    publishes "online" on <discovery prefix>/status, as it does after its start.
    """

    def __init__(self, broker: BrokerSettings, user: str, password: str, name: str) -> None:
        self._broker = broker
        self._login = user or None, password or None
        self._address = broker.host, broker.port
        self._name = f"hems-{name}-{token_hex(8)}"  # nobody can guess it and take its place
        self.availability_topic = f"{broker.base_topic}/{name}/availability"
        self._birth_topic = f"{broker.discovery_prefix}/status"
        self._recall: Recall | None = None
        self._topics: Sequence[str] = ()
        self._receive: Receive | None = None
        self._commands = ""
        self._receive_command: Receive | None = None
        self._retained = {self.availability_topic: ONLINE.encode()}
        self._unsent: dict[str, None] = {}  # a set that keeps its order
        self._changed = asyncio.Event()
        self._outage = Outage(f"MQTT broker {broker.host}:{broker.port}")
        self._ending = asyncio.Event()
        self.is_connected = False

    @property
    def connection(self) -> str:
        """Return CONNECTED, or the reason why the broker is away."""
        return CONNECTED if self.is_connected else self._outage.reason or "connecting"

    def set(self, topic: str, payload: bytes) -> None:
        """Make `payload` the retained message of `topic` as soon as the broker is there.

        Never waits. Only the newest payload of a topic is kept.
        """
        self._retained[topic] = payload
        self._unsent[topic] = None
        self._changed.set()

    def set_if_new(self, topic: str, payload: bytes) -> None:
        """Make `payload` the retained message of `topic` unless it is."""
        if self._retained.get(topic) != payload:
            self.set(topic, payload)

    def recall_first(self, recall: Recall) -> None:
        """Send nothing before `recall` has received what the broker retains."""
        self._recall = recall

    def listen(self, topics: Sequence[str], receive: Receive) -> None:
        """Call `receive(topic, payload)` for each message on `topics`. Call this before `run`."""
        self._topics, self._receive = topics, receive

    def obey(self, commands: str, receive: Receive) -> None:
        """Call `receive(topic, payload)` for each command on the filter. Call this before `run`.

        A retained message is no command: nobody gave it now.
        """
        self._commands, self._receive_command = commands, receive

    async def run(self) -> None:
        """Keep the broker up to date until cancelled; reconnect forever, with back-off."""
        sessions = asyncio.create_task(self._run_sessions())
        try:
            await asyncio.wait([sessions])
        except asyncio.CancelledError:
            self._ending.set()
            self._changed.set()
            await asyncio.wait([sessions], timeout=LAST_S)
            while not sessions.done():  # before Python 3.12 wait_for may swallow a cancellation
                sessions.cancel()
                await asyncio.wait([sessions], timeout=CANCEL_S)
            raise
        sessions.result()

    async def _run_sessions(self) -> None:
        """Connect again after each failure; once ending, connect for the last time."""
        backoff = Backoff(BACKOFF_MIN_S, self._broker.backoff_max_s)
        is_last = False
        while not is_last:
            is_last = self._ending.is_set()
            try:
                await self._session()
            except* aiomqtt.MqttError as group:
                self._outage.begin(reason(group), asyncio.get_running_loop().time())
            else:
                return
            if self.is_connected:
                backoff.reset()
            self.is_connected = False
            await self._pause(backoff.fail())

    async def _pause(self, seconds: float) -> None:
        """Wait, but not beyond the end."""
        # Not asyncio.timeout: a failed TaskGroup leaves this task `cancelling`, and up to Python
        # 3.11.3 a time-out then ends as a cancellation.
        ending = asyncio.create_task(self._ending.wait())
        await asyncio.wait([ending], timeout=seconds)
        ending.cancel()

    async def _session(self) -> None:
        """Keep the broker up to date until the end. Raises MqttError."""
        async with self._client() as client:
            await client.subscribe(self._birth_topic, qos=1)
            self.is_connected = True
            self._outage.end(asyncio.get_running_loop().time())
            logger.info("connected to the MQTT broker {}:{}", *self._address)
            if self._recall is not None:
                self._recall.use(await retained_payloads(client, self._recall))
                self._recall = None
            if self._topics:
                await client.subscribe([(topic, 0) for topic in self._topics])
            if self._commands:
                await client.subscribe(self._commands, qos=1)
            self._send_all_again()
            async with asyncio.TaskGroup() as tasks:
                listening = tasks.create_task(self._listen(client))
                sending = tasks.create_task(self._send(client))
                sending.add_done_callback(lambda _: listening.cancel())

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
        """Send what is unsent; at the end say that the worker is offline."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            while self._unsent:
                topic = next(iter(self._unsent))
                payload = self._retained[topic]
                await client.publish(topic, payload, qos=1, retain=True)
                _end_if_cancelled()
                if self._retained[topic] is payload:  # otherwise a newer one was set meanwhile
                    self._unsent.pop(topic, None)
            if self._ending.is_set():
                await client.publish(self.availability_topic, OFFLINE, qos=1, retain=True)
                return

    async def _listen(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            topic, payload = str(message.topic), message.payload
            if topic != self._birth_topic:
                self._hand_over(message, topic, payload)
            elif payload == ONLINE.encode() and not message.retain:
                self._send_all_again()

    def _hand_over(self, message: aiomqtt.Message, topic: str, payload: object) -> None:
        if not isinstance(payload, bytes):
            return
        if self._receive_command is not None and message.topic.matches(self._commands):
            if not message.retain:
                self._receive_command(topic, payload)
        elif self._receive is not None:
            self._receive(topic, payload)


def connection_status(connection: str) -> str:
    """Return a publisher's `connection` as part of a status line."""
    return f"MQTT {connection}" if connection == CONNECTED else f"MQTT away: {connection}"


def _end_if_cancelled() -> None:
    """Raise the CancelledError that asyncio.wait_for, used by aiomqtt, may have swallowed.

    Before Python 3.12 it does so if its awaitable ends at the moment of the cancellation. Do not
    call this from a task that has a TaskGroup: its failures count in `cancelling`, too.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
