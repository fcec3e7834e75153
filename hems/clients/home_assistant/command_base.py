"""What the commands of a session of Home Assistant have in common: its websocket and HTTP."""

from __future__ import annotations

from abc import ABC, abstractmethod

from hems.clients.home_assistant.websocket import CommandFailed, Websocket


class SessionCommands(ABC):
    """A part of AdminSession; raises what it raises."""

    _socket: Websocket

    @abstractmethod
    def _request(self, method: str, path: str, order: object) -> bytes:
        """Return the body of the answer to a request over HTTP."""

    def _get(self, command: str, missing: str, **fields: object) -> object | None:
        try:
            return self._socket.command(object, command, **fields)
        except CommandFailed as error:
            if error.code == missing:
                return None
            raise
