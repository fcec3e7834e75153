"""One dongle: its key, its allowance of frames, and what it sent lately."""

from __future__ import annotations

from collections import deque

from loguru import logger

from hems.protocols.d2l import Cipher, Frame, decode, format_id
from hems.settings.secrets import D2lDevice
from hems.workers.eesmart_d2l.meter import Meter
from hems.workers.eesmart_d2l.refusals import Reason, Refused

REMEMBERED_FRAMES = 256  # some four hours at a frame a minute


class Device:
    """The state of one dongle in the allow-list. `frames_per_minute` is also the burst."""

    def __init__(self, device: D2lDevice, frames_per_minute: int) -> None:
        self.id = device.id
        self.name = format_id(device.id)
        self.cipher = Cipher(device.key, device.iv)
        self.meter = Meter()
        self.wants_firmware_update = False
        self.last_frame_at: float | None = None  # monotonic seconds
        self.frames = 0
        self._has_error = False
        self._per_minute = frames_per_minute
        self._allowance = float(frames_per_minute)
        self._allowance_at = 0.0  # monotonic seconds
        self._randoms: deque[bytes] = deque(maxlen=REMEMBERED_FRAMES)

    def open(self, data: bytes, now: float) -> Frame:
        """Decrypt a whole frame that came at monotonic `now` (s).

        Raises ProtocolError if it is not authentic, Refused if it is a response or
        one frame too many. A forged frame does not use up the device's allowance.
        """
        frame = decode(data, self.cipher)
        if frame.is_response:
            raise Refused(Reason.RESPONSE, f"type {frame.type} with the response bit set")
        self._spend_allowance(now)
        if frame.has_error != self._has_error:
            self._has_error = frame.has_error
            logger.warning("device {}: error bit {:d}", self.name, frame.has_error)
        self.last_frame_at = now
        self.frames += 1
        return frame

    def is_repeated(self, frame: Frame) -> bool:
        """Tell whether this frame's random was seen lately, and remember it."""
        if frame.random in self._randoms:
            return True
        self._randoms.append(frame.random)
        return False

    def _spend_allowance(self, now: float) -> None:
        earned = (now - self._allowance_at) * self._per_minute / 60
        self._allowance = min(float(self._per_minute), self._allowance + earned)
        self._allowance_at = now
        if self._allowance < 1:
            limit = f"expected at most {self._per_minute} a minute"
            raise Refused(Reason.RATE, f"device {self.name}: {limit}")
        self._allowance -= 1
