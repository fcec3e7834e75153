"""The state of one D2L dongle: its key, its frame limits, its meter, and its recent frames."""

from __future__ import annotations

from dataclasses import dataclass

from loguru import logger

from hems.backoff_and_rate_limits import TokenBucket
from hems.errors import ProtocolError
from hems.protocols.linky import d2l_payload, meter_reading
from hems.protocols.linky.d2l_frames import (
    D2lCipher,
    D2lFrame,
    PayloadType,
    decode,
    format_id,
)
from hems.protocols.linky.incremental_reading_decoder import ReadingDecoder
from hems.protocols.linky.linky_entity_cache import LinkyEntityCache
from hems.protocols.linky.next_tariff_change import TariffSchedules
from hems.settings.read_secrets import D2lDevice
from hems.workers.eesmart_d2l.confirmation import UnprovenFrames
from hems.workers.eesmart_d2l.dongle_mqtt_state import DongleMqttState
from hems.workers.eesmart_d2l.keep_or_remove_entities import DongleEntities
from hems.workers.eesmart_d2l.meter_clock import TOLERANCE_S
from hems.workers.eesmart_d2l.reading_validation import LinkyMeter, is_later
from hems.workers.eesmart_d2l.refused_frames import FrameRefused, RefusalReason

REMEMBERED_FRAMES = 4096  # nearly three days at one frame a minute
REPEATS_PER_MINUTE = 10
EXCESS_S = 0.02  # between two answers to frames beyond the limit: 50 a second cost little
PLAIN = bytes(range(0x20, 0x7F)) + b"\t\n\r"  # what a payload has that nobody has changed
LONGEST_PAUSE_S = 2.0  # a dongle waits 3 s, and what waits takes a connection and memory


@dataclass(frozen=True)
class ReceivedFrame:
    """An authentic frame; nothing is known about its payload yet.

    `pause_s`: how long its answer waits, because the dongle sends too many frames; else 0.
    """

    dongle: Dongle
    frame: D2lFrame
    is_new: bool
    pause_s: float

    @property
    def is_excess(self) -> bool:
        return self.pause_s > 0


class Dongle:
    """One dongle of the allow-list D2L_DEVICES."""

    def __init__(self, device: D2lDevice, frames_per_minute: int) -> None:
        self.id = device.id
        self.name = format_id(device.id)
        self.cipher = D2lCipher(device.key, device.iv)
        self.decoder = ReadingDecoder()
        self.meter = LinkyMeter()
        self.entities = DongleEntities()
        self.entity_cache = LinkyEntityCache()
        self.schedules = TariffSchedules()
        self.published = DongleMqttState()
        self.without_reading = UnprovenFrames()
        self.firmware = ""
        self.wants_firmware_update = False
        self.last_frame_at: float | None = None  # monotonic seconds; it may have been forged
        self.last_life_at: float | None = None  # the same of a reading that nobody can forge
        self.frames = 0
        self.refusal = ""  # why the newest frame with its id was not authentic, if it was not
        self._has_error = False
        self._new_frames = TokenBucket(frames_per_minute)
        self._repeats = TokenBucket(REPEATS_PER_MINUTE)
        self._next_excess_at = 0.0
        self._proven_time: int | None = None
        self._randoms: dict[bytes, None] = {}  # a set that keeps its order

    def open(
        self, data: bytes, now: float, *, wall: float | None = None, must_prove: bool = False
    ) -> ReceivedFrame:
        """Decrypt and check a whole frame that arrived at monotonic `now` (s).

        Raises ProtocolError if the frame is not authentic, FrameRefused if it is a response, or if
        it `must_prove` that its CRC was not guessed, and does not. `wall`: the same moment in unix
        seconds, None while they are not trusted.
        Forged and repeated frames do not count against the dongle's own limit, and are no sign of
        life.
        """
        try:
            frame = decode(data, self.cipher)
        except ProtocolError as error:
            self.refusal = str(error)
            raise
        if must_prove and not self._is_proven(frame, wall):
            raise FrameRefused(RefusalReason.TRIES, "it may have been guessed", self.name)
        self.refusal = ""
        if frame.is_response:
            detail = f"type {frame.type} with the response bit set"
            raise FrameRefused(RefusalReason.RESPONSE, detail, self.name)
        if frame.random in self._randoms:
            return ReceivedFrame(
                self, frame, is_new=False, pause_s=self._pause_s(self._repeats, now)
            )
        self._remember(frame.random)
        self.last_frame_at = now
        self.frames += 1
        if frame.has_error != self._has_error:
            self._has_error = frame.has_error
            change = "sets" if frame.has_error else "clears"
            logger.warning("device {} {} the error bit of its frames", self.name, change)
        return ReceivedFrame(self, frame, is_new=True, pause_s=self._pause_s(self._new_frames, now))

    def _is_proven(self, frame: D2lFrame, wall: float | None) -> bool:
        """Return whether the frame has a reading that is later than all before.

        Whoever has no key can repeat the blocks of frames that he heard, and change what follows a
        block that he spoils. So he has no later time without spoilt bytes in the payload.
        """
        if frame.type != PayloadType.PUSH_JSON or not is_plain(frame.payload):
            return False
        try:
            reading = meter_reading.parse(d2l_payload.fields(frame.payload, self.id))
        except ProtocolError:
            return False
        times = [time for time in (self.meter.time, self._proven_time) if time is not None]
        if not times and (wall is None or abs((reading.time or 0) - wall) > TOLERANCE_S):
            return False
        if not is_later(reading, max(times, default=None)):
            return False
        self._proven_time = reading.time
        return True

    def _remember(self, random: bytes) -> None:
        self._randoms[random] = None
        if len(self._randoms) > REMEMBERED_FRAMES:
            del self._randoms[next(iter(self._randoms))]

    def _pause_s(self, bucket: TokenBucket, now: float) -> float:
        """Take a token; return how long the frame's answer waits if none is left, else 0."""
        if bucket.take(now):
            return 0.0
        next_at = max(now, self._next_excess_at) + EXCESS_S
        self._next_excess_at = min(next_at, now + LONGEST_PAUSE_S)
        return self._next_excess_at - now


def is_plain(payload: bytes) -> bool:
    """Return whether a payload has only characters that a dongle sends: no block was spoilt.

    16 random bytes are plain once in five million times.
    """
    return not payload.translate(None, PLAIN)
