"""Read the messages that an MQTT broker retains: once, or over a client that is connected."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import aiomqtt

from hems.clients.mqtt.broker_errors import is_login_refused, plain_reason
from hems.clients.mqtt.broker_settings_interface import BrokerSettings
from hems.errors import Rejected, Unavailable

TIMEOUT_S = 4.0
QUIET_S = 0.2  # retained messages arrive together, right after the subscription
LONGEST_S = 1.0


@dataclass(frozen=True)
class MqttLogin:
    user: str
    password: str = field(repr=False)


def retained(
    broker: BrokerSettings, login: MqttLogin, topics: str, wait_s: float
) -> dict[str, bytes]:
    """Return the retained payloads, by topic, that match the filter `topics`.

    Collects what arrives within `wait_s`. Raises Rejected when the login is refused, Unavailable
    when the broker does not answer.
    """
    try:
        return asyncio.run(_collected(broker, login, topics, wait_s))
    except aiomqtt.MqttError as error:
        where = f"{broker.host}:{broker.port}"
        if is_login_refused(error):
            raise Rejected(f"the broker {where} refuses the login of {login.user}") from None
        raise Unavailable(f"the broker {where}: {plain_reason(error)}") from None


async def _collected(
    broker: BrokerSettings, login: MqttLogin, topics: str, wait_s: float
) -> dict[str, bytes]:
    payloads: dict[str, bytes] = {}
    async with aiomqtt.Client(
        broker.host,
        broker.port,
        username=login.user,
        password=login.password,
        timeout=TIMEOUT_S,
    ) as client:
        await client.subscribe(topics, qos=1)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                async for message in client.messages:
                    if isinstance(message.payload, bytes):
                        payloads[str(message.topic)] = message.payload
    return payloads


@dataclass(frozen=True)
class Recall:
    """The topics to read, those `expected` among them, and what receives the payloads by topic.

    Reading ends when the expected ones are there and no more messages arrive, or after LONGEST_S.
    """

    filters: tuple[str, ...]
    expected: frozenset[str]
    use: Callable[[Mapping[str, bytes]], None]


async def retained_payloads(client: aiomqtt.Client, recall: Recall) -> dict[str, bytes]:
    """Return the payloads that the broker retains, by topic. Raises MqttError."""
    payloads: dict[str, bytes] = {}
    await client.subscribe([(topics, 1) for topics in recall.filters])
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LONGEST_S):
            while True:
                is_complete = recall.expected <= payloads.keys()
                async with asyncio.timeout(QUIET_S if is_complete else LONGEST_S):
                    message = await anext(client.messages)
                if message.retain and isinstance(message.payload, bytes):
                    payloads[str(message.topic)] = message.payload
    await client.unsubscribe(list(recall.filters))
    return payloads
