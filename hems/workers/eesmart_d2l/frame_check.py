"""Open the frames that arrive: those of listed dongles that are authentic, within the tries."""

from __future__ import annotations

from collections.abc import Mapping

from hems.errors import ProtocolError
from hems.protocols.linky.d2l_frames import device_id, format_id
from hems.worker_runtime import Clock
from hems.workers.eesmart_d2l.connection_limits import Connections
from hems.workers.eesmart_d2l.dongle import Dongle, ReceivedFrame
from hems.workers.eesmart_d2l.dongle_connection import DongleConnection
from hems.workers.eesmart_d2l.refused_frames import FrameRefused, RefusalReason
from hems.workers.eesmart_d2l.trusted_clock import TrustedClock
from hems.workers.eesmart_d2l.wrong_frame_limits import WrongFrames


class FrameCheck:
    """Opens frames of the `dongles`, by id."""

    def __init__(
        self,
        dongles: Mapping[int, Dongle],
        connections: Connections,
        clock: Clock,
        trusted_clock: TrustedClock,
    ) -> None:
        self._dongles = dongles
        self._connections = connections
        self._clock = clock
        self._trusted_clock = trusted_clock
        self._wrong_frames = WrongFrames()

    def open(self, data: bytes, connection: DongleConnection) -> ReceivedFrame:
        """Decrypt and check a frame. Raises FrameRefused."""
        now, address = self._clock.monotonic(), connection.address
        dongle = self._dongles.get(device_id(data))
        if dongle is None:
            has_try = self._wrong_frames.count_unknown(address, now)
            detail = f"{format_id(device_id(data))}; to admit it add it to D2L_DEVICES"
            reason = RefusalReason.UNKNOWN_DEVICE if has_try else RefusalReason.TRIES
            raise FrameRefused(reason, detail)
        is_proven = self._connections.is_proven(connection)
        has_try = is_proven or self._wrong_frames.has_try(address, dongle.id, now)
        try:
            wall = self._trusted_clock.time()
            received = dongle.open(data, now, wall=wall, must_prove=not has_try)
        except ProtocolError as error:
            self._wrong_frames.count_wrong(address, dongle.id, now)
            reason = RefusalReason.FRAME if has_try else RefusalReason.TRIES
            raise FrameRefused(reason, str(error), dongle.name) from None
        if received.is_new:
            self._wrong_frames.count_authentic(address)
        return received

    def prove(self, connection: DongleConnection, dongle: Dongle) -> None:
        """Record that a reading of `dongle` that nobody can forge came on `connection`."""
        self._connections.prove(connection)
        self._wrong_frames.know(connection.address, dongle.id)
