"""Measure how much is written to the disk in an hour: writes wear out flash memory."""

from __future__ import annotations

from collections import deque

HOUR_S = 3600.0
STEP_S = 60.0  # between two samples, so that there are no more than 61 of them
MIN_SPAN_S = 600.0  # a shorter time says nothing about an hour


class DiskWriteRate:
    """The rate of the last hour, from a counter that only grows."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, int]] = deque()

    def per_hour(self, now: float, written: int) -> float | None:
        """Return bytes an hour at monotonic `now` (s), None until MIN_SPAN_S has passed.

        `written` is the counter, in bytes. If it has fallen, it is another disk's.
        """
        samples = self._samples
        if samples and written < samples[-1][1]:
            samples.clear()
        if not samples or now - samples[-1][0] >= STEP_S:
            samples.append((now, written))
        while len(samples) > 1 and now - samples[1][0] >= HOUR_S:
            samples.popleft()
        first_at, first_written = samples[0]
        span_s = now - first_at
        return (written - first_written) / span_s * HOUR_S if span_s >= MIN_SPAN_S else None
