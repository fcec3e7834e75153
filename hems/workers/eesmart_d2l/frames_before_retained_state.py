"""Frames that wait after a start, until the broker has said what it retains.

A dongle is answered meanwhile. Only its newest frames are kept: the broker may be away for days.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from hems.protocols.linky.d2l_frames import D2lFrame
from hems.protocols.linky.meter_reading import MeterReading
from hems.workers.eesmart_d2l.dongle import Dongle
from hems.workers.eesmart_d2l.trusted_clock import Moment

MOST_OF_A_DONGLE = 10


class ArrivedFrame(NamedTuple):
    """A frame, its reading if it has one, and when it arrived."""

    dongle: Dongle
    frame: D2lFrame
    reading: MeterReading | None
    moment: Moment


class WaitingFrames:
    """The newest frames of each dongle. Iterate to get them, oldest first."""

    def __init__(self) -> None:
        self._frames: dict[int, deque[ArrivedFrame]] = {}

    def add(self, frame: ArrivedFrame) -> None:
        """Keep the frame, and drop the oldest of its dongle if there are too many."""
        frames = self._frames.setdefault(frame.dongle.id, deque(maxlen=MOST_OF_A_DONGLE))
        frames.append(frame)

    def __iter__(self) -> Iterator[ArrivedFrame]:
        for frames in self._frames.values():
            yield from frames
