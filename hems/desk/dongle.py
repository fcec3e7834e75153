"""A simulated eeSmart D2L: sends a Linky's readings as the real dongle does.

For each push it connects, sends one frame, waits at most 3 s for the answer, checks it
and hangs up.
"""

from __future__ import annotations

import secrets
import socket
import time
from dataclasses import dataclass

from hems.desk import linky
from hems.desk.household import Household
from hems.errors import ProtocolError, Unavailable
from hems.protocols.d2l import (
    RANDOM_SIZE,
    Cipher,
    Frame,
    FrameReader,
    PayloadType,
    decode,
    decode_clock,
    encode,
)
from hems.protocols.linky import Mode
from hems.settings.secrets import D2lDevice

ANSWER_S = 3.0
CLOCK_TOLERANCE_S = 60
READ_SIZE = 4096


@dataclass(frozen=True)
class Answer:
    """The server's: its clock (unix seconds) and how long it took from the frame sent (s)."""

    clock: int
    latency_s: float


class Dongle:
    """The dongle `device` on a single-phase Linky in `mode`; `server` is its host and port."""

    def __init__(self, server: tuple[str, int], device: D2lDevice, mode: Mode) -> None:
        self._server = server
        self._id = device.id
        self._cipher = Cipher(device.key, device.iv)
        self._mode = mode
        self._household = Household(seed=device.id)

    def push(self, unix_time: int) -> Answer:
        """Send the reading of `unix_time` and return the answer.

        Raises Unavailable when there is no server or no answer, ProtocolError when the
        answer is not what this dongle expects.
        """
        reading = self._household.reading(unix_time)
        payload = linky.payload(self._mode, self._id, reading)
        random = secrets.token_bytes(RANDOM_SIZE)
        request = encode(Frame(self._id, PayloadType.PUSH_JSON, payload, random), self._cipher)
        answer, latency_s = self._exchange(request)
        return Answer(self._checked(decode(answer, self._cipher), unix_time), latency_s)

    def _exchange(self, request: bytes) -> tuple[bytes, float]:
        """Return the answer's frame and the seconds it took."""
        where = "{}:{}".format(*self._server)
        try:
            with socket.create_connection(self._server, ANSWER_S) as connection:
                started = time.monotonic()
                connection.sendall(request)
                return _whole_frame(connection, started), time.monotonic() - started
        except TimeoutError as error:
            raise Unavailable(f"{where} did not answer within {ANSWER_S:g} s") from error
        except OSError as error:
            raise Unavailable(f"{where}: {error.strerror}") from error

    def _checked(self, answer: Frame, unix_time: int) -> int:
        """Return the clock in `answer`; raise ProtocolError if it answers something else."""
        expected = (self._id, PayloadType.PUSH_JSON, True)
        found = (answer.device_id, answer.type, answer.is_response)
        if found != expected:
            raise ProtocolError(
                f"an answer (id, type, is response) of {found}, expected {expected}"
            )
        clock = decode_clock(answer.payload)
        if abs(clock - unix_time) > CLOCK_TOLERANCE_S:
            raise ProtocolError(f"the answer's clock is {clock - unix_time:+d} s off")
        return clock


def _whole_frame(connection: socket.socket, started: float) -> bytes:
    reader = FrameReader()
    while (frame := reader.next_frame()) is None:
        connection.settimeout(max(0.001, started + ANSWER_S - time.monotonic()))
        data = connection.recv(READ_SIZE)
        if not data:
            raise Unavailable(
                "the server hung up without an answer: does it know this id, key and IV?"
            )
        reader.receive_data(data)
    return frame
