"""Home Assistant's websocket: authenticate, then one command after the other.

{"type": "auth_required"} <- -> {"type": "auth", "access_token"} <- {"type": "auth_ok"}
-> {"id": 1, "type": COMMAND, …}  <- {"id": 1, "type": "result", "success", "result" | "error"}
"""

from __future__ import annotations

import time
from typing import TypeVar

import msgspec
from websockets.exceptions import InvalidStatus, WebSocketException
from websockets.sync.client import ClientConnection, connect

from hems.clients import homeassistant_answers as answers
from hems.clients.homeassistant import SHOWN, Refused
from hems.clients.homeassistant_answers import Error, Message
from hems.errors import ProtocolError, Rejected, Unavailable

MAX_MESSAGE = 8_000_000  # bytes; the registry of a large home
CLOSE_S = 1.0
T = TypeVar("T")


class CommandFailed(Rejected):
    """A command was answered with an error; `code` is Home Assistant's word for it."""

    def __init__(self, command: str, error: Error) -> None:
        super().__init__(f"{command}: {error.code}: {error.message[:SHOWN]}")
        self.code = error.code


class Socket:
    """An open, authenticated websocket; each answer may take `timeout_s`.

    Raises Unavailable when it is gone or slow, Refused when it does not take the token,
    CommandFailed, and ProtocolError.
    """

    def __init__(self, address: tuple[str, int], token: str, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._last = 0
        self._connection = _opened(address, timeout_s)
        try:
            self._authenticate(token)
        except BaseException:
            self.close()
            raise

    def command(self, kind: type[T], command: str, **fields: object) -> T:
        """Return the result of `command` with these fields, as a `kind`."""
        self._last += 1
        order = {"id": self._last, "type": command, **fields}
        deadline = time.monotonic() + self._timeout_s
        self._send(order)
        answer = self._received(deadline)
        while answer.type != "result" or answer.id != self._last:
            answer = self._received(deadline)
        if answer.error.code == "unauthorized":
            raise Rejected("the user CONFIG_USER is no administrator of Home Assistant")
        if not answer.success:
            raise CommandFailed(command, answer.error)
        return answers.decoded(bytes(answer.result), kind, command)

    def close(self) -> None:
        """Say goodbye, in bounded time."""
        self._connection.close()

    def _authenticate(self, token: str) -> None:
        deadline = time.monotonic() + self._timeout_s
        greeting = self._received(deadline)
        if greeting.type != "auth_required":
            raise ProtocolError(f"websocket: found {greeting.type!r}, expected auth_required")
        self._send({"type": "auth", "access_token": token})
        if self._received(deadline).type != "auth_ok":
            raise Refused("websocket: the access token is refused")

    def _send(self, order: dict[str, object]) -> None:
        try:
            self._connection.send(msgspec.json.encode(order).decode())
        except (OSError, WebSocketException) as error:
            raise Unavailable(f"websocket: {error}") from None

    def _received(self, deadline: float) -> Message:
        try:
            text = self._connection.recv(max(0.0, deadline - time.monotonic()))
        except TimeoutError:
            raise Unavailable(f"websocket: no answer within {self._timeout_s:g} s") from None
        except (OSError, WebSocketException) as error:
            raise Unavailable(f"websocket: {error}") from None
        return answers.decoded(text, Message, "websocket")


def _opened(address: tuple[str, int], timeout_s: float) -> ClientConnection:
    try:
        return connect(
            f"ws://{address[0]}:{address[1]}/api/websocket",
            compression=None,
            proxy=None,
            open_timeout=timeout_s,
            close_timeout=CLOSE_S,
            ping_interval=None,
            max_size=MAX_MESSAGE,
        )
    except InvalidStatus as error:
        status = error.response.status_code
        kind = Rejected if 400 <= status < 500 else Unavailable
        raise kind(f"websocket: {status}, expected 101") from None
    except TimeoutError:
        raise Unavailable(f"websocket: no answer within {timeout_s:g} s") from None
    except (OSError, WebSocketException) as error:
        raise Unavailable(f"websocket: {error}") from None
