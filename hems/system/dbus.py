"""A message bus (D-Bus), asked one thing at a time, everything within one deadline.

jeepney has the protocol. Its own connection waits without a limit for the bus's first answer,
so the socket is ours.
"""

from __future__ import annotations

import socket
import time
from itertools import count
from pathlib import Path
from typing import Any, Self

from jeepney import HeaderFields, Message, MessageType, Parser, message_bus
from jeepney.auth import BEGIN, AuthenticationError, Authenticator

from hems.errors import Rejected, Unavailable

CHUNK = 65536
# The name has no owner, or its owner went away while it was asked.
ABSENT = {
    f"org.freedesktop.DBus.Error.{name}"
    for name in ("ServiceUnknown", "NameHasNoOwner", "NoReply", "Disconnected")
}


class Bus:
    """A connection to the bus at the socket `path`. Use as a context manager.

    Everything done with it, opening included, takes `timeout_s` at the most. Raises Unavailable
    when there is no bus or it is too slow, Rejected when it does not let us in.
    """

    def __init__(self, path: Path, timeout_s: float) -> None:
        self._path = path
        self._deadline = time.monotonic() + timeout_s
        self._socket = socket.socket(socket.AF_UNIX)
        self._parser = Parser()
        self._serials = count(1)

    def __enter__(self) -> Self:
        try:
            self._patiently().connect(str(self._path))
            self._authenticate()
            self.call(message_bus.Hello())
        except OSError as error:
            self._socket.close()
            raise self._unavailable(error) from error
        except BaseException:
            self._socket.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def call(self, message: Message) -> tuple[Any, ...]:
        """Call a method and return what it returns.

        Raises Unavailable when nobody answers, Rejected with the error that is answered.
        """
        serial = next(self._serials)
        try:
            self._patiently().sendall(message.serialise(serial=serial))
            answer = self._receive()
            while answer.header.fields.get(HeaderFields.reply_serial) != serial:  # signals
                answer = self._receive()
        except OSError as error:
            raise self._unavailable(error) from error
        if answer.header.message_type is MessageType.error:
            raise _refusal(answer)
        body: tuple[Any, ...] = answer.body
        return body

    def _authenticate(self) -> None:
        try:
            dialogue = Authenticator()
            for line in dialogue:
                self._patiently().sendall(line)
                dialogue.feed(self._read())
        except AuthenticationError as error:
            raise Rejected(f"the bus {self._path} does not let us in: {error}") from error
        self._patiently().sendall(BEGIN)

    def _receive(self) -> Message:
        while (message := self._parser.get_next_message()) is None:
            self._parser.add_data(self._read())
        return message

    def _read(self) -> bytes:
        data = self._patiently().recv(CHUNK)
        if not data:
            raise ConnectionResetError("it hung up")
        return data

    def _patiently(self) -> socket.socket:
        """Return the socket, which now waits no longer than is left."""
        left_s = self._deadline - time.monotonic()
        if left_s <= 0:
            raise TimeoutError("no answer in time")
        self._socket.settimeout(left_s)
        return self._socket

    def _unavailable(self, error: OSError) -> Unavailable:
        return Unavailable(f"the bus {self._path}: {error.strerror or error}")


def _refusal(answer: Message) -> Unavailable | Rejected:
    name = str(answer.header.fields.get(HeaderFields.error_name))
    words = str(answer.body[0]) if answer.body else "no reason given"
    return Unavailable(words) if name in ABSENT else Rejected(f"{name}: {words}")
