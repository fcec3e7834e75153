r"""Decode and encode the PROXY protocol v1: the line in which a proxy names its client.

    PROXY TCP4 192.0.2.7 172.18.4.1 51234 7846\r\n
    PROXY TCP6 2001:db8::7 fd00::1 51234 7846\r\n
    PROXY UNKNOWN ...\r\n              the proxy does not know; the rest is ignored

The line is ASCII with one space between the fields, at most 107 bytes including its end. It is
the first line of a connection. Source: HAProxy's proxy-protocol.txt, section 2.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from hems.errors import ProtocolError

PREFIX = b"PROXY "
END = b"\r\n"
MAX_SIZE = 107
UNKNOWN = "UNKNOWN"
FAMILIES = {"TCP4": IPv4Address, "TCP6": IPv6Address}


@dataclass(frozen=True, slots=True)
class ProxyEndpoint:
    """One end of the client's connection to the proxy."""

    address: str
    port: int


@dataclass(frozen=True, slots=True)
class ProxyHeader:
    """The client, None if the proxy does not know it; `rest` has the first bytes after the line."""

    source: ProxyEndpoint | None
    rest: bytes


class ProxyHeaderReader:
    """Read the header at the beginning of a byte stream."""

    def __init__(self) -> None:
        self._buffer = b""

    def receive_data(self, data: bytes) -> ProxyHeader | None:
        """Return the header once it is complete, None while more data is needed.

        Raises ProtocolError as soon as the data cannot become a header. Do not call it again
        after the header or the error.
        """
        self._buffer += data
        if not PREFIX.startswith(self._buffer[: len(PREFIX)]):
            begin = self._buffer[: len(PREFIX)]
            raise ProtocolError(f"connection: found {begin!r} at its start, expected {PREFIX!r}")
        head = self._buffer[:MAX_SIZE]
        if END in head:
            line, _, rest = self._buffer.partition(END)
            return ProxyHeader(_source(line), rest)
        if len(head) == MAX_SIZE:
            raise ProtocolError(f"PROXY header: found no end, expected at most {MAX_SIZE} bytes")
        return None


def encode(source: ProxyEndpoint, destination: ProxyEndpoint) -> bytes:
    """Return the header for a connection between two addresses of the same family."""
    family = "TCP6" if ":" in source.address else "TCP4"
    addresses = f"{source.address} {destination.address} {source.port} {destination.port}"
    return f"PROXY {family} {addresses}\r\n".encode("ascii")


def _source(line: bytes) -> ProxyEndpoint | None:
    fields = line.decode("latin-1").split(" ")
    if fields[1] == UNKNOWN:
        return None
    try:
        _, family, source, destination, *ports = fields
        address, _ = (_address(text, family) for text in (source, destination))
        port, _ = (_port(text) for text in ports)
    except (KeyError, ValueError):
        raise ProtocolError(
            f"found PROXY header {line!r}, expected PROXY TCP4|TCP6 SOURCE DESTINATION PORT PORT"
        ) from None
    return ProxyEndpoint(address, port)


def _address(text: str, family: str) -> str:
    """Return the address. Raises KeyError or ValueError unless it is a plain one of `family`."""
    if "%" in text:
        raise ValueError(text)
    return str(FAMILIES[family](text))


def _port(text: str) -> int:
    """Return the port. Raises ValueError unless it is 0 to 65535 without leading zeros."""
    port = int(text)
    if not 0 <= port <= 65535 or str(port) != text:
        raise ValueError(text)
    return port
