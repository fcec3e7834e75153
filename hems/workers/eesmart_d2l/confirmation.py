"""Count doubted values in a row that agree with each other, on the gateway's own clock.

A doubted value is accepted when enough of them agree, because a meter can be replaced and its
clock can be set. Bad sites send five wrong values in a row, and anybody can repeat old frames in
a burst: therefore a confirmation needs more readings than that, and minutes of our own clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Value = TypeVar("Value", int, str)


@dataclass(frozen=True)
class Evidence:
    """How many readings in a row must agree, and the time between the first and the last (s)."""

    readings: int
    seconds: float


CONFIRMED = Evidence(6, 240.0)
LONGEST_GAP_S = 300.0  # between two frames that confirm each other


@dataclass
class Confirmation:
    """The values in a row that agree."""

    count: int = field(default=0, init=False)
    _began_at: float = field(default=0.0, init=False)

    def add(self, now: float, *, agrees: bool) -> None:
        """Count a value at monotonic `now` (s) that `agrees` with those before it."""
        if not agrees or not self.count:
            self.count, self._began_at = 0, now
        self.count += 1

    def has(self, evidence: Evidence, now: float) -> bool:
        """Return whether the values in a row are enough at monotonic `now` (s)."""
        return self.count >= evidence.readings and now - self._began_at >= evidence.seconds

    def clear(self) -> None:
        """Forget the values, because another one came in between."""
        self.count = 0


class UnprovenFrames:
    """The frames of a dongle that have no reading, such as all of one without a meter.

    Nothing in one of them proves that it was not forged, but nobody has luck so often.
    """

    def __init__(self) -> None:
        self._frames = Confirmation()
        self._newest_at = 0.0

    def add(self, now: float) -> bool:
        """Count one at monotonic `now` (s); return whether there are enough in a row."""
        self._frames.add(now, agrees=now - self._newest_at <= LONGEST_GAP_S)
        self._newest_at = now
        return self._frames.has(CONFIRMED, now)


@dataclass
class _Unconfirmed(Generic[Value]):
    value: Value
    doubts: Confirmation = field(default_factory=Confirmation)


class ConfirmedValues(Generic[Value]):
    """Values by label. The first of a label counts at once, another one once it is confirmed.

    `values` is a new object after each change.
    """

    def __init__(self) -> None:
        self.values: Mapping[str, Value] = {}
        self._doubted: dict[str, _Unconfirmed[Value]] = {}

    def remember(self, values: Mapping[str, Value]) -> None:
        """Take values that need no confirmation."""
        self.values = values

    @property
    def is_settled(self) -> bool:
        """Return whether no value is doubted."""
        return not self._doubted

    def accept(self, label: str, value: Value, evidence: Evidence, now: float = 0.0) -> None:
        """Take a label's value of monotonic `now` (s): another one needs `evidence`."""
        if value == self.values.get(label):
            self._doubted.pop(label, None)
            return
        doubted = self._doubted.get(label)
        if doubted is None or doubted.value != value:
            doubted = self._doubted[label] = _Unconfirmed(value)
        doubted.doubts.add(now, agrees=True)
        if label not in self.values or doubted.doubts.has(evidence, now):
            del self._doubted[label]
            self.values = {**self.values, label: value}
