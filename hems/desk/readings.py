"""The meters' readings as they arrive on MQTT, and what of them people want to see.

State topic and keys are the worker's: see hems/workers/eesmart_d2l/publication.py and
hems/protocols/linky_entities.py.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import aiomqtt

RETRY_S = 0.2


@dataclass(frozen=True)
class Login:
    """Where the broker is and who we are there."""

    port: int
    user: str
    password: str = field(repr=False)
    base_topic: str


@dataclass(frozen=True)
class Shown:
    """One meter's newest reading, for people; `count` readings have arrived."""

    device_id: str
    power: str
    energy: str
    tariff: str
    clock: str
    count: int


class Readings:
    """The newest reading of each meter, by the dongle's id."""

    def __init__(self) -> None:
        self.newest: dict[str, Shown] = {}

    async def follow(self, login: Login) -> None:
        """Keep up with the broker until cancelled, whenever it can be reached."""
        while True:
            try:
                await self._listen(login)
            except aiomqtt.MqttError:
                await asyncio.sleep(RETRY_S)

    async def _listen(self, login: Login) -> None:
        async with aiomqtt.Client(
            "127.0.0.1", login.port, username=login.user, password=login.password
        ) as client:
            await client.subscribe(f"{login.base_topic}/d2l/+/state", qos=1)
            async for message in client.messages:
                if isinstance(message.payload, bytes):
                    self.take(str(message.topic), message.payload)

    def take(self, topic: str, payload: bytes) -> None:
        """Note the state `payload` of the meter whose id is in `topic`."""
        device_id = topic.split("/")[-2]
        known = self.newest.get(device_id)
        count = known.count + 1 if known else 1
        self.newest[device_id] = shown(device_id, json.loads(payload), count)


def shown(device_id: str, state: Mapping[str, object], count: int) -> Shown:
    """Return what people see of one state object; "-" for what it does not have."""
    apparent, estimated = state.get("sinsts"), state.get("power_estimated")
    power = f"{apparent} VA" if apparent is not None else "-"
    if apparent is None and isinstance(estimated, int | float):
        power = f"about {estimated:.0f} W"
    energy = state.get("east", state.get("energy_total"))
    return Shown(
        device_id,
        power,
        f"{energy / 1000:.3f} kWh" if isinstance(energy, int) else "-",
        str(state.get("ltarf") or state.get("ptec") or "-"),
        _local_time(state.get("date")),
        count,
    )


def _local_time(date: object) -> str:
    """Return the time of day here of an ISO 8601 `date`."""
    if not isinstance(date, str):
        return "-"
    return f"{datetime.fromisoformat(date).astimezone():%H:%M:%S}"
