"""The supervisor's end of a notify socket: what a worker reports to it."""

from __future__ import annotations

import socket
from pathlib import Path

from hems.supervision.worker.notification_datagram import MAX_SIZE, decode


class NotifyReceiver:
    """Receives at `path`, in place of supervisord. Use as a context manager."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / "notify"
        self._newest: dict[str, str] = {}
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(self.path))
        self._socket.setblocking(False)

    def __enter__(self) -> NotifyReceiver:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def newest(self) -> dict[str, str]:
        """Return the newest value of each notification."""
        while True:
            try:
                message = self._socket.recv(MAX_SIZE).decode()
            except BlockingIOError:
                return self._newest
            self._newest |= dict(line.split("=", 1) for line in message.splitlines())

    def has_only(self, *names: str) -> bool:
        """Return whether the newest report has problems of these names and no others."""
        reported = self._reported()
        return reported is not None and sorted(reported) == sorted(names)

    def has(self, name: str) -> bool:
        """Return whether the newest report has a problem of this name."""
        return name in (self._reported() or ())

    def _reported(self) -> list[str] | None:
        line = f"X_PROBLEMS={self.newest().get('X_PROBLEMS', '')}"
        problems = decode(line.encode()).problems
        return None if problems is None else [one.name for one in problems]
