"""Call methods over a message bus (D-Bus), one at a time, all within one deadline.

jeepney has the protocol and the connection. Its connection waits without a limit for the reply
to Hello, so ours passes the deadline with every call.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Self

from jeepney import DBusErrorResponse, Message
from jeepney.auth import AuthenticationError
from jeepney.io.blocking import DBusConnection, prep_socket
from jeepney.wrappers import unwrap_msg

from hems.errors import HemsError, Rejected, Unavailable

# The name has no owner, or its owner went away before it answered.
ABSENT = {
    f"org.freedesktop.DBus.Error.{name}"
    for name in ("ServiceUnknown", "NameHasNoOwner", "NoReply", "Disconnected")
}


class Bus:
    """A connection to the bus at the socket `path`. Use as a context manager.

    Opening it and all calls together take at most `timeout_s`. Raises Unavailable when there is
    no bus or it is too slow, Rejected when it refuses us.
    """

    def __init__(self, path: Path, timeout_s: float) -> None:
        self._path = path
        self._timeout_s = timeout_s

    def __enter__(self) -> Self:
        deadline = time.monotonic() + self._timeout_s
        try:
            opened = prep_socket(str(self._path), timeout=self._timeout_s)
            opened.settimeout(self._timeout_s)  # for sending; jeepney waits for data in select
            self._connection = _DeadlineConnection(opened, deadline)
        except (OSError, AuthenticationError, DBusErrorResponse) as error:
            raise self._hems_error(error) from error
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def call(self, message: Message) -> tuple[Any, ...]:
        """Call a method and return its results.

        Raises Unavailable when nobody answers, Rejected when the answer is an error.
        """
        try:
            results: tuple[Any, ...] = unwrap_msg(self._connection.send_and_get_reply(message))
        except (OSError, DBusErrorResponse) as error:
            raise self._hems_error(error) from error
        return results

    def _hems_error(self, error: Exception) -> HemsError:
        if isinstance(error, DBusErrorResponse):
            reason = str(error.data[0]) if error.data else "no reason given"
            is_absent = error.name in ABSENT
            return Unavailable(reason) if is_absent else Rejected(f"{error.name}: {reason}")
        if isinstance(error, AuthenticationError):
            return Rejected(f"the bus {self._path} refuses us: {error}")
        if isinstance(error, TimeoutError | BlockingIOError):
            return Unavailable(f"the bus {self._path}: no answer within {self._timeout_s:g} s")
        return Unavailable(f"the bus {self._path}: {getattr(error, 'strerror', None) or error}")


class _DeadlineConnection(DBusConnection):  # type: ignore[misc] # jeepney has no types
    def __init__(self, opened: Any, deadline: float) -> None:
        self._deadline = deadline
        try:
            super().__init__(opened)
        except BaseException:
            self.close()
            raise

    def send_and_get_reply(self, message: Message, *, timeout: float | None = None) -> Message:  # noqa: ARG002 - the deadline is ours
        left_s = max(0.0, self._deadline - time.monotonic())
        return super().send_and_get_reply(message, timeout=left_s)
