"""The listening sockets of one unit. They live longer than its processes and its settings."""

from __future__ import annotations

import socket

from hems.supervision.settings.listen_address import ListenAddress
from hems.supervision.settings.socket_directives import SocketSettings
from hems.supervision.sockets.listening_socket import open_socket


class UnitSockets:
    """The sockets of the unit `name`, by address."""

    def __init__(self, name: str, settings: SocketSettings) -> None:
        self._name = name
        self._settings = settings
        self._open: dict[ListenAddress, socket.socket] = {}

    def update(self, settings: SocketSettings) -> None:
        """Take over new settings. Close each socket that they do not leave as it is."""
        is_same = settings._replace(listen=(), descriptor_name="") == self._settings._replace(
            listen=(), descriptor_name=""
        )
        self._settings = settings
        for address in list(self._open):
            if not is_same or address not in settings.listen:
                self._open.pop(address).close()

    def open(self) -> None:
        """Open the sockets that are not open. Raises OSError, which names the address."""
        for address in self._settings.listen:
            if address not in self._open:
                try:
                    self._open[address] = open_socket(address, self._settings)
                except (OSError, LookupError) as error:
                    text = getattr(error, "strerror", None) or error
                    raise OSError(f"{address}: {text}; {_advice(address)}") from None

    def descriptors(self) -> list[tuple[str, int]]:
        """Return the name and the descriptor of each open socket, in the order of the settings."""
        # The name of a group's process has a colon, which separates names in $LISTEN_FDNAMES.
        name = self._settings.descriptor_name or self._name.rpartition(":")[2]
        listen = dict.fromkeys(self._settings.listen)
        return [(name, self._open[one].fileno()) for one in listen if one in self._open]

    def close(self) -> None:
        for end in self._open.values():
            end.close()
        self._open.clear()


def _advice(address: ListenAddress) -> str:
    if address.path:
        return f"`ss -xlp` as root names the process at {address.path}"
    return f"`ss -ltunp sport = :{address.port}` as root names the process at port {address.port}"
