"""The D2L server: accept dongles, check and answer each frame, then publish its reading.

Answers go first: the readings of all connections are published one at a time, with a turn of the
event loop before each. A connection reads its next frame after its reading was published, so one
reading of each connection waits at most.

Every authentic frame is answered. Beyond max_frames_per_minute a dongle's answers come slowly, so
that a flood costs little, and nothing of it is published or relayed.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable, Mapping
from ipaddress import ip_address

from loguru import logger

from hems.clients.linky.vendor_relay import VendorServer, exchange
from hems.errors import ProtocolError, Unavailable
from hems.protocols.linky import d2l_payload, meter_reading
from hems.protocols.linky.d2l_frames import (
    RANDOM_SIZE,
    D2lFrame,
    PayloadType,
    clock_answer,
    encode,
)
from hems.settings.eesmart_d2l import EesmartD2lSettings
from hems.system.network.tcp_listener import BACKLOG
from hems.worker_outage_log import Outage
from hems.worker_runtime import Clock
from hems.workers.eesmart_d2l.connection_limits import Connections
from hems.workers.eesmart_d2l.dongle import Dongle, ReceivedFrame
from hems.workers.eesmart_d2l.dongle_connection import READ_SIZE, DongleConnection
from hems.workers.eesmart_d2l.frame_check import FrameCheck
from hems.workers.eesmart_d2l.refused_frames import FrameRefused, RefusalReason, RefusedFrames
from hems.workers.eesmart_d2l.trusted_clock import TrustedClock

Publish = Callable[[Dongle, D2lFrame, meter_reading.MeterReading | None], None]

PAYLOAD_TYPES = frozenset(PayloadType)
ANSWERED = {PayloadType.PUSH_JSON, PayloadType.GET_CLOCK, PayloadType.NO_INTERNET}


class D2lServer:
    """Serves the `dongles`, by id, and calls `publish` once for each new frame."""

    def __init__(
        self,
        settings: EesmartD2lSettings,
        dongles: Mapping[int, Dongle],
        publish: Publish,
        clock: Clock,
        trusted_clock: TrustedClock,
    ) -> None:
        self._settings = settings
        self._publish = publish
        self._proxies = {str(ip_address(address)) for address in settings.proxy_addresses}
        self._clock = clock
        self._trusted_clock = trusted_clock
        address = settings.upstream_address
        self._upstream = address and VendorServer(*address, settings.upstream_timeout_s)
        self.upstream_outage = Outage(f"vendor's server {settings.upstream}")
        self.refused = RefusedFrames()
        self._publishing = asyncio.Lock()
        self.connections = Connections(
            settings.max_connections, settings.max_connections_per_device
        )
        self._check = FrameCheck(dongles, self.connections, clock, trusted_clock)

    async def serve(self, listener: socket.socket) -> None:
        """Accept connections until cancelled. A bug in the handling of one ends all."""
        async with asyncio.TaskGroup() as tasks:

            def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                tasks.create_task(self._handle(DongleConnection(reader, writer, self._settings)))

            server = await asyncio.start_server(
                accept, sock=listener, limit=READ_SIZE, backlog=BACKLOG
            )
            try:
                await asyncio.get_running_loop().create_future()  # until cancelled
            finally:
                server.close()  # no wait_closed(): the task group ends the connections afterwards

    async def _handle(self, connection: DongleConnection) -> None:
        try:
            self.connections.add(connection)
            if connection.address in self._proxies:
                await connection.read_proxy_header()
            while (data := await connection.next_frame()) is not None:
                await self._exchange(data, connection)
        except FrameRefused as refused:
            self._count(connection, refused)
        except ProtocolError as error:
            self._count(connection, FrameRefused(RefusalReason.HEADER, str(error)))
        except OSError as error:  # the peer's side of the connection broke
            logger.debug("{}: {}", connection.address, error)
        finally:
            self.connections.remove(connection)
            connection.close()

    async def _exchange(self, data: bytes, connection: DongleConnection) -> None:
        """Check one frame, answer it, and publish it if it is new."""
        received = self._check.open(data, connection)
        if received.is_excess:
            await asyncio.sleep(received.pause_s)
        if received.is_new:  # anybody can repeat a frame, so a repeated one takes no place
            self.connections.identify(connection, received.dongle.id)
        answer = await self._answer(received, data)
        try:
            if answer is not None:
                await connection.send(answer)
            elif received.frame.type not in PAYLOAD_TYPES:
                detail = f"type {received.frame.type}"
                raise FrameRefused(RefusalReason.UNKNOWN_TYPE, detail, received.dongle.name)
        finally:  # a reading counts even if the answer did not reach the dongle
            await self._publish_in_turn(connection, received)

    async def _publish_in_turn(self, connection: DongleConnection, received: ReceivedFrame) -> None:
        """Publish a new frame when the answers that are due have been sent."""
        try:
            async with self._publishing:
                await asyncio.sleep(0)
        finally:  # a stop does not lose a reading
            self._publish_new(connection, received)

    def _publish_new(self, connection: DongleConnection, received: ReceivedFrame) -> None:
        """Publish a new frame; count one that is refused, although it was answered."""
        name = received.dongle.name
        if not received.is_new:
            refused = FrameRefused(RefusalReason.REPEATED, "not published again", name)
            self._count(connection, refused)
            return
        if received.is_excess:
            most = self._settings.max_frames_per_minute
            detail = f"answered, not published: expected at most {most} a minute"
            self._count(connection, FrameRefused(RefusalReason.RATE, detail, name))
            return
        reading = None
        try:
            reading = _reading(received)
        except ProtocolError as error:
            self._count(connection, FrameRefused(RefusalReason.PAYLOAD, str(error), name))
        life_at = received.dongle.last_life_at
        try:
            self._publish(received.dongle, received.frame, reading)
        except FrameRefused as refused:
            self._count(connection, refused)
        if received.dongle.last_life_at != life_at:
            self._check.prove(connection, received.dongle)

    def _count(self, connection: DongleConnection, refused: FrameRefused) -> None:
        self.refused.add(connection.address, refused, self._clock.monotonic())

    async def _answer(self, received: ReceivedFrame, data: bytes) -> bytes | None:
        """Return the vendor's answer if the relay gets one, else our own if one is due."""
        dongle, frame = received.dongle, received.frame
        if self._upstream is not None and not received.is_excess:
            try:
                answer = await exchange(self._upstream, data, frame, dongle.cipher)
            except Unavailable as error:
                if frame.type in ANSWERED:  # the vendor need not answer other types
                    self.upstream_outage.begin(str(error), self._clock.monotonic())
            else:
                self.upstream_outage.end(self._clock.monotonic())
                return answer
        time = self._trusted_clock.time()
        if frame.type not in ANSWERED or time is None:
            return None
        return encode(clock_answer(frame, time, os.urandom(RANDOM_SIZE)), dongle.cipher)


def _reading(received: ReceivedFrame) -> meter_reading.MeterReading | None:
    """Return the reading in the frame, None for other types. Raises ProtocolError."""
    if received.frame.type != PayloadType.PUSH_JSON:
        return None
    dongle = received.dongle
    return dongle.decoder.decode(d2l_payload.fields(received.frame.payload, dongle.id))
