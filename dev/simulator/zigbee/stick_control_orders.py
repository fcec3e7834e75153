"""Carry out the orders to the stick."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from dev.simulator.zigbee.control_protocol import Order, eui64, known
from dev.simulator.zigbee.serial_lines import SerialLine
from dev.simulator.zigbee.stick import Stick
from dev.simulator.zigbee.stick_memory import StickMemory, StickNetwork, random_network
from hems.errors import ConfigError

NETWORKS: Mapping[str, Callable[[], StickNetwork | None]] = {
    "none": lambda: None,
    "other": lambda: random_network(random.SystemRandom()),
}


class StickOrders:
    """`line` is the stick's port."""

    def __init__(self, stick: Stick, line: SerialLine) -> None:
        self._stick = stick
        self._line = line

    def handlers(self) -> Mapping[str, Callable[[Order], Awaitable[Any]]]:
        return {
            "plug_in": self._plug_in,
            "unplug": self._unplug,
            "cut": self._cut,
            "hang": self._hang,
            "revive": self._revive,
            "replace": self._replace,
            "noise": self._noise,
            "state": self._state,
        }

    async def _plug_in(self, _: Order) -> None:
        await self._line.plug_in()

    async def _unplug(self, _: Order) -> None:
        self._line.unplug()
        self._stick.lose_power()

    async def _cut(self, _: Order) -> None:
        self._line.cut()

    async def _hang(self, _: Order) -> None:
        self._stick.is_hanging = True

    async def _revive(self, _: Order) -> None:
        self._stick.is_hanging = False

    async def _replace(self, order: Order) -> None:
        make = known("network", NETWORKS, order.network)
        self._stick.replace(StickMemory(eui64(order.eui64), make()))

    async def _noise(self, order: Order) -> None:
        try:
            noise = {int(channel): dbm for channel, dbm in order.values.items()}
        except ValueError:
            raise ConfigError(f"noise: found {order.values}, expected channels") from None
        self._stick.noise.update(noise)

    async def _state(self, _: Order) -> dict[str, Any]:
        stick = self._stick
        network = stick.memory.network
        return {
            "eui64": stick.memory.eui64[::-1].hex(),
            "network_key": network.key.hex() if network else None,
            "pan_id": network.pan_id if network else None,
            "extended_pan_id": network.extended_pan_id[::-1].hex() if network else None,
            "channel": network.channel if network else None,
            "frame_counter": network.frame_counter if network else None,
            "is_up": stick.network.is_up,
            "is_open": stick.network.is_open,
            "formed": stick.network.formed,
            "is_connected": stick.is_connected,
            "commands": dict(stick.commands),
        }
