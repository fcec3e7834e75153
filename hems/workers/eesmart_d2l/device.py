"""One dongle: its key, its allowance of frames, and what it sent lately."""

from __future__ import annotations

from loguru import logger

from hems.protocols.d2l import Cipher, Frame, decode, format_id
from hems.settings.secrets import D2lDevice
from hems.workers.eesmart_d2l.meter import Meter
from hems.workers.eesmart_d2l.refusals import Reason, Refused

REMEMBERED_FRAMES = 4096  # nearly three days at a frame a minute
REPEATS_PER_MINUTE = 10


class Allowance:
    """How many frames may come: `per_minute`, which is also the burst."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._left = float(per_minute)
        self._at = 0.0

    def spend(self, now: float) -> None:
        """Take one frame at monotonic `now` (s); raise Refused if there is none left."""
        earned = (now - self._at) * self._per_minute / 60
        self._left = min(float(self._per_minute), self._left + earned)
        self._at = now
        if self._left < 1:
            raise Refused(Reason.RATE, f"expected at most {self._per_minute} a minute")
        self._left -= 1


class Device:
    """The state of one dongle in the allow-list."""

    def __init__(self, device: D2lDevice, frames_per_minute: int) -> None:
        self.id = device.id
        self.name = format_id(device.id)
        self.cipher = Cipher(device.key, device.iv)
        self.meter = Meter()
        self.firmware = ""
        self.wants_firmware_update = False
        self.last_frame_at: float | None = None  # monotonic seconds
        self.frames = 0
        self._has_error = False
        self._allowance = Allowance(frames_per_minute)
        self._repeats = Allowance(REPEATS_PER_MINUTE)
        self._randoms: dict[bytes, None] = {}  # a set that keeps its order

    def open(self, data: bytes, now: float) -> tuple[Frame, bool]:
        """Decrypt a whole frame that came at monotonic `now` (s); tell whether it is new.

        Raises ProtocolError if it is not authentic, Refused if it is a response or one
        frame too many. Neither a forged frame nor one sent again uses up what the device
        itself may send, nor do they count as signs of life.
        """
        frame = decode(data, self.cipher)
        if frame.is_response:
            raise Refused(Reason.RESPONSE, f"type {frame.type} with the response bit set")
        if frame.random in self._randoms:
            self._repeats.spend(now)
            return frame, False
        self._allowance.spend(now)
        self._remember(frame.random)
        if not self.frames:
            logger.info("device {}: first frame", self.name)
        self.last_frame_at = now
        self.frames += 1
        if frame.has_error != self._has_error:
            self._has_error = frame.has_error
            logger.warning("device {}: error bit {:d}", self.name, frame.has_error)
        return frame, True

    def _remember(self, random: bytes) -> None:
        self._randoms[random] = None
        if len(self._randoms) > REMEMBERED_FRAMES:
            del self._randoms[next(iter(self._randoms))]
