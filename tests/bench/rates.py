"""Compare how often codecs run in a second of CPU time, in turns, so that a busy machine slows all.

A codec is a function that runs a number of times and returns the CPU seconds that it took.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from time import process_time
from timeit import Timer

Codec = Callable[[int], float]

TURNS = 25
TURN_S = 0.02
WARM_UP = 500  # runs before the first turn: caches, and the compiler of Node.js


def timed(run: Callable[[], object]) -> Codec:
    """Return `run` as a codec."""
    return Timer(run, timer=process_time).timeit


def median_rates(*codecs: Codec) -> list[float]:
    """Return how often each codec runs in a second: the median of 25 turns of about 20 ms."""
    counts = [max(1, int(TURN_S / codec(WARM_UP) * WARM_UP)) for codec in codecs]
    rates: list[list[float]] = [[] for _ in codecs]
    for _ in range(TURNS):
        for codec, count, of_codec in zip(codecs, counts, rates, strict=True):
            of_codec.append(count / codec(count))
    return [statistics.median(of_codec) for of_codec in rates]
