"""Count what one door of the gateway refused in the last hour, by source; too much is a problem.

A door is where somebody may knock: the meters' port, MQTT, the pages. Pure values: time is an
argument, in seconds of one monotonic clock.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator

from hems.protocols.gateway.problem_kinds import ACCESS_REFUSED
from hems.supervision.worker.problem import ReportedProblem

HOUR_S = 3600.0
SLOT_S = 300.0
MOST_SOURCES = 64  # that are counted one by one in a slot, whoever knocks
OTHERS = "others"
PROBLEM = 100  # in an hour; a device with a wrong key tries once a minute


class RefusalsOfAnHour:
    """The refusals at one `door`, as the problem names it."""

    def __init__(self, door: str) -> None:
        self._door = door
        self._slots: deque[tuple[float, Counter[str]]] = deque()  # (its begin, counts by source)
        self._named = ""

    def add(self, source: str, now: float, count: int = 1) -> None:
        """Count `count` refusals of `source`, an address or a name, at `now`."""
        self._forget(now)
        if not self._slots or now - self._slots[-1][0] >= SLOT_S:
            self._slots.append((now, Counter()))
        counts = self._slots[-1][1]
        is_known = source in counts or len(counts) < MOST_SOURCES
        counts[source if is_known else OTHERS] += count

    def count(self, now: float) -> int:
        """Return how many there were in the hour before `now`, to within SLOT_S."""
        self._forget(now)
        return sum(counts.total() for _, counts in self._slots)

    def problems(self, now: float) -> Iterator[ReportedProblem]:
        """Yield the problem if there were more than PROBLEM refusals in the hour before `now`."""
        count = self.count(now)
        if count <= PROBLEM:
            self._named = ""
            return
        power = PROBLEM
        while power * 10 < count:  # a text that is stable: every change of it is published
            power *= 10
        found = f"more than {power} in an hour, most of them from {self._main_source()}"
        yield ACCESS_REFUSED.found(found, self._door)

    def _main_source(self) -> str:
        """Return the source of most; the one before for as long as it has half as many."""
        counts: Counter[str] = Counter()
        for _, slot in self._slots:
            counts.update(slot)
        source, most = counts.most_common(1)[0]
        if counts[self._named] < most / 2:
            self._named = source
        return self._named

    def _forget(self, now: float) -> None:
        while self._slots and now - self._slots[0][0] >= HOUR_S + SLOT_S:
            self._slots.popleft()
