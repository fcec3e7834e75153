"""The simulated Zigbee stick as a process, and orders to it."""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.integration.worker_process import ROOT

ORDER_S = 10


def command(port: int | Path, control_port: int, *options: str) -> list[str]:
    """Return the command that runs a stick at `port`, a TCP port or a terminal's path."""
    return [sys.executable, "-m", "dev.simulator", "zigbee", str(port), str(control_port), *options]


def environment(directory: Path) -> dict[str, str]:
    """Return the variables with which it runs; its log is in `directory`."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "HEMS_CONFIG": str(ROOT / "etc" / "hems.toml"),
        "HEMS_LOGS_DIRECTORY": str(directory),
    }


class StickControl:
    """Sends orders of dev/simulator/zigbee/orders.py; `connect` connects to the control port."""

    def __init__(self, connect: Callable[[], socket.socket]) -> None:
        self._connect = connect

    def is_up(self) -> bool:
        """Return whether the control port answers."""
        try:
            self.state()
        except OSError:
            return False
        return True

    def order(self, order: str, **more: object) -> Any:
        """Return the result of an order."""
        with self._connect() as connection:
            connection.settimeout(ORDER_S)
            connection.sendall(json.dumps({"order": order, **more}).encode() + b"\n")
            with connection.makefile() as lines:
                answer = json.loads(lines.readline())
        assert "error" not in answer, answer
        return answer["ok"]

    def state(self) -> dict[str, Any]:
        """Return what the stick does and has."""
        return dict(self.order("state"))

    def add(self, device: str, number: int, **more: object) -> None:
        """Add a meter with an address that ends in `number`."""
        self.order("add", device=device, eui64=f"00124b00{number:08x}", **more)
