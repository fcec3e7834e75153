"""Use what a STANDARD frame says twice: EAST is the sum of the supplier's registers, EASFxx.

After a change of supplier the two may differ by a constant, so the constant is learned: the rule
is EAST = sum of EASFxx + offset, up to a few Wh of rounding. A single register that its own past
makes implausible is corrected from the others. When all are plausible and the rule is broken, one
of them has a small wrong digit: the distributor's registers (EASDxx) and the register that counts
now (NTARF) say which one. That needs a rule that has held while the registers grew.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Set
from dataclasses import dataclass

from hems.protocols.linky.labels import DISTRIBUTOR_INDEXES, SUPPLIER_INDEXES

TOTAL = "EAST"
PARTS = frozenset(SUPPLIER_INDEXES)
ROUNDING_WH = 2
PROVEN = 2  # frames in which the total and its parts grew by the same
BROKEN = 3  # frames in a row after which the rule no longer holds


@dataclass(frozen=True)
class Proof:
    """What the other registers prove: the wrong register, and its right value (Wh)."""

    label: str
    value: int


class RegisterRedundancy:
    """The rule of one meter, as its accepted values show it."""

    def __init__(self) -> None:
        self._offset: int | None = None
        self._grown = 0  # frames in a row in which the rule held while EAST grew
        self._broken = 0
        self._total = 0
        self._error = 0  # of the newest values, up to ROUNDING_WH

    @property
    def is_proven(self) -> bool:
        return self._grown >= PROVEN

    def continues(self, growth: Mapping[str, int]) -> bool:
        """Learn that the registers grew by `growth`, if they keep the rule; return whether."""
        if self._offset is None:
            return TOTAL not in growth
        total = growth.get(TOTAL, 0)
        error = self._error + total
        for label, grown in growth.items():
            if label in PARTS:
                error -= grown
        if abs(error) > ROUNDING_WH:
            return False
        self._error, self._broken = error, 0
        self._total += total
        self._grown += total > 0
        return True

    def prove(
        self,
        good: Mapping[str, int],
        new: Mapping[str, int],
        doubted: Set[str],
        counting: str,
    ) -> Proof | None:
        """Return the wrong register of the values `new`, None if the others prove none.

        `good` has the last good values, `doubted` the registers that are implausible by
        themselves, and `counting` is the register that NTARF names.
        """
        parts = _parts(good)
        if self._offset is None or TOTAL not in good or not {TOTAL, *parts} <= new.keys():
            return None
        doubts = doubted & frozenset({TOTAL, *parts})
        if not doubts and self._is_broken(new, parts):
            doubts = frozenset({self._suspect(good, new, parts, counting)})
        if len(doubts) != 1:
            return None
        (label,) = doubts
        value = self._expected(label, new, parts)
        is_usable = label == TOTAL or self._grown > 0
        least = good[label] + (0 if self.is_proven else 1)
        return Proof(label, value) if is_usable and value >= least else None

    def forget(self) -> None:
        """Forget the rule, because a register has begun again."""
        self._offset, self._grown, self._broken = None, 0, 0

    def _is_broken(self, new: Mapping[str, int], parts: tuple[str, ...]) -> bool:
        """Return whether plausible values break a proven rule, for a frame or two."""
        is_broken = self.is_proven and not self._holds(new, parts)
        self._broken = self._broken + 1 if is_broken else 0
        return is_broken and self._broken < BROKEN

    def learn(self, values: Mapping[str, int], fresh: Collection[str]) -> None:
        """Remember the rule of accepted `values` if all it needs is in `fresh`, from one frame."""
        parts = _parts(values)
        if not parts or not {TOTAL, *parts} <= {*fresh}:
            return
        if self._offset is not None and self._holds(values, parts):
            self._grown += values[TOTAL] > self._total
        else:
            self.forget()
            self._offset = values[TOTAL] - sum(values[label] for label in parts)
        self._total = values[TOTAL]
        self._error = self._total - self._expected(TOTAL, values, parts)

    def _holds(self, values: Mapping[str, int], parts: tuple[str, ...]) -> bool:
        return abs(values[TOTAL] - self._expected(TOTAL, values, parts)) <= ROUNDING_WH

    def _expected(self, label: str, values: Mapping[str, int], parts: tuple[str, ...]) -> int:
        offset = self._offset or 0
        if label == TOTAL:
            return sum(values[part] for part in parts) + offset
        return values[TOTAL] - offset - sum(values[part] for part in parts if part != label)

    def _suspect(
        self,
        good: Mapping[str, int],
        new: Mapping[str, int],
        parts: tuple[str, ...],
        counting: str,
    ) -> str:
        """Return the register that broke the rule; without proof the one that grew further.

        The others then say the lower value, which the next frames make good if it was too low.
        """
        total_growth = new[TOTAL] - good[TOTAL]
        parts_growth = sum(new[label] - good[label] for label in parts)
        witness = _growth(good, new, DISTRIBUTOR_INDEXES)
        is_total_wrong = total_growth > parts_growth
        if witness is not None and witness > 0:
            is_total_wrong = abs(witness - parts_growth) < abs(witness - total_growth)
        if is_total_wrong:
            return TOTAL
        grown = [label for label in parts if new[label] > good[label]]
        others = [label for label in grown if label != counting]
        return others[0] if len(others) == 1 else counting if counting in grown else TOTAL


def _parts(values: Mapping[str, int]) -> tuple[str, ...]:
    return tuple(label for label in SUPPLIER_INDEXES if label in values)


def _growth(good: Mapping[str, int], new: Mapping[str, int], labels: tuple[str, ...]) -> int | None:
    """Return how far the registers `labels` grew together, None if one is missing."""
    known = [label for label in labels if label in good]
    if not known or not {*known} <= new.keys():
        return None
    return sum(new[label] - good[label] for label in known)
