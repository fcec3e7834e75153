"""The most energy that a meter can have counted: from its ratings, its phases and elapsed time."""

from __future__ import annotations

from collections.abc import Mapping

from hems.protocols.linky.meter_reading import LinkyMode, MeterReading
from hems.workers.eesmart_d2l.confirmation import CONFIRMED, ConfirmedValues

DEFAULT_VA = 36_000  # the largest Linky of a home
LARGEST_VA = 250_000  # the largest connection at low voltage
NOMINAL_V = 230
OVERLOAD = 1.3  # above its rating by more than this, a Linky cuts off within seconds
SLACK_S = 5.0  # a frame's labels are not read at the same moment
SLACK_WH = 2  # an index counts whole Wh
SECONDS_PER_HOUR = 3600.0
POWERS = ("PCOUP", "PREF")  # the cut-off power is the higher one if the two differ
CURRENT = "ISOUSC"
RATINGS = (*POWERS, CURRENT)


class MeterCapacity:
    """What one meter can carry. A change of a rating counts once it is confirmed.

    `ratings`: the confirmed ones by label, PCOUP and PREF in VA, ISOUSC in A; a new object after
    each change. `volt_amperes`: what the meter is set to carry.
    """

    def __init__(self) -> None:
        self._ratings = ConfirmedValues[int]()
        self.volt_amperes = DEFAULT_VA
        self._mode = LinkyMode.STANDARD
        self._phases = 1

    def remember(self, ratings: Mapping[str, int]) -> None:
        """Start with the ratings that were confirmed before a restart."""
        known = {label: value for label, value in ratings.items() if _is_possible(label, value)}
        self._ratings.remember(known)
        self._update()

    @property
    def ratings(self) -> Mapping[str, int]:
        return self._ratings.values

    @property
    def is_settled(self) -> bool:
        """Return whether no rating is doubted."""
        return self._ratings.is_settled

    def accept(self, reading: MeterReading, now: float) -> None:
        """Take the ratings of a reading that arrived at monotonic `now` (s)."""
        before = self.ratings, self._phases, self._mode
        self._mode = reading.mode
        if not reading.is_single_phase:
            self._phases = 3
        for label in RATINGS:
            measured = reading.measurements.get(label)
            if measured is not None and _is_possible(label, measured.value):
                self._ratings.accept(label, measured.value, CONFIRMED, now)
        if (self.ratings, self._phases, self._mode) != before:
            self._update()

    def _update(self) -> None:
        """Set what the meter can carry: by the labels of its mode, else by those of the other."""
        ratings = self.ratings
        amperes = ratings.get(CURRENT, 0)
        by_current = min(LARGEST_VA, amperes * NOMINAL_V * self._phases)
        by_power = next((ratings[label] for label in POWERS if label in ratings), 0)
        volt_amperes = by_power or by_current
        if self._mode is LinkyMode.HISTORIQUE:
            volt_amperes = by_current or by_power
        self.volt_amperes = volt_amperes or DEFAULT_VA

    def energy_wh(self, seconds: float) -> float:
        """Return the most that a register can count in `seconds`."""
        return SLACK_WH + OVERLOAD * self.volt_amperes * (seconds + SLACK_S) / SECONDS_PER_HOUR

    def injected_wh(self, seconds: float) -> float:
        """Return the same for a register of the energy injected, which no contract limits."""
        most_va = max(DEFAULT_VA, self.volt_amperes)
        return SLACK_WH + OVERLOAD * most_va * (seconds + SLACK_S) / SECONDS_PER_HOUR


def _is_possible(label: str, value: int) -> bool:
    most = LARGEST_VA if label in POWERS else LARGEST_VA // NOMINAL_V
    return 0 < value <= most
