"""Report to the supervisor: ready, alive, status, metrics, problems (sd_notify(3)).

    notifier = SupervisorNotifier.of_environment()
    notifier.ready()
    while True:
        work()
        notifier.status("12 orders")
        notifier.alive()

Every beat carries the whole state, so a supervisor that was restarted has it with the next beat.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys
from collections.abc import Callable, Iterable, Mapping

from hems.supervision.worker.notification_datagram import SdNotifyMessage, encode
from hems.supervision.worker.notification_values import encode_metrics
from hems.supervision.worker.problem import ReportedProblem

# A flood fills the socket's queue (10 datagrams): a beat that did not wait would get lost.
PATIENCE_S = 0.1
_USEC_DIGITS = 16  # of 300 years


class SupervisorNotifier:
    """Report through `send`, which sends one datagram; None outside supervision: do nothing."""

    def __init__(
        self, send: Callable[[bytes], None] | None, watchdog_usec: int | None = None
    ) -> None:
        self._send_datagram = send
        self._watchdog_usec = watchdog_usec
        self._is_ready = False
        self._status: str | None = None
        self._metrics: str | None = None
        self._problems: tuple[ReportedProblem, ...] | None = None

    @classmethod
    def of_environment(cls, send: Callable[[bytes], None] | None = None) -> SupervisorNotifier:
        """Return a notifier for $NOTIFY_SOCKET and $WATCHDOG_USEC, as the supervisor sets them.

        `send` replaces the way a datagram takes to $NOTIFY_SOCKET.
        """
        path, usec = os.environ.get("NOTIFY_SOCKET"), os.environ.get("WATCHDOG_USEC", "")
        is_number = usec.isascii() and usec.isdecimal() and len(usec) < _USEC_DIGITS
        return cls((send or to_socket(path)) if path else None, int(usec) if is_number else None)

    @property
    def beat_s(self) -> float | None:
        """Return the seconds between two calls of `alive`: half of WatchdogSec; None without it."""
        return self._watchdog_usec / 2e6 if self._watchdog_usec else None

    def ready(self) -> None:
        """Report that the service works."""
        self._is_ready = True
        self.alive()

    def alive(self) -> None:
        """Report that work was completed, with the latest status, metrics and problems."""
        self._send(
            SdNotifyMessage(
                is_ready=self._is_ready,
                is_alive=True,
                status=self._status,
                metrics=self._metrics,
                problems=self._problems,
            )
        )

    def stopping(self) -> None:
        """Report that the worker is ending."""
        self._is_ready = False
        self._send(SdNotifyMessage(is_stopping=True))

    def status(self, line: str) -> None:
        """Set the line that people see; it is sent at once if it differs from the last one."""
        if line != self._status:
            self._status = line
            self._send(SdNotifyMessage(status=line))

    def metrics(self, values: Mapping[str, object]) -> None:
        """Publish the worker's metrics, a JSON object, with the next beat.

        Too many metrics are a line on stderr: they must not end the worker.
        """
        try:
            self._metrics = encode_metrics(values)
        except ValueError as error:
            sys.stderr.write(f"metrics are not published: {error}\n")

    def problems(self, current: Iterable[ReportedProblem]) -> None:
        """Report all current problems of the worker with the next beat; none clears the list."""
        self._problems = tuple(current)

    def _send(self, message: SdNotifyMessage) -> None:
        if self._send_datagram is not None:
            self._send_datagram(encode(message))


def to_socket(path: str) -> Callable[[bytes], None]:
    """Return a function that sends a datagram to `path`; `@` begins an abstract name.

    It connects for each datagram, so it survives a supervisor that is restarted. Whatever it cannot
    send within PATIENCE_S it drops.
    """
    address = f"\0{path[1:]}" if path.startswith("@") else path

    def send(datagram: bytes) -> None:
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
            end.settimeout(PATIENCE_S)
            end.connect(address)
            end.send(datagram)

    return send
