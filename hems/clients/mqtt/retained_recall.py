"""Read what the broker retains, over a client that is connected."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import aiomqtt

QUIET_S = 0.2  # retained messages arrive together, right after the subscription
LONGEST_S = 1.0


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
