"""The client of Home Assistant's websocket: authenticate, then send one command at a time.

{"type": "auth_required"} <- -> {"type": "auth", "access_token"} <- {"type": "auth_ok"}
-> {"id": 1, "type": COMMAND, …}  <- {"id": 1, "type": "result", "success", "result" | "error"}
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import msgspec
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.sync.client import ClientConnection, connect

from hems.clients.home_assistant.auth_api import LoginRefused
from hems.clients.home_assistant.responses import CommandError, WebsocketMessage
from hems.clients.http import MAX_REASON
from hems.errors import ProtocolError, Rejected, Unavailable
from hems.protocols.json_decoding import decode_json

MAX_MESSAGE = 8_000_000  # bytes; the registry of a large home
CLOSE_S = 1.0
NO_RIGHT = "this user of Home Assistant may not do that; CONFIG_USER has to be an administrator"
T = TypeVar("T")


class CommandFailed(Rejected):
    """Home Assistant refused a command; `code` is its short name for the reason."""

    def __init__(self, command: str, error: CommandError) -> None:
        super().__init__(f"{command}: {error.code}: {error.message[:MAX_REASON]}")
        self.code = error.code


class Websocket:
    """An authenticated websocket; to open it, and each response, may take `timeout_s`.

    It calls `check` before each of these, which may raise an error to end a series of commands.
    Raises Unavailable when Home Assistant is gone or slow, LoginRefused when the token is not
    valid, CommandFailed when a command is refused, and ProtocolError.
    """

    def __init__(
        self,
        address: tuple[str, int],
        token: str,
        timeout_s: float,
        check: Callable[[], None] | None = None,
    ) -> None:
        self._timeout_s = timeout_s
        self._check = check or (lambda: None)
        self._last = 0
        self._check()
        deadline = time.monotonic() + timeout_s
        self._connection = _opened(address, timeout_s)
        try:
            self._authenticate(token, deadline)
        except BaseException:
            self.close()
            raise

    def command(self, kind: type[T], command: str, **fields: object) -> T:
        """Return the result of `command` with these fields, as a `kind`."""
        self._check()
        self._last += 1
        order = {"id": self._last, "type": command, **fields}
        deadline = time.monotonic() + self._timeout_s
        self._send(order)
        response = self._received(deadline)
        while response.type != "result" or response.id != self._last:
            response = self._received(deadline)
        if response.error.code == "unauthorized":
            raise Rejected(NO_RIGHT)
        if not response.success:
            raise CommandFailed(command, response.error)
        return decode_json(bytes(response.result), kind, command)

    def close(self) -> None:
        """Close the connection, in bounded time."""
        self._connection.close()

    def _authenticate(self, token: str, deadline: float) -> None:
        greeting = self._received(deadline)
        if greeting.type != "auth_required":
            raise ProtocolError(f"websocket: found {greeting.type!r}, expected auth_required")
        self._send({"type": "auth", "access_token": token})
        if self._received(deadline).type != "auth_ok":
            raise LoginRefused("websocket: the access token is refused")

    def _send(self, order: dict[str, object]) -> None:
        try:
            self._connection.send(msgspec.json.encode(order).decode())
        except (OSError, WebSocketException) as error:
            raise _unavailable(error) from None

    def _received(self, deadline: float) -> WebsocketMessage:
        try:
            text = self._connection.recv(max(0.0, deadline - time.monotonic()))
        except TimeoutError:
            raise Unavailable(f"websocket: no answer within {self._timeout_s:g} s") from None
        except (OSError, WebSocketException) as error:
            raise _unavailable(error) from None
        return decode_json(text, WebsocketMessage, "websocket")


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
        raise _unavailable(error) from None


def _unavailable(error: Exception) -> Unavailable:
    if isinstance(error, ConnectionClosed):
        return Unavailable("websocket: Home Assistant closed the connection")
    if isinstance(error, OSError):
        return Unavailable(f"websocket: {error.strerror or 'the connection was lost'}")
    return Unavailable("websocket: found no answer of a websocket, expected Home Assistant's")
