"""The supervisor's end of a notify socket: what a worker reports to it."""

from __future__ import annotations

import socket
from pathlib import Path

from hems.supervision.worker.notification_datagram import MAX_SIZE, decode
from hems.supervision.worker.problem import ReportedProblem


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
        problems = self._problems()
        return problems is not None and sorted(one.name for one in problems) == sorted(names)

    def has(self, name: str) -> bool:
        """Return whether the newest report has a problem of this name."""
        return any(one.name == name and one.found is not None for one in self._problems() or ())

    def has_none(self, name: str) -> bool:
        """Return whether the newest report is sure that there is no problem of this name."""
        problems = self._problems()
        return problems is not None and all(one.name != name for one in problems)

    def _problems(self) -> tuple[ReportedProblem, ...] | None:
        """Return what it reports, also that it does not know; None before the first report."""
        return decode(f"X_PROBLEMS={self.newest().get('X_PROBLEMS', '')}".encode()).problems
