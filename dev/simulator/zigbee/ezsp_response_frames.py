"""The EZSP frames from the stick to the host: answers, and callbacks after them.

A frame is its sequence number, two control bytes, the id of a command or callback (two bytes,
little-endian) and the parameters. The first question for the version, and its answer, have one
control byte and an id of one byte (UG100, section 3).
"""

from __future__ import annotations

from collections.abc import Callable

from dev.simulator.zigbee.ezsp_constants import EzspCommand

IS_ANSWER, IS_CALLBACK, EXTENDED = 0x80, 0x10, 0x01


class EzspFrames:
    """Numbers the frames: a callback has the number of the last command that was answered.

    A host takes a callback with another number, or one before the answer, for the answer.
    """

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self._send = send
        self._sequence = 0
        self._is_answering = False
        self._postponed: list[bytes] = []

    def begin_answer(self, sequence: int) -> None:
        """Postpone callbacks until command `sequence` is answered."""
        self._sequence = sequence
        self._is_answering = True

    def answer(self, command: int, parameters: bytes) -> None:
        """Answer the command, and send the callbacks that it has caused."""
        self._end_answer(self._frame(0, command, parameters))

    def answer_old_version(self, parameters: bytes) -> None:
        """Answer the version question of a host that does not know which version it speaks to."""
        self._end_answer(bytes((self._sequence, IS_ANSWER, EzspCommand.VERSION)) + parameters)

    def call_back(self, callback: int, parameters: bytes) -> None:
        """Tell the host something that it did not ask for."""
        frame = self._frame(IS_CALLBACK, callback, parameters)
        if self._is_answering:
            self._postponed.append(frame)
        else:
            self._send(frame)

    def _end_answer(self, frame: bytes) -> None:
        self._is_answering = False
        postponed, self._postponed = self._postponed, []
        for one in (frame, *postponed):
            self._send(one)

    def _frame(self, kind: int, number: int, parameters: bytes) -> bytes:
        head = bytes((self._sequence, IS_ANSWER | kind, EXTENDED))
        return head + number.to_bytes(2, "little") + parameters
