"""The D2L server: whoever connects is heard, checked, answered, and only then published."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address

from loguru import logger

from hems.clients.d2l_upstream import Upstream, exchange
from hems.clients.outage import Outage
from hems.errors import ProtocolError, Unavailable
from hems.protocols import linky, linky_payload
from hems.protocols.d2l import (
    RANDOM_SIZE,
    Frame,
    PayloadType,
    clock_answer,
    device_id,
    encode,
    format_id,
)
from hems.runtime import Clock
from hems.settings import EesmartD2l
from hems.system.sockets import BACKLOG
from hems.workers.eesmart_d2l.connection import READ_SIZE, MeterConnection
from hems.workers.eesmart_d2l.connections import Connections
from hems.workers.eesmart_d2l.device import Device
from hems.workers.eesmart_d2l.refusals import Reason, Refusals, Refused
from hems.workers.eesmart_d2l.wall_clock import WallClock

Publish = Callable[[Device, Frame, linky.Reading | None], None]

PAYLOAD_TYPES = frozenset(PayloadType)
ANSWERED = {PayloadType.PUSH_JSON, PayloadType.GET_CLOCK, PayloadType.NO_INTERNET}


@dataclass(frozen=True)
class Received:
    """An authentic frame; `strings` is the payload of a reading."""

    device: Device
    frame: Frame
    is_new: bool
    strings: Mapping[str, str] | None

    def __str__(self) -> str:
        return f"device {self.device.name}"


class D2lServer:
    """Serves the dongles in `devices`, by id; gives what they say to `publish`, once."""

    def __init__(
        self,
        settings: EesmartD2l,
        devices: Mapping[int, Device],
        publish: Publish,
        clock: Clock,
        wall_clock: WallClock,
    ) -> None:
        self._settings = settings
        self._devices = devices
        self._publish = publish
        self._proxies = {str(ip_address(one)) for one in settings.proxy_addresses}
        self._clock = clock
        self._wall_clock = wall_clock
        address = settings.upstream_address
        self._upstream = address and Upstream(*address, settings.upstream_timeout_s)
        self.upstream_outage = Outage(f"vendor's server {settings.upstream}")
        self.refusals = Refusals()
        self.connections = Connections(
            settings.max_connections, settings.max_connections_per_device
        )

    async def serve(self, listener: socket.socket) -> None:
        """Accept connections until cancelled. A bug in handling one ends them all."""
        async with asyncio.TaskGroup() as tasks:

            def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                tasks.create_task(self._handle(MeterConnection(reader, writer, self._settings)))

            server = await asyncio.start_server(
                accept, sock=listener, limit=READ_SIZE, backlog=BACKLOG
            )
            try:
                await asyncio.get_running_loop().create_future()  # until cancelled
            finally:
                server.close()  # and not wait_closed: the connections end after this, with us

    async def _handle(self, connection: MeterConnection) -> None:
        try:
            self.connections.add(connection)
            if connection.address in self._proxies:
                await connection.read_proxy_header()
            while (data := await connection.next_frame()) is not None:
                await self._exchange(data, connection)
        except Refused as refused:
            self._note(connection, refused)
        except ProtocolError as error:
            self._note(connection, Refused(Reason.HEADER, str(error)))
        except OSError as error:  # the peer's side of the connection broke
            logger.debug("{}: {}", connection.address, error)
        finally:
            self.connections.remove(connection)
            connection.close()

    async def _exchange(self, data: bytes, connection: MeterConnection) -> None:
        """Check one frame, answer it, and publish what is new in it."""
        received = self._open(data)
        if received.is_new:  # one sent again may be anybody's: it takes no place from the device
            self.connections.identify(connection, received.device.id)
        answer = await self._answer(received, data)
        try:
            if answer is not None:
                await connection.send(answer)
            elif received.frame.type not in PAYLOAD_TYPES:
                raise Refused(Reason.UNKNOWN_TYPE, f"{received}: type {received.frame.type}")
        finally:  # also when the answer did not reach it: a reading is not lost for that
            self._publish_new(connection, received)

    def _open(self, data: bytes) -> Received:
        device = self._devices.get(device_id(data))
        if device is None:
            name = format_id(device_id(data))
            raise Refused(Reason.UNKNOWN_DEVICE, f"{name}; to admit it add it to D2L_DEVICES")
        try:
            frame, is_new = device.open(data, self._clock.monotonic())
        except ProtocolError as error:
            raise Refused(Reason.FRAME, f"device {device.name}: {error}") from None
        strings = None
        if frame.type == PayloadType.PUSH_JSON:
            try:
                strings = linky_payload.fields(frame.payload, device.id)
            except ProtocolError as error:
                raise Refused(Reason.PAYLOAD, f"device {device.name}: {error}") from None
        return Received(device, frame, is_new, strings)

    def _publish_new(self, connection: MeterConnection, received: Received) -> None:
        """Publish a new frame; note what is not believed, which has been answered all the same."""
        if not received.is_new:
            self._note(connection, Refused(Reason.REPEATED, f"{received}: not published again"))
            return
        try:
            strings = received.strings
            reading = None if strings is None else linky.parse(strings)
            self._publish(received.device, received.frame, reading)
        except Refused as refused:
            self._note(connection, refused)
        except ProtocolError as error:
            self._note(connection, Refused(Reason.PAYLOAD, f"{received}: {error}"))

    def _note(self, connection: MeterConnection, refused: Refused) -> None:
        self.refusals.note(connection.address, refused, self._clock.monotonic())

    async def _answer(self, received: Received, data: bytes) -> bytes | None:
        """Return the vendor's answer if it is asked and there, else our own, if any is due."""
        device, frame = received.device, received.frame
        if self._upstream is not None:
            try:
                answer = await exchange(self._upstream, data, frame, device.cipher)
            except Unavailable as error:
                if frame.type in ANSWERED:  # to others the vendor need not say anything
                    self.upstream_outage.begin(str(error), self._clock.monotonic())
            else:
                self.upstream_outage.end(self._clock.monotonic())
                return answer
        time = self._wall_clock.time()
        if frame.type not in ANSWERED or time is None:
            return None
        return encode(clock_answer(frame, time, os.urandom(RANDOM_SIZE)), device.cipher)
