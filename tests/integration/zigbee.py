"""The simulated Zigbee stick as a process, and orders to it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dev.launcher.free_port import free_port
from tests.integration.worker_process import BEGIN_S, END_S, ROOT, eventually

ORDER_S = 10


class StickControl:
    """Sends orders of dev/simulator/zigbee/control_protocol.py to the control port `port`."""

    def __init__(self, port: int) -> None:
        self._port = port

    def is_up(self) -> bool:
        """Return whether the control port answers."""
        try:
            self.state()
        except OSError:
            return False
        return True

    def order(self, order: str, **more: object) -> Any:
        """Return the result of an order."""
        with socket.create_connection(("127.0.0.1", self._port), ORDER_S) as connection:
            connection.sendall(json.dumps({"order": order, **more}).encode() + b"\n")
            with connection.makefile() as lines:
                answer = json.loads(lines.readline())
        assert "error" not in answer, answer
        return answer["ok"]

    def state(self) -> dict[str, Any]:
        """Return what the stick does and has."""
        return dict(self.order("state"))


@contextmanager
def simulated_stick(directory: Path, port: int | Path, *options: str) -> Iterator[StickControl]:
    """Yield the control of a stick at `port`, a TCP port or a terminal's path; its log is here."""
    control_port = free_port(None)
    control = StickControl(control_port)
    argv = [sys.executable, "-m", "dev.simulator", "zigbee", str(port), str(control_port)]
    environ = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "HEMS_CONFIG": str(ROOT / "etc" / "hems.toml"),
        "HEMS_LOGS_DIRECTORY": str(directory),
    }
    with (directory / "output").open("ab") as output:
        process = subprocess.Popen([*argv, *options], env=environ, stderr=output)
    try:
        eventually(control.is_up, BEGIN_S, "the control port answers")
        yield control
        process.terminate()
        assert process.wait(END_S) == 0, (directory / "output").read_text()
    finally:
        process.kill()
        process.wait()
