"""The D2L server: whoever connects is heard, checked, answered, and only then published."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable, Mapping

from loguru import logger

from hems.clients.d2l_upstream import Upstream, UpstreamLink
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
from hems.workers.eesmart_d2l.connection import READ_SIZE, MeterConnection
from hems.workers.eesmart_d2l.connections import Connections
from hems.workers.eesmart_d2l.device import Device
from hems.workers.eesmart_d2l.refusals import Reason, Refusals, Refused
from hems.workers.eesmart_d2l.wall_clock import WallClock

Strings = Mapping[str, str]
Publish = Callable[[Device, Frame, linky.Reading | None], None]

PAYLOAD_TYPES = frozenset(PayloadType)
ANSWERED = {PayloadType.PUSH_JSON, PayloadType.GET_CLOCK, PayloadType.NO_INTERNET}


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
        self._clock = clock
        self._wall_clock = wall_clock
        address = settings.upstream_address
        self._upstream = address and Upstream(*address, settings.upstream_timeout_s)
        self._upstream_outage = Outage(f"vendor's server {settings.upstream}")
        self.refusals = Refusals()
        self.connections = Connections(
            settings.max_connections, settings.max_connections_per_device
        )

    async def serve(self, listener: socket.socket) -> None:
        """Accept connections until cancelled. A bug in handling one ends them all."""
        async with asyncio.TaskGroup() as tasks:

            def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                tasks.create_task(self._handle(MeterConnection(reader, writer, self._settings)))

            server = await asyncio.start_server(accept, sock=listener, limit=READ_SIZE)
            try:
                await asyncio.get_running_loop().create_future()  # until cancelled
            finally:
                server.close()  # and not wait_closed: the connections end after this, with us

    async def _handle(self, connection: MeterConnection) -> None:
        upstream = UpstreamLink(self._upstream) if self._upstream else None
        try:
            self.connections.add(connection)
            if connection.address in self._settings.proxy_addresses:
                await connection.read_proxy_header()
            while (data := await connection.next_frame()) is not None:
                await self._exchange(data, connection, upstream)
        except Refused as refused:
            self.refusals.note(connection.address, refused, self._clock.monotonic())
        except OSError as error:  # the peer's side of the connection broke
            logger.debug("{}: {}", connection.address, error)
        finally:
            self.connections.remove(connection)
            connection.close()
            if upstream is not None:
                upstream.close()

    async def _exchange(
        self, data: bytes, connection: MeterConnection, upstream: UpstreamLink | None
    ) -> None:
        """Check one frame, answer it, and publish what is new in it."""
        device, frame = self._open(data)
        self.connections.identify(connection, device.id)
        strings = self._strings(device, frame)
        answer = await self._answer(device, frame, data, upstream)
        if answer is not None:
            await connection.send(answer)
        elif frame.type not in PAYLOAD_TYPES:
            raise Refused(Reason.UNKNOWN_TYPE, f"device {device.name}: type {frame.type}")
        try:
            self._publish_once(device, frame, strings)
        except Refused as refused:  # answered all the same, or the dongle would never go on
            self.refusals.note(connection.address, refused, self._clock.monotonic())

    def _publish_once(self, device: Device, frame: Frame, strings: Strings | None) -> None:
        if device.is_repeated(frame):
            raise Refused(Reason.REPEATED, f"device {device.name}: answered, not published")
        try:
            reading = None if strings is None else linky.parse(strings)
        except ProtocolError as error:
            raise Refused(Reason.PAYLOAD, f"device {device.name}: {error}") from None
        self._publish(device, frame, reading)

    def _open(self, data: bytes) -> tuple[Device, Frame]:
        device = self._devices.get(device_id(data))
        if device is None:
            name = format_id(device_id(data))
            raise Refused(Reason.UNKNOWN_DEVICE, f"{name}; to admit it add it to D2L_DEVICES")
        try:
            return device, device.open(data, self._clock.monotonic())
        except ProtocolError as error:
            raise Refused(Reason.FRAME, f"device {device.name}: {error}") from None

    def _strings(self, device: Device, frame: Frame) -> Strings | None:
        if frame.type != PayloadType.PUSH_JSON:
            return None
        try:
            return linky_payload.fields(frame.payload, device.id)
        except ProtocolError as error:
            raise Refused(Reason.PAYLOAD, f"device {device.name}: {error}") from None

    async def _answer(
        self, device: Device, frame: Frame, data: bytes, upstream: UpstreamLink | None
    ) -> bytes | None:
        """Return the vendor's answer if it is asked and there, else our own, if any is due."""
        now = asyncio.get_running_loop().time
        if upstream is not None:
            try:
                answer = await upstream.exchange(data, frame, device.cipher)
            except Unavailable as error:
                self._upstream_outage.begin(str(error), now())
            else:
                self._upstream_outage.end(now())
                return answer
        time = self._wall_clock.time()
        if frame.type not in ANSWERED or time is None:
            return None
        return encode(clock_answer(frame, time, os.urandom(RANDOM_SIZE)), device.cipher)
