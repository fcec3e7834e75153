"""Publish a dongle to MQTT: Home Assistant's discovery, the meter's state, the availability.

linky_topics.py lists the topics.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from loguru import logger

from hems.clients.mqtt.publisher import OFFLINE, ONLINE, MqttPublisher
from hems.errors import ProtocolError
from hems.protocols.linky.d2l_frames import D2lFrame, PayloadType
from hems.protocols.linky.meter_reading import MeterReading
from hems.protocols.translations import ENGLISH
from hems.settings.mqtt import MqttSettings
from hems.workers.eesmart_d2l import retained_state
from hems.workers.eesmart_d2l.dongle import Dongle, is_plain
from hems.workers.eesmart_d2l.frames_before_retained_state import ArrivedFrame, WaitingFrames
from hems.workers.eesmart_d2l.linky_discovery import ENCODE, LinkyDiscovery
from hems.workers.eesmart_d2l.linky_topics import LinkyTopics
from hems.workers.eesmart_d2l.reading_validation import AcceptedReading
from hems.workers.eesmart_d2l.refused_frames import FrameRefused, RefusalReason
from hems.workers.eesmart_d2l.trusted_clock import Moment, TrustedClock

NAMED_FAULTS = 10  # in one line of the log


class LinkyPublication:
    """Publishes dongles and their meters."""

    def __init__(
        self,
        mqtt: MqttSettings,
        publisher: MqttPublisher,
        clock: TrustedClock,
        language: str = ENGLISH,
    ) -> None:
        self._topics = LinkyTopics(mqtt)
        self._publisher = publisher
        self._clock = clock
        self._discovery = LinkyDiscovery(mqtt, publisher, language)
        self._waiting: WaitingFrames | None = None

    @property
    def is_waiting(self) -> bool:
        """Return whether frames wait for `begin`."""
        return self._waiting is not None

    def wait(self) -> None:
        """Let frames wait for `begin`: the first is judged by what was published before."""
        self._waiting = WaitingFrames()

    def begin(
        self, dongles: Collection[Dongle], retained: Mapping[str, bytes]
    ) -> Iterator[FrameRefused]:
        """Take the `retained` messages, by topic; publish what waits, and yield what is refused.

        A dongle that is not one of `dongles` any more is published as offline.
        """
        for dongle in dongles:
            try:
                self._recall(dongle, retained)
            except ProtocolError as error:
                logger.warning("retained by the broker: {}; the next reading replaces it", error)
        names = {dongle.name for dongle in dongles}
        for topic, payload in retained.items():
            name = self._topics.dongle_of(topic)
            if name is not None and name not in names and payload != OFFLINE.encode():
                self._publisher.set(topic, OFFLINE.encode())
                logger.info("device {} is not listed any more: offline", name)
        waiting, self._waiting = self._waiting, None
        for frame in waiting or ():
            try:
                self._publish(*frame)
            except FrameRefused as refused:
                yield refused

    def publish(self, dongle: Dongle, frame: D2lFrame, reading: MeterReading | None) -> None:
        """Publish a new frame and its reading, None if it has none or a malformed one.

        Raises FrameRefused for a reading, or a part of it, that is not plausible; publishes the
        rest before.
        """
        moment = self._clock.now()
        if self._waiting is None:
            self._publish(dongle, frame, reading, moment)
        else:
            self._waiting.add(ArrivedFrame(dongle, frame, reading, moment))

    def forget_old_power(self, dongle: Dongle, now: float) -> None:
        """Publish the power as unknown once the next reading is overdue at monotonic `now` (s)."""
        if dongle.published.is_power_old(now):
            self._forget_power(dongle)

    def _forget_power(self, dongle: Dongle) -> None:
        """Publish the estimated power as unknown: no newer total supports it."""
        if dongle.published.forget_power():
            self._publish_state(dongle)

    def _recall(self, dongle: Dongle, retained: Mapping[str, bytes]) -> None:
        """Take what was published before a restart. Raises ProtocolError if it is malformed."""
        if payload := retained.get(self._topics.state(dongle.name)):
            state = retained_state.decode_state(payload, f"the state of {dongle.name}")
            last_good = retained_state.last_good(state)
            dongle.meter.remember(last_good)
            dongle.schedules.recall(last_good.meter_time, state)
            dongle.wants_firmware_update = state.get("firmware_update_wanted") is True
            if dongle.published.recall(state):
                self._publish_state(dongle)
        if payload := retained.get(self._topics.config(dongle.name)):
            self._discovery.recall(dongle, payload)

    def _publish(
        self, dongle: Dongle, frame: D2lFrame, reading: MeterReading | None, moment: Moment
    ) -> None:
        if frame.type == PayloadType.FIRMWARE_UPDATE:
            dongle.wants_firmware_update = True
        accepted = reading and self._accepted(dongle, reading, moment)
        if accepted:
            change = dongle.schedules.next_change(accepted.reading, accepted.changed)
            new = dongle.entity_cache.update(accepted.reading, change, accepted.changed)
            self._discover(dongle, accepted)
            dongle.published.show_reading(dongle.entity_cache.state, accepted, new)
        else:
            self._show_dongle(dongle, frame, moment)
        dongle.published.show_firmware(is_wanted=dongle.wants_firmware_update)
        self._publish_state(dongle)
        if accepted:
            is_life = accepted.is_newer and is_plain(frame.payload)
        else:  # a dongle whose readings are known proves itself with them
            has_enough = dongle.without_reading.add(moment.monotonic)
            is_life = has_enough and not dongle.meter.is_known
        if is_life:
            self._show_life(dongle, moment)
        if accepted:
            _refuse_implausible(dongle, accepted)

    def _show_life(self, dongle: Dongle, moment: Moment) -> None:
        """Show that the dongle is there: somebody may have made any other frame from old ones."""
        dongle.last_life_at = moment.monotonic
        if self._set_availability(dongle, ONLINE):
            logger.info("device {}: frames arrive", dongle.name)

    def _accepted(self, dongle: Dongle, reading: MeterReading, moment: Moment) -> AcceptedReading:
        """Return the reading as the dongle's meter accepts it. Raises FrameRefused."""
        try:
            return dongle.meter.accept(reading, moment)
        except FrameRefused as refused:
            self._forget_power(dongle)
            raise FrameRefused(refused.reason, refused.detail, dongle.name) from None

    def _show_dongle(self, dongle: Dongle, frame: D2lFrame, moment: Moment) -> None:
        """Show a dongle that sent a frame without a reading, or with a malformed one."""
        if dongle.entities.show_dongle():
            self._discovery.publish(dongle)
        dongle.published.show_frame(moment)
        if frame.type == PayloadType.PUSH_JSON:
            dongle.published.forget_power()

    def _publish_state(self, dongle: Dongle) -> None:
        self._publisher.set(self._topics.state(dongle.name), ENCODE(dongle.published.values))

    def publish_silence(self, dongle: Dongle) -> None:
        """Publish that the dongle has sent no frame for a long time."""
        if self._set_availability(dongle, OFFLINE):
            logger.warning("device {}: no frames arrive", dongle.name)

    def _discover(self, dongle: Dongle, accepted: AcceptedReading) -> None:
        """Publish the dongle's entities if they, or the firmware, have changed."""
        reading = accepted.reading
        is_changed = dongle.entities.take(
            reading,
            dongle.entity_cache.keys,
            is_whole=accepted.is_whole,
            has_total=accepted.total is not None,
        )
        if reading.firmware not in ("", dongle.firmware):
            dongle.wants_firmware_update &= not dongle.firmware
            dongle.firmware = reading.firmware
            is_changed = True
        if is_changed:
            self._discovery.publish(dongle)

    def _set_availability(self, dongle: Dongle, availability: str) -> bool:
        """Publish the availability if it has changed; return whether it has."""
        if dongle.published.availability == availability:
            return False
        dongle.published.availability = availability
        topic = self._topics.availability(dongle.name)
        self._publisher.set(topic, availability.encode())
        return True


def _refuse_implausible(dongle: Dongle, accepted: AcceptedReading) -> None:
    """Raise FrameRefused for the parts of a published reading that are not plausible."""
    registers = accepted.registers
    if not (registers.held or registers.corrected or accepted.reading.malformed):
        return
    faults = [
        *(f"{label} is held: {reason}" for label, reason in registers.held.items()),
        *(f"{label} is corrected: {reason}" for label, reason in registers.corrected.items()),
    ]
    if faults:
        raise FrameRefused(RefusalReason.INDEX, ", ".join(faults), dongle.name)
    if accepted.reading.malformed:
        faults = [f"{label}: {fault}" for label, fault in accepted.reading.malformed.items()]
        detail = f"left out: {'; '.join(faults[:NAMED_FAULTS])}"
        raise FrameRefused(RefusalReason.VALUE, detail, dongle.name)
