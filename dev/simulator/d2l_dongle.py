"""Simulate an eeSmart D2L dongle: send a Linky's readings as the real dongle does.

linky_variants.py and meter_faults.py list the meters and their faults. For each push the dongle
connects, sends one frame, waits at most 3 s for the answer, checks it and hangs up.
"""

from __future__ import annotations

import secrets
import socket
import time
from dataclasses import dataclass, replace

from fastcrc.crc16 import modbus

from dev.simulator import linky_payload
from dev.simulator.household import Household
from dev.simulator.household_pace import HouseholdPace
from dev.simulator.linky_variants import MeterKind
from dev.simulator.meter_faults import MeterFault, encoded
from hems.errors import ProtocolError, Unavailable
from hems.protocols.linky.d2l_frame_reader import D2lFrameReader
from hems.protocols.linky.d2l_frames import (
    CLEAR_SIZE,
    CRC,
    INNER_HEADER,
    RANDOM_SIZE,
    D2lCipher,
    D2lFrame,
    PayloadType,
    decode,
    decode_clock,
    encode,
)
from hems.settings.read_secrets import D2lDevice

ANSWER_S = 3.0
CLOCK_TOLERANCE_S = 60
OLD_S = 7200
READ_SIZE = 4096
NO_FAULT = MeterFault("none")


class NoAnswer(Unavailable):
    """The server hung up without an answer, as it does after a frame that it refuses."""


@dataclass(frozen=True)
class ClockAnswer:
    """The server's clock (unix seconds), and the seconds from the frame to its answer."""

    clock: int
    latency_s: float


class SimulatedDongle:
    """The dongle `device` on a Linky of this kind; `server` is its host and port."""

    def __init__(
        self,
        server: tuple[str, int],
        device: D2lDevice,
        kind: MeterKind,
        fault: MeterFault | None = None,
        pace: HouseholdPace | None = None,
    ) -> None:
        self.server = server
        self.has_fault = False  # whether the last frame had the fault
        self._id = device.id
        self._cipher = D2lCipher(device.key, device.iv)
        self._kind = kind
        self._fault = fault
        self._number = 0
        self._household = Household(device.id, kind.calendar, kind.solar_w, pace)

    def can_have_its_fault(self, unix_time: int) -> bool:
        """Return whether the fault changes a frame of this meter; without a fault, True."""
        reading = self._household.reading(unix_time)
        values = linky_payload.values(self._kind, self._id, reading, unix_time)
        return self._fault is None or self._fault.changes(values)

    def push(self, unix_time: int) -> ClockAnswer:
        """Send the reading of `unix_time` and return the answer.

        In place of a reading a dongle with the fault asks for firmware, which has no answer, and
        for the clock. Raises Unavailable when there is no server or no answer, ProtocolError when
        the answer is not what this dongle expects.
        """
        request, expected = self._request(unix_time), PayloadType.PUSH_JSON
        fault = (self._fault if self.has_fault else None) or NO_FAULT
        for number in range(fault.old_readings):
            self._exchange(self._reading(self._kind, fault, unix_time - OLD_S + 60 * number))
        if fault.is_firmware_request:
            types = (PayloadType.FIRMWARE_UPDATE, PayloadType.GET_CLOCK)
            request, expected = b"".join(self._frame(one, b"") for one in types), types[-1]
        answer, latency_s = self._exchange(request)
        return ClockAnswer(self._checked(self._decoded(answer), expected, unix_time), latency_s)

    def push_spoilt(self, unix_time: int) -> None:
        """Send the reading of `unix_time` with one wrong bit, as a bad line would.

        Raises Unavailable when there is no server, ProtocolError when it answers the frame.
        """
        request = bytearray(self._request(unix_time))
        request[-1] ^= 1
        try:
            self._exchange(bytes(request))
        except NoAnswer:
            return
        raise ProtocolError("the server answered a spoilt frame")

    def _request(self, unix_time: int) -> bytes:
        """Return the next reading as a frame, with its fault if it is due."""
        self._number += 1
        kind, fault = self._kind, self._fault
        self.has_fault = fault is not None and fault.spoils(self._number)
        if fault is None or not self.has_fault:
            fault = NO_FAULT
        if fault.is_mode_switched:
            kind = replace(kind, is_standard=not kind.is_standard)
        return self._reading(kind, fault, unix_time)

    def _reading(self, kind: MeterKind, fault: MeterFault, unix_time: int) -> bytes:
        reading = self._household.reading(unix_time)
        values = linky_payload.values(kind, self._id, reading, unix_time + fault.clock_s)
        text = fault.text(encoded(fault.values(values, self._number)))
        return self._frame(PayloadType.PUSH_JSON, text)

    def _frame(self, kind: PayloadType, payload: bytes) -> bytes:
        random = secrets.token_bytes(RANDOM_SIZE)
        return encode(D2lFrame(self._id, kind, payload, random), self._cipher)

    def _exchange(self, request: bytes) -> tuple[bytes, float]:
        """Return the answer's frame and the seconds it took."""
        where = "{}:{}".format(*self.server)
        try:
            with socket.create_connection(self.server, ANSWER_S) as connection:
                started = time.monotonic()
                connection.sendall(request)
                return _whole_frame(connection, started), time.monotonic() - started
        except TimeoutError as error:
            raise Unavailable(f"{where} did not answer within {ANSWER_S:g} s") from error
        except ConnectionResetError as error:
            raise NoAnswer(f"{where} hung up") from error
        except UnicodeError as error:  # not a host name
            raise Unavailable(f"{where}: {error}") from error
        except OSError as error:
            raise Unavailable(f"{where}: {error.strerror}") from error

    def _decoded(self, answer: bytes) -> D2lFrame:
        """Return the answer's frame; raise ProtocolError, and name the known bug of a server."""
        try:
            return decode(answer, self._cipher)
        except ProtocolError:
            if not _crc_leaves_out_padding(answer, self._cipher):
                raise
        raise ProtocolError(
            "the server computed the CRC without the padding, a known bug of the package d2lparser "
            "on PyPI: a real dongle refuses this answer"
        )

    def _checked(self, answer: D2lFrame, kind: PayloadType, unix_time: int) -> int:
        """Return the clock in `answer`; raise ProtocolError if it answers something else."""
        expected = (self._id, kind, True)
        header = (answer.device_id, answer.type, answer.is_response)
        if header != expected:
            raise ProtocolError(
                f"an answer (id, type, is response) of {header}, expected {expected}"
            )
        clock = decode_clock(answer.payload)
        if abs(clock - unix_time) > CLOCK_TOLERANCE_S:
            raise ProtocolError(f"the answer's clock is {clock - unix_time:+d} s off")
        return clock


def _crc_leaves_out_padding(answer: bytes, cipher: D2lCipher) -> bool:
    """Return whether the answer's CRC covers everything but the zeros after its payload."""
    inner = cipher.decrypt(answer[CLEAR_SIZE:])
    random, crc, length, _, _ = INNER_HEADER.unpack_from(inner)
    covered = inner[RANDOM_SIZE + CRC.size : INNER_HEADER.size + length]
    return bool(modbus(covered, modbus(answer[:CLEAR_SIZE] + random)) == crc)


def _whole_frame(connection: socket.socket, started: float) -> bytes:
    reader = D2lFrameReader()
    while (frame := reader.next_frame()) is None:
        connection.settimeout(max(0.001, started + ANSWER_S - time.monotonic()))
        data = connection.recv(READ_SIZE)
        if not data:
            raise NoAnswer(
                "the server hung up without an answer: does it know this id, key and IV?"
            )
        reader.receive_data(data)
    return frame
