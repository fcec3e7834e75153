"""Send a notification to the supervisor: sd_notify(3) through the package sdnotify.

Used alone, the package fails silently in four ways: it stays connected to a receiver that has
died, it gives up forever when the socket is absent at first, its send blocks the worker while the
receiver does not read, and it encodes Latin-1. So every datagram uses a new notifier of the
package, in a thread for which the worker waits a tenth of a second, and carries UTF-8.
"""

from __future__ import annotations

import threading
import time

import sdnotify
from loguru import logger

from hems.supervision.worker.notifier import PATIENCE_S


class SdNotifySender:
    """Send datagrams to $NOTIFY_SOCKET, which the package reads: the `send` of a notifier."""

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None

    def __call__(self, datagram: bytes) -> None:
        """Send `datagram` within PATIENCE_S, or drop it: the next beat repeats everything."""
        deadline = time.monotonic() + PATIENCE_S
        if self._thread is not None:
            self._thread.join(PATIENCE_S)
            if self._thread.is_alive():
                logger.debug("the supervisor does not read: a notification is dropped")
                return
        self._thread = threading.Thread(
            target=_send, args=(datagram,), name="sd_notify", daemon=True
        )
        self._thread.start()
        self._thread.join(max(0.0, deadline - time.monotonic()))


def _send(datagram: bytes) -> None:
    """Send `datagram`. It blocks as long as the receiver does not read."""
    try:  # `notify` encodes as Latin-1, which restores any bytes that were decoded as Latin-1
        sdnotify.SystemdNotifier(debug=True).notify(datagram.decode("latin-1"))
    except OSError as error:
        logger.debug("the supervisor cannot be notified: {}", error)
