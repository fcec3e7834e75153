"""The lines between a stick and a host: a TCP port, as serial servers have, or a terminal."""

from __future__ import annotations

import asyncio
import os
import tty
from contextlib import suppress
from pathlib import Path
from typing import Protocol, cast

from dev.simulator.zigbee.stick import Stick
from hems.errors import Unavailable

READ_SIZE = 4096


class SerialLine(Protocol):
    """The port of a stick."""

    async def plug_in(self) -> None:
        """Raise Unavailable when the port is taken."""

    def unplug(self) -> None: ...

    def cut(self) -> None:
        """Cut the connection, if the line has one; the stick stays plugged in."""


class TcpLine:
    """A port of 127.0.0.1 while the stick is plugged in; a second host ends the first one's."""

    def __init__(self, stick: Stick, port: int) -> None:
        self._stick = stick
        self._port = port
        self._server: asyncio.Server | None = None
        self._host: _HostConnection | None = None

    async def plug_in(self) -> None:
        """Take connections. Raises Unavailable when the port is taken."""
        if self._server is None:
            loop = asyncio.get_running_loop()
            try:
                self._server = await loop.create_server(
                    lambda: _HostConnection(self), "127.0.0.1", self._port
                )
            except OSError as error:
                raise Unavailable(f"port {self._port}: {error.strerror}") from error

    def unplug(self) -> None:
        """Refuse connections, and cut the one that there is."""
        if self._server:
            self._server.close()
            self._server = None
        self.cut()

    def cut(self) -> None:
        """Cut the connection; the next one is taken."""
        if self._host:
            self._host.abort()

    def begin(self, connection: _HostConnection) -> None:
        """Let a connection's bytes be the line."""
        self.cut()
        self._host, self._stick.write = connection, connection.write

    def end(self, connection: _HostConnection) -> None:
        """Forget a connection."""
        if self._host is connection:
            self._host = self._stick.write = None

    def receive(self, connection: _HostConnection, data: bytes) -> None:
        """Take bytes of the present connection."""
        if self._host is connection:
            self._stick.receive(data)


class _HostConnection(asyncio.Protocol):
    def __init__(self, line: TcpLine) -> None:
        self._line = line
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._line.begin(self)

    def connection_lost(self, _: Exception | None) -> None:
        self._line.end(self)

    def data_received(self, data: bytes) -> None:
        self._line.receive(self, data)

    def write(self, data: bytes) -> None:
        if self._transport:
            self._transport.write(data)

    def abort(self) -> None:
        if self._transport:
            self._transport.abort()


class PtyLine:
    """A pseudo-terminal with a name in the file system, while the stick is plugged in."""

    def __init__(self, stick: Stick, name: Path) -> None:
        self._stick = stick
        self._name = name
        self._ends: tuple[int, int] | None = None

    async def plug_in(self) -> None:
        """Make the terminal and its name. The other end stays open: reading needs one."""
        if self._ends is None:
            end, host_end = self._ends = os.openpty()
            os.set_blocking(end, False)
            tty.setraw(host_end)
            self._name.parent.mkdir(parents=True, exist_ok=True)
            self._name.unlink(missing_ok=True)
            self._name.symlink_to(os.ttyname(host_end))
            self._stick.write = lambda data: _write(end, data)
            asyncio.get_running_loop().add_reader(end, self._read, end)

    def unplug(self) -> None:
        """Remove the name and the terminal; a host that has it open reads an error."""
        if self._ends:
            self._name.unlink(missing_ok=True)
            self._stick.write = None
            asyncio.get_running_loop().remove_reader(self._ends[0])
            for end in self._ends:
                os.close(end)
            self._ends = None

    def cut(self) -> None:
        """Do nothing: a terminal has no connection."""

    def _read(self, end: int) -> None:
        self._stick.receive(os.read(end, READ_SIZE))


def _write(end: int, data: bytes) -> None:
    """Write what the terminal takes; the host asks again for what is lost."""
    with suppress(BlockingIOError):
        os.write(end, data)
