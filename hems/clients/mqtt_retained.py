"""One look at an MQTT broker: a login, and what is retained there."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field

import aiomqtt

from hems.clients.mqtt import ERRNO, LOGIN_REFUSED, Broker
from hems.errors import Rejected, Unavailable

TIMEOUT_S = 4.0


@dataclass(frozen=True)
class Login:
    user: str
    password: str = field(repr=False)


def retained(broker: Broker, login: Login, topics: str, wait_s: float) -> dict[str, bytes]:
    """Return what is retained on `topics`, a filter, and comes within `wait_s`, by topic.

    Raises Rejected when the login is refused, Unavailable when the broker does not answer.
    """
    try:
        return asyncio.run(_collected(broker, login, topics, wait_s))
    except aiomqtt.MqttError as error:
        where = f"{broker.host}:{broker.port}"
        if getattr(getattr(error, "rc", None), "value", None) in LOGIN_REFUSED:
            raise Rejected(f"the broker {where} refuses the login of {login.user}") from None
        raise Unavailable(f"the broker {where}: {ERRNO.sub('', str(error))}") from None


async def _collected(broker: Broker, login: Login, topics: str, wait_s: float) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
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
                        found[str(message.topic)] = message.payload
    return found
