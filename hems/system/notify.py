"""Tell the supervisor how the worker is: sd_notify(3) over the sdnotify package.

The package alone fails silently in four ways: it stays connected to a receiver that has died, it
gives up for good when the socket is absent at first, its blocking send hangs the worker when the
receiver stalls, and it encodes Latin-1. So every send makes its own connection, waits a tenth of a
second at most and carries UTF-8; and every beat tells everything, which teaches a receiver that was
born again.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping

import sdnotify
from loguru import logger

from hems.protocols.sd_notify import Message, encode, figures

# A flood fills the socket's queue (10 datagrams): a beat that never waits would not get through.
PATIENCE_S = 0.1


class SystemdNotifier:
    """Implements hems.runtime.Notifier. Without a path it does nothing.

    `path` is $NOTIFY_SOCKET, `watchdog_usec` is $WATCHDOG_USEC; both come from the supervisor.
    """

    def __init__(self, path: str | None, watchdog_usec: int | None = None) -> None:
        self._path = path
        self._watchdog_usec = watchdog_usec
        self._is_ready = False
        self._status: str | None = None
        self._state: str | None = None

    @property
    def beat_s(self) -> float | None:
        """Seconds between two calls of `alive`: half the watchdog's time; None without one."""
        return self._watchdog_usec / 2e6 if self._watchdog_usec else None

    def ready(self) -> None:
        """Tell that the service truly works."""
        self._is_ready = True
        self.alive()

    def alive(self) -> None:
        """Tell that work was completed, with the latest status and figures."""
        self._send(
            Message(is_ready=self._is_ready, is_alive=True, status=self._status, state=self._state)
        )

    def stopping(self) -> None:
        """Tell that the worker ends."""
        self._is_ready = False
        self._send(Message(is_stopping=True))

    def status(self, line: str) -> None:
        """Tell people what the worker is doing; sent at once when it differs."""
        if line != self._status:
            self._status = line
            self._send(Message(status=line))

    def state(self, figures_: Mapping[str, object]) -> None:
        """Publish the worker's figures with the next beat."""
        try:
            self._state = figures(figures_)
        except ValueError as error:
            logger.warning("figures are not published: {}", error)

    def _send(self, message: Message) -> None:
        if not self._path:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as connection:
                connection.settimeout(PATIENCE_S)
                connection.connect(_address(self._path))
                _Datagram(connection).notify(encode(message).decode("latin-1"))
        except OSError as error:
            logger.debug("the supervisor cannot be told: {}", error)


class _Datagram(sdnotify.SystemdNotifier):  # type: ignore[misc]
    """The package's notifier on a given connection.

    Its own constructor reads the environment and keeps one connection for ever. Its `notify`
    encodes Latin-1, which gives back any bytes that were decoded as Latin-1.
    """

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self.debug = True  # raise OSError instead of swallowing every exception


def _address(path: str) -> str:
    """Return the socket's address; `@` begins a name in the abstract namespace."""
    return "\0" + path[1:] if path.startswith("@") else path
