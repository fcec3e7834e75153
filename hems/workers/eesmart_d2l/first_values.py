"""Judge the first values of a meter's registers, which have no past.

In STANDARD the sums prove them: EAST is the sum of EASFxx, and of EASDxx. One wrong value would
break both. HISTORIQUE says nothing twice. There a value is accepted if an ordinary home can have
used so much; a higher one waits until the next frame has confirmed it. Bad sites send zeros for
minutes: one that nothing proves waits for half an hour, unless its whole contract is a day old.
"""

from __future__ import annotations

from collections.abc import Mapping

from hems.protocols.linky.labels import DISTRIBUTOR_INDEXES, OPTION_INDEXES, SUPPLIER_INDEXES
from hems.workers.eesmart_d2l.energy_register import FIRST, NEW, NOTHING, UNLIKELY, Doubt, Limit
from hems.workers.eesmart_d2l.register_redundancy import ROUNDING_WH, TOTAL

ORDINARY_S = 182.5 * 86_400  # at full power: ten years at a twentieth of it, a home's mean
NEW_CONTRACT_S = 86_400.0
CONTRACTS = (SUPPLIER_INDEXES, DISTRIBUTOR_INDEXES, *OPTION_INDEXES.values())


class FirstValues:
    """The values of one frame, of which some registers have no `good` last value."""

    def __init__(self, values: Mapping[str, int], good: Mapping[str, int]) -> None:
        self._values = values
        self._is_first_frame = not good
        self._families = [
            {label: values[label] for label in family if label in values}
            for family in (SUPPLIER_INDEXES, DISTRIBUTOR_INDEXES)
        ]
        self._proven = frozenset[str]() if TOTAL in good else self._proven_by_sums()

    def doubt(self, label: str, limit: Limit) -> Doubt | None:
        """Return why the first value of `label` waits, None if it is accepted."""
        if label in self._proven:
            return None
        value = self._values[label]
        if label == TOTAL and (doubt := self._doubt_of_a_low_total(value)):
            return doubt
        if not value and not self._is_of_new_contract(label, limit):
            return NOTHING
        is_ordinary = 0 < value <= limit.most(ORDINARY_S) and not self._has_sum(label)
        return None if self._is_first_frame and is_ordinary else NEW

    def _proven_by_sums(self) -> frozenset[str]:
        total = self._values.get(TOTAL)
        proven = [
            {TOTAL, *parts}
            for parts in self._families
            if total and abs(sum(parts.values()) - total) <= ROUNDING_WH
        ]
        return frozenset().union(*proven)

    def _doubt_of_a_low_total(self, total: int) -> Doubt | None:
        """Return a doubt if the total is below its parts: after a roll-over, or it is wrong.

        It may exceed them, because a new supplier's registers begin at zero.
        """
        parts, _ = self._families
        expected = sum(parts.values())
        if total >= expected - ROUNDING_WH:
            return None
        evidence = UNLIKELY if not total or total in parts.values() else FIRST
        return Doubt(f"{total} is below {expected}, the sum of EASF01 to EASF10", evidence)

    def _is_of_new_contract(self, label: str, limit: Limit) -> bool:
        """Return whether the registers of the same contract have counted for a day at most."""
        others = next((labels for labels in CONTRACTS if label in labels), ())
        counted = sum(self._values.get(other, 0) for other in others)
        return 0 < counted <= limit.most(NEW_CONTRACT_S)

    def _has_sum(self, label: str) -> bool:
        """Return whether the frame has a sum that should have proved the value."""
        families = [parts for parts in self._families if parts and TOTAL in self._values]
        return any(label == TOTAL or label in parts for parts in families)
