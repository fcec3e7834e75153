"""Parse the addresses of ListenStream= and ListenDatagram=, as systemd.socket(5) writes them.

/run/name.sock   a Unix socket in the file system
@name            a Unix socket in the abstract namespace
7846             a port on all addresses, of IPv6 and IPv4
127.0.0.1:7846   a port on one IPv4 address
[::1]:7846       a port on one IPv6 address
"""

import ipaddress
from enum import Enum
from typing import NamedTuple

MAX_PORT = 65535
MAX_PATH = 107  # bytes: sun_path of unix(7)


class Transport(Enum):
    """The kind of socket, by the directive that asks for it."""

    STREAM = "ListenStream"
    DATAGRAM = "ListenDatagram"


class ListenAddress(NamedTuple):
    """A `path` of a Unix socket (`@`: abstract), or a `host`, an IP address, and a `port`."""

    transport: Transport
    path: str = ""
    host: str = ""
    port: int = 0

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.transport.value}={self.path or f'{host}:{self.port}'}"


def stream(text: str) -> ListenAddress:
    """Return the address of a ListenStream. Raises ValueError."""
    return _parse(text, Transport.STREAM)


def datagram(text: str) -> ListenAddress:
    """Return the address of a ListenDatagram. Raises ValueError."""
    return _parse(text, Transport.DATAGRAM)


def _parse(text: str, transport: Transport) -> ListenAddress:
    if text.startswith(("/", "@")):
        if not 1 < len(text.encode()) <= MAX_PATH:
            raise ValueError(f"found {text!r}, expected a path of 2 to {MAX_PATH} bytes")
        return ListenAddress(transport, path=text)
    host, _, port = text.rpartition(":")
    return ListenAddress(transport, host=_host(host, text), port=_port(port, text))


def _host(host: str, text: str) -> str:
    if not host:
        return "::"
    is_bracketed = host.startswith("[") and host.endswith("]")
    try:
        address = ipaddress.ip_address(host[1:-1] if is_bracketed else host)
    except ValueError:
        raise _wrong(text) from None
    if (address.version == 6) != is_bracketed:
        raise _wrong(text)
    return str(address)


def _port(port: str, text: str) -> int:
    is_number = port.isascii() and port.isdecimal() and len(port) <= len(str(MAX_PORT))
    if not is_number or not 0 < int(port) <= MAX_PORT:
        raise _wrong(text)
    return int(port)


def _wrong(text: str) -> ValueError:
    return ValueError(f"found {text!r}, expected a port, address:port, [IPv6]:port, /path or @name")
