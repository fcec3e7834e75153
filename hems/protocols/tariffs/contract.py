"""A contract with a supplier: its prices by tariff, and what else the bill has.

All amounts are in the home's currency and include taxes; prices are for one kWh. A meter with
registers says itself which tariff counts. For any other meter the contract has the hours of its
tariffs.
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta, tzinfo
from itertools import pairwise

import msgspec

from hems.protocols.tariffs.tariff_hours import DAY_MINUTES, HourRange, boundaries

FIRST_DAY = date(2000, 1, 1)  # of a contract without a date
LOOK_AHEAD_DAYS = 8  # every weekday comes in that time
MONTHS = 12


class Contract(msgspec.Struct, frozen=True):
    """One contract, valid from a day until the next contract.

    It has one `price`, or `prices` by the name of the tariff. `hours` has the times of the tariffs,
    in order: the first one whose time it is counts, and the tariff without hours at all other
    times.
    """

    name: str
    valid_from: date = FIRST_DAY
    price: float | None = None
    prices: Mapping[str, float] = {}
    hours: Mapping[str, tuple[HourRange, ...]] = {}
    standing_charge_month: float | None = None
    standing_charge_year: float | None = None
    feed_in: float | None = None
    subscribed_kva: float | None = None

    @property
    def all_prices(self) -> tuple[float, ...]:
        """Return the prices of all tariffs."""
        return (*self.prices.values(),) if self.price is None else (self.price,)

    def price_of(self, names: Iterable[str]) -> float | None:
        """Return the price of the tariff that has one of these names, None if there is none."""
        if self.price is not None:
            return self.price
        known = {plain_name(name): price for name, price in self.prices.items()}
        return next((known[one] for name in names if (one := plain_name(name)) in known), None)

    def key_of(self, names: Iterable[str]) -> str | None:
        """Return the contract's own name of a tariff that has one of these names."""
        wanted = {plain_name(name) for name in names}
        return next((name for name in self.prices if plain_name(name) in wanted), None)

    def tariff_at(self, when: datetime) -> str | None:
        """Return the tariff that counts at a time of the home; None if only the meter knows."""
        if self.price is not None:
            return self.name
        if not self.hours:
            return None
        weekday, minute = when.weekday(), when.hour * 60 + when.minute
        for name, ranges in self.hours.items():
            if any(one.has(weekday, minute) for one in ranges):
                return name
        return next((name for name in self.prices if name not in self.hours), None)

    def shares(self, begin: datetime, minutes: int) -> dict[str | None, float]:
        """Return which part of the time from `begin` (the home's) on each tariff counts."""
        if self.price is not None or not self.hours:
            return {self.tariff_at(begin): 1.0}
        first = begin.hour * 60 + begin.minute
        edges = boundaries(one for some in self.hours.values() for one in some)
        cuts = sorted({0, minutes, *((edge - first) % DAY_MINUTES for edge in edges)})
        cuts = [cut for cut in cuts if cut <= minutes]
        shares: dict[str | None, float] = {}
        for cut, following in pairwise(cuts):
            name = self.tariff_at(begin + timedelta(minutes=cut))
            shares[name] = shares.get(name, 0.0) + (following - cut) / minutes
        return shares

    def changes_after(self, now: datetime, zone: tzinfo) -> Iterator[tuple[datetime, str | None]]:
        """Yield when another tariff may begin to count after `now`, and which one."""
        if not self.hours:
            return
        edges = sorted(boundaries(one for some in self.hours.values() for one in some))
        for day in range(LOOK_AHEAD_DAYS):
            date_then = now.date() + timedelta(days=day)
            for edge in edges:
                at = datetime(
                    date_then.year,
                    date_then.month,
                    date_then.day,
                    edge // 60,
                    edge % 60,
                    tzinfo=zone,
                )
                if at.timestamp() > now.timestamp():
                    yield at, self.tariff_at(at)

    def standing_charge(self, day: date) -> float:
        """Return the part of the standing charge that one day costs."""
        if self.standing_charge_month is not None:
            return self.standing_charge_month / calendar.monthrange(day.year, day.month)[1]
        return (self.standing_charge_year or 0.0) / (366 if calendar.isleap(day.year) else 365)


def contract_at(contracts: Iterable[Contract], day: date) -> Contract | None:
    """Return the contract of a day, None before the first one."""
    valid = [one for one in contracts if one.valid_from <= day]
    return max(valid, key=lambda one: one.valid_from, default=None)


def plain_name(name: str) -> str:
    """Return what counts of a tariff's name: letters without accents, and digits."""
    letters = unicodedata.normalize("NFKD", name).casefold()
    return re.sub("[^a-z0-9]", "", letters)
