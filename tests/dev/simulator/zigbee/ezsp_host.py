"""A host of the simulated stick: it resets the link, asks, and acknowledges what comes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from dev.simulator.zigbee import aps_frames
from dev.simulator.zigbee.aps_frames import ApsFrame
from dev.simulator.zigbee.ash_framing import AshFrameReader, encode, whiten
from dev.simulator.zigbee.ezsp_constants import EzspCallback, EzspCommand
from dev.simulator.zigbee.stick import Stick
from tests.fakes.scheduler import FakeScheduler

RST = encode(b"\xc0")
RSTACK = b"\xc1\x02\x0b"
CHANNEL = 20
PARAMETERS = bytes(range(8)) + b"\x34\x12\x08" + bytes((CHANNEL,)) + bytes(8)
KEY, LINK_KEY = bytes(range(16)), bytes(range(16, 32))
SECURITY = b"\x84\x1b" + LINK_KEY + KEY + b"\x05" + bytes(10)


@dataclass
class EzspHost:
    """`callbacks` are what the stick has told, `controls` its ASH frames without data."""

    stick: Stick
    scheduler: FakeScheduler
    callbacks: list[tuple[int, bytes]] = field(default_factory=list)
    controls: list[bytes] = field(default_factory=list)
    frames: list[bytes] = field(default_factory=list)  # all that had data
    _answers: list[tuple[int, bytes]] = field(default_factory=list)
    _number: int = 0
    _expected: int = 0
    _sequence: int = 0
    _reader: AshFrameReader = field(default_factory=AshFrameReader)

    def connect(self) -> None:
        """Reset the link."""
        self._number = self._expected = 0
        self.stick.write = self._receive
        self.stick.receive(RST)

    def ask(self, command: int, body: bytes = b"") -> bytes:
        """Return the parameters of the stick's answer."""
        self._sequence = (self._sequence + 1) % 256
        frame = bytes((self._sequence, 0x00, 0x01)) + command.to_bytes(2, "little") + body
        self.send(frame)
        answered, parameters = self._answers.pop()
        assert answered == command
        return parameters

    def send(self, frame: bytes) -> None:
        control = self._number << 4 | self._expected
        self._number = (self._number + 1) % 8
        self.stick.receive(encode(bytes((control,)) + whiten(frame)))

    def form(self) -> None:
        """Form a network."""
        assert self.ask(EzspCommand.SET_INITIAL_SECURITY_STATE, SECURITY) == b"\x00"
        assert self.ask(EzspCommand.FORM_NETWORK, PARAMETERS) == b"\x00"

    def messages(self) -> list[tuple[ApsFrame, int, bytes]]:
        """Return what devices have sent: header, sender, message; forget it."""
        incoming = list(self._incoming())
        self.callbacks = [one for one in self.callbacks if one[0] != EzspCallback.INCOMING_MESSAGE]
        return incoming

    def _incoming(self) -> Iterator[tuple[ApsFrame, int, bytes]]:
        for number, body in self.callbacks:
            if number == EzspCallback.INCOMING_MESSAGE:
                sender = int.from_bytes(body[14:16], "little")
                assert len(body) == 19 + body[18]
                yield aps_frames.decode(body[1:]), sender, body[19:]

    def _receive(self, data: bytes) -> None:
        for frame in self._reader.receive(data):
            assert frame is not None, "the stick sent a damaged frame"
            if frame[0] & 0x80:
                self.controls.append(frame)
                continue
            self._expected = ((frame[0] >> 4) + 1) % 8
            self.frames.append(whiten(frame[1:]))
            if self.frames[-1][2] & 0x01:
                self._take(self.frames[-1])
            self.stick.receive(encode(bytes((0x80 | self._expected,))))

    def _take(self, frame: bytes) -> None:
        kind, number = frame[1], int.from_bytes(frame[3:5], "little")
        assert frame[0] == self._sequence
        (self.callbacks if kind & 0x10 else self._answers).append((number, frame[5:]))


def unicast(address: int, header: ApsFrame, message: bytes, tag: int = 7) -> bytes:
    """Return the body of a message for the device at `address`."""
    body = b"\x00" + address.to_bytes(2, "little") + header.encode()
    return body + bytes((tag, len(message))) + message
