r"""PROXY protocol version 1: the line by which a proxy says for whom it connected.

    PROXY TCP4 192.0.2.7 172.18.4.1 51234 7846\r\n
    PROXY TCP6 2001:db8::7 fd00::1 51234 7846\r\n
    PROXY UNKNOWN ...\r\n              the proxy does not know; what follows is ignored

ASCII, one space between the fields, 107 bytes at most with the line's end; it comes
first on a connection and once. Source: HAProxy's proxy-protocol.txt, section 2.1.
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
class Source:
    """The client behind the proxy."""

    address: str
    port: int


@dataclass(frozen=True, slots=True)
class ProxyHeader:
    """What the proxy said, `source` None if it does not know; `rest` is the client's bytes."""

    source: Source | None
    rest: bytes


class ProxyHeaderReader:
    """Reads the header off the front of a byte stream."""

    def __init__(self) -> None:
        self._buffer = b""

    def receive_data(self, data: bytes) -> ProxyHeader | None:
        """Return the header once it is whole, None while more is needed.

        Raises ProtocolError for anything that cannot become one. The reader's work ends
        with the header or the error.
        """
        self._buffer += data
        if not PREFIX.startswith(self._buffer[: len(PREFIX)]):
            found = self._buffer[: len(PREFIX)]
            raise ProtocolError(f"connection begins with {found!r}, expected {PREFIX!r}")
        head = self._buffer[:MAX_SIZE]
        if END in head:
            line, _, rest = self._buffer.partition(END)
            return ProxyHeader(_source(line), rest)
        if len(head) == MAX_SIZE:
            raise ProtocolError(f"PROXY header without end, expected at most {MAX_SIZE} bytes")
        return None


def encode(source: Source, destination: Source) -> bytes:
    """Return the header a proxy sends for a connection between two addresses of one family."""
    family = "TCP6" if ":" in source.address else "TCP4"
    addresses = f"{source.address} {destination.address} {source.port} {destination.port}"
    return f"PROXY {family} {addresses}\r\n".encode("ascii")


def _source(line: bytes) -> Source | None:
    fields = line.decode("latin-1").split(" ")
    if fields[1] == UNKNOWN:
        return None
    try:
        _, family, source, destination, *ports = fields
        address, _ = (_address(text, family) for text in (source, destination))
        port, _ = (_port(text) for text in ports)
    except (KeyError, ValueError):
        raise ProtocolError(
            f"PROXY header {line!r}, expected PROXY TCP4|TCP6 SOURCE DESTINATION PORT PORT"
        ) from None
    return Source(address, port)


def _address(text: str, family: str) -> str:
    """Return the address; raise KeyError or ValueError unless it is of `family`, without zone."""
    if "%" in text:
        raise ValueError(text)
    return str(FAMILIES[family](text))


def _port(text: str) -> int:
    """Return the port; raise ValueError unless it is 0 to 65535 without leading zeros."""
    port = int(text)
    if not 0 <= port <= 65535 or str(port) != text:
        raise ValueError(text)
    return port
