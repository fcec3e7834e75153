"""Follow the meters' readings on MQTT and turn each into a row that people can read.

The topic and the keys are the worker's: see hems/workers/eesmart_d2l/dongle_mqtt_state.py and
hems/protocols/linky/linky_state.py.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import aiomqtt

RETRY_S = 0.2
ESTIMATING = "estimating"


@dataclass(frozen=True)
class BrokerLogin:
    """The broker's address, a user of it, and the first part of every topic."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    base_topic: str


@dataclass(frozen=True)
class ReadingRow:
    """The newest reading of one meter as people see it.

    `count` readings have arrived, this one at monotonic `received_at` (s).
    """

    device_id: str
    power: str
    energy: str
    tariff: str
    clock: str
    count: int
    received_at: float


class Readings:
    """The newest reading of each meter, by the dongle's id."""

    def __init__(self) -> None:
        self.newest: dict[str, ReadingRow] = {}

    async def follow(self, login: BrokerLogin) -> None:
        """Listen to the broker until cancelled; connect again after every failure."""
        while True:
            try:
                await self._listen(login)
            except aiomqtt.MqttError:
                await asyncio.sleep(RETRY_S)

    async def _listen(self, login: BrokerLogin) -> None:
        async with aiomqtt.Client(
            login.host, login.port, username=login.user, password=login.password
        ) as client:
            await client.subscribe(f"{login.base_topic}/d2l/+/state", qos=1)
            async for message in client.messages:
                if isinstance(message.payload, bytes):
                    self.take(str(message.topic), message.payload, time.monotonic())

    def take(self, topic: str, payload: bytes, now: float) -> None:
        """Keep the state `payload` of the meter whose id is in `topic`, if it has a reading."""
        state = json.loads(payload)
        if "date" not in state and "firmware_update_wanted" in state:
            return  # only frames without a reading have arrived
        device_id = topic.split("/")[-2]
        previous = self.newest.get(device_id)
        count = previous.count + 1 if previous else 1
        self.newest[device_id] = reading_row(device_id, state, count, now)


def reading_row(
    device_id: str, state: Mapping[str, object], count: int, received_at: float
) -> ReadingRow:
    """Return the row of one state object, with "-" for each value that it does not have."""
    energy = state.get("energy_total")
    return ReadingRow(
        device_id,
        _power(state),
        f"{energy / 1000:.3f} kWh" if isinstance(energy, int) else "-",
        str(state.get("ltarf") or state.get("ptec") or "-"),
        _local_time(state.get("date")),
        count,
        received_at,
    )


def missing_row(device_id: str, now: float) -> ReadingRow:
    """Return the row of a dongle that has not sent yet, at monotonic `now` (s)."""
    return ReadingRow(device_id, "no reading yet", "", "", "", 0, now)


def _power(state: Mapping[str, object]) -> str:
    """Return the power that the meter measures, or the worker's estimate.

    A HISTORIQUE meter sends no power, and the estimate takes minutes: until then show ESTIMATING.
    """
    apparent = state.get("sinsts", state.get("papp"))
    estimated = state.get("power_estimated")
    if apparent is not None:
        return f"{apparent} VA"
    if isinstance(estimated, int | float):
        return f"about {estimated:.0f} W"
    return ESTIMATING if "energy_total" in state else "-"


def _local_time(date: object) -> str:
    """Return the local time of day of an ISO 8601 `date`."""
    if not isinstance(date, str):
        return "-"
    return f"{datetime.fromisoformat(date).astimezone():%H:%M:%S}"
