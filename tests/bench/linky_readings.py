"""Measure D2L frames per second on one core, from the frame to typed values with their units.

The frames are those of a simulated meter, one a minute, and none occurs twice: only what changes
in a minute is decoded again. Zehir's library is measured on the same frames, in turns. It answers
each frame and reads its values too, without bounds and without the times of dated values.
"""

from __future__ import annotations

import gc
import os
import statistics
import time
from collections.abc import Callable
from itertools import cycle
from time import process_time

from loguru import logger

from dev.simulator import linky_payload
from dev.simulator.household import Household
from dev.simulator.linky_variants import KINDS
from hems.clients.mqtt.publisher import MqttPublisher
from hems.protocols.linky.d2l_frames import clock_answer, decode, encode
from hems.protocols.linky.d2l_payload import fields
from hems.protocols.linky.incremental_reading_decoder import ReadingDecoder
from hems.settings.mqtt import MqttSettings
from hems.settings.read_secrets import D2lDevice
from hems.workers.eesmart_d2l.dongle import Dongle
from hems.workers.eesmart_d2l.linky_publication import LinkyPublication
from hems.workers.eesmart_d2l.trusted_clock import TrustedClock
from tests.bench import codec, zehir
from tests.bench.codec import CIPHER, VECTORS
from tests.bench.rates import Codec, median_rates, timed
from tests.bench.table import Row
from tests.fakes.time import FakeTime
from tests.protocols.linky.samples import DEVICE, payload

FRAMES = 2000  # a day and a half; their values do not fit into the memory of decoded values
BEGIN = 1_790_000_000
CODEC_BUDGET = 0.3
PUBLICATION_BUDGET = 1.5


def measure() -> list[Row]:
    """Return the rows of both modes."""
    logger.remove()  # each new meter is logged
    standard, historique = stream("standard"), stream("historique")
    return [
        compared("STANDARD", standard, 8.0),
        compared("HISTORIQUE", historique, 3.0),
        with_values(standard),
        published(standard),
    ]


def stream(kind: str) -> list[bytes]:
    """Return the frames of FRAMES minutes of a simulated meter."""
    meter = KINDS[kind]
    household = Household(DEVICE, meter.calendar, meter.solar_w)
    times = range(BEGIN, BEGIN + 60 * FRAMES, 60)
    values = (linky_payload.values(meter, DEVICE, household.reading(at), at) for at in times)
    return [codec.push(payload(one)) for one in values]


def compared(mode: str, frames: list[bytes], budget: float) -> Row:
    """Return the row that compares the typed values with Zehir's."""
    what = f"D2L to typed values, {mode} frame of {len(frames[0])} B, frames per second"
    limit = f"≥ {budget:g} times Zehir's library"
    if not zehir.is_installed():
        (ours,) = median_rates(over(frames, typed()))
        return Row(what, f"{ours:,.0f} (Zehir not installed: {zehir.INSTALL})", limit)
    with zehir.running(VECTORS["key"], VECTORS["iv"], frames) as theirs:
        ours, peer = median_rates(over(frames, typed()), theirs.run)
    ratio = ours / peer
    return Row(what, f"{ours:,.0f} (Zehir {peer:,.0f}, ratio {ratio:.1f})", limit, ratio >= budget)


def with_values(frames: list[bytes]) -> Row:
    """Return the row that compares frames with typed values and frames without."""
    ours, without = median_rates(over(frames, typed()), over(frames, codec.answer))
    share = ours / without
    return Row(
        "the same, STANDARD, of the codec's rate without typed values",
        f"{share:.0%} of {without:,.0f}",
        f"≥ {CODEC_BUDGET:.0%}",
        share >= CODEC_BUDGET,
    )


def published(frames: list[bytes]) -> Row:
    """Return the row that compares what follows the answer with what leads to it.

    Both are medians, in a meter's frames of a day and a half: in most of them only values change.
    The typed values between the two parts are not measured here.
    """
    gc.collect()
    gc.freeze()  # as the worker does
    clock, settings = FakeTime(epoch=BEGIN), MqttSettings()
    publisher = MqttPublisher(settings, "", "", "bench")
    publication = LinkyPublication(settings, publisher, TrustedClock(clock, is_required=False))
    dongle = Dongle(D2lDevice(DEVICE, bytes(16), bytes(16)), 60)
    answering, publishing = [], []
    for data in frames:
        started = process_time()
        codec.answer(data)
        answered = process_time()
        request = decode(data, CIPHER)
        reading = dongle.decoder.decode(fields(request.payload, DEVICE))
        parsed = process_time()
        publication.publish(dongle, request, reading)
        answering.append(answered - started)
        publishing.append(process_time() - parsed)
        clock.now += 60
    before, after = statistics.median(answering), statistics.median(publishing)
    ratio = after / before
    return Row(
        "a reading's validation, entities and state, STANDARD, of decoding and answering its frame",
        f"{after * 1e6:.0f} us of {before * 1e6:.0f} us, ratio {ratio:.2f}",
        f"≤ {PUBLICATION_BUDGET:g} times",
        ratio <= PUBLICATION_BUDGET,
    )


def over(frames: list[bytes], run: Callable[[bytes], object]) -> Codec:
    """Return `run` over the frames, one after the other, as a codec."""
    following = cycle(frames)
    return timed(lambda: run(next(following)))


def typed() -> Callable[[bytes], bytes]:
    """Return what decodes and answers a frame of one meter, its values typed."""
    decoder = ReadingDecoder()

    def answered(data: bytes) -> bytes:
        request = decode(data, CIPHER)
        decoder.decode(fields(request.payload, request.device_id))
        return encode(clock_answer(request, time.time(), os.urandom(16)), CIPHER)

    return answered
