"""Run programs inside the guest, through QEMU's guest agent.

The agent answers JSON lines on a virtio port that QEMU shows as a Unix socket (QEMU Guest Agent
Protocol Reference: guest-sync, guest-exec, guest-exec-status).
"""

from __future__ import annotations

import base64
import json
import os
import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CONNECT_S, REPLY_S = 10.0, 30.0
POLL_S = 0.02


class GuestError(Exception):
    """The guest is gone, or what it was asked to do failed."""


@dataclass(frozen=True)
class Outcome:
    """How a program ended in the guest."""

    code: int
    output: str
    errors: str


def connect(path: Path) -> socket.socket:
    """Return a connection to QEMU's end of the agent's port. Raises GuestError."""
    deadline = time.monotonic() + CONNECT_S
    connection = socket.socket(socket.AF_UNIX)
    while error := connection.connect_ex(str(path)):
        if time.monotonic() > deadline:
            connection.close()
            raise GuestError(f"QEMU does not listen on {path}: {os.strerror(error)}")
        time.sleep(POLL_S)
    return connection


class Agent:
    """The guest's agent, from its first answer on."""

    def __init__(self, connection: socket.socket, boot_s: float) -> None:
        """Wait at most `boot_s` for the agent behind `connection`. Raises GuestError."""
        self._connection = connection
        self._call("guest-sync", {"id": 1}, boot_s)

    def run(self, argv: list[str], timeout_s: float, stdin: str = "") -> Outcome:
        """Run `argv` to its end. Raises GuestError when it cannot start or takes longer."""
        program = {
            "path": argv[0],
            "arg": argv[1:],
            "input-data": base64.b64encode(stdin.encode()).decode(),
            "capture-output": True,
        }
        pid = self._call("guest-exec", program)["pid"]
        deadline = time.monotonic() + timeout_s
        while not (status := self._call("guest-exec-status", {"pid": pid}))["exited"]:
            if time.monotonic() > deadline:
                with suppress(GuestError):
                    self._call("guest-exec", {"path": "kill", "arg": ["-KILL", str(pid)]})
                raise GuestError(f"`{' '.join(argv)}` took longer than {timeout_s:g} s")
            time.sleep(POLL_S)
        code = status.get("exitcode", -status.get("signal", 0))
        return Outcome(code, _text(status, "out-data"), _text(status, "err-data"))

    def _call(self, command: str, arguments: dict[str, object], timeout_s: float = REPLY_S) -> Any:
        """Return the agent's answer to one command."""
        request = json.dumps({"execute": command, "arguments": arguments})
        answer = b""
        try:
            self._connection.settimeout(timeout_s)
            self._connection.sendall(request.encode() + b"\n")
            while not answer.endswith(b"\n"):
                received = self._connection.recv(65536)
                if not received:
                    raise ConnectionError("the guest has ended")
                answer += received
        except OSError as error:
            self._connection.close()  # an answer that is late would be taken for the next one's
            raise GuestError(f"{command}: no answer: {error}") from error
        reply = json.loads(answer)
        if "error" in reply:
            raise GuestError(f"{command}: {reply['error']['desc']}")
        return reply["return"]


def _text(status: dict[str, Any], name: str) -> str:
    return base64.b64decode(status.get(name, "")).decode(errors="replace")
