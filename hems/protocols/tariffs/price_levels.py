"""Say whether a price is cheap or expensive: compared with the other prices of its contract.

The lowest price is cheap and the highest expensive; a price that is less than a tenth away from one
of them counts as that one, and every other is normal. So Tempo's blue off-peak hours are cheap, and
only the peak hours of a red day are expensive. A contract whose prices differ by less than a tenth
has normal ones only.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

NEAR = 0.1  # of the lowest or highest price


class PriceLevel(StrEnum):
    """The level of a price."""

    CHEAP = "cheap"
    NORMAL = "normal"
    EXPENSIVE = "expensive"


def price_level(price: float, prices: Collection[float]) -> PriceLevel:
    """Return the level of a price among all `prices` of its contract."""
    lowest, highest = min(prices), max(prices)
    if highest - lowest < NEAR * highest:
        return PriceLevel.NORMAL
    if price < lowest * (1 + NEAR) or price == lowest:
        return PriceLevel.CHEAP
    return PriceLevel.EXPENSIVE if price > highest * (1 - NEAR) else PriceLevel.NORMAL
