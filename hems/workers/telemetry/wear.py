"""How much is written to the disk: what wears a flash, whoever writes it."""

from __future__ import annotations

from collections import deque

HOUR_S = 3600.0
STEP_S = 60.0  # between two samples that are kept, so that there are no more than 61
LEAST_S = 600.0  # a rate of less time says nothing about an hour


class Wear:
    """The rate of the last hour, out of a counter that only grows."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, int]] = deque()

    def per_hour(self, now: float, written: int) -> float | None:
        """Return bytes an hour at monotonic `now` (s), None until enough time has passed.

        `written` is the counter, in bytes. One that has fallen is another disk's.
        """
        samples = self._samples
        if samples and written < samples[-1][1]:
            samples.clear()
        if not samples or now - samples[-1][0] >= STEP_S:
            samples.append((now, written))
        while len(samples) > 1 and now - samples[1][0] >= HOUR_S:
            samples.popleft()
        begun, first = samples[0]
        elapsed_s = now - begun
        return (written - first) / elapsed_s * HOUR_S if elapsed_s >= LEAST_S else None
