"""Find the tariff that counts now, its price, and when the price changes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from hems.protocols.tariffs.contract import Contract, contract_at
from hems.protocols.tariffs.energy_costs import shown_tariff
from hems.protocols.tariffs.local_periods import local_day, midnight
from hems.protocols.tariffs.price_levels import PriceLevel, price_level


@dataclass(frozen=True)
class NamedTariff:
    """The names of a register's tariff, and the one for people."""

    names: tuple[str, ...]
    shown_name: str


@dataclass(frozen=True)
class MeterTariffs:
    """What a meter says of its tariffs: which one counts, and which one counts from `next_at` on.

    `next_at` is unix seconds; None if the meter does not say.
    """

    current: NamedTariff | None = None
    following: NamedTariff | None = None
    next_at: float | None = None


@dataclass(frozen=True)
class TariffPrice:
    """A tariff and the price of a kWh, from unix time `at` (s) on."""

    at: float
    name: str
    price: float
    level: PriceLevel


def price_at(
    contracts: Sequence[Contract], meter: MeterTariffs, now: float, zone: tzinfo
) -> TariffPrice | None:
    """Return the tariff and price that count at unix time `now` (s), None if they are not known."""
    contract = contract_at(contracts, local_day(now, zone))
    if contract is None:
        return None
    return _of_meter(contract, meter.current, now) or _of_hours(contract, now, zone)


def next_price(
    contracts: Sequence[Contract], meter: MeterTariffs, now: float, zone: tzinfo
) -> TariffPrice | None:
    """Return the next price that differs from the one of unix time `now` (s), None if unknown."""
    current = price_at(contracts, meter, now, zone)
    contract = contract_at(contracts, local_day(now, zone))
    if current is None or contract is None:
        return None
    begins = (midnight(one.valid_from, zone) for one in contracts)
    following = min((begin for begin in begins if begin > now), default=None)
    candidates = [_in_contract(contract, meter, current, zone)]
    if following is not None:
        candidates.append(_in_next_contract(contracts, following, zone))
    known = [one for one in candidates if one and one.at > now and one.price != current.price]
    return min(known, key=lambda one: one.at, default=None)


def _in_contract(
    contract: Contract, meter: MeterTariffs, current: TariffPrice, zone: tzinfo
) -> TariffPrice | None:
    if meter.next_at is not None:
        return _of_meter(contract, meter.following, meter.next_at)
    here = datetime.fromtimestamp(current.at, zone)
    for at, name in contract.changes_after(here, zone):
        if name is not None and contract.prices[name] != current.price:
            return _priced(contract, at.timestamp(), name, contract.prices[name])
    return None


def _in_next_contract(contracts: Sequence[Contract], at: float, zone: tzinfo) -> TariffPrice | None:
    """Return the price at the begin of the next contract, if it does not depend on the meter."""
    contract = contract_at(contracts, local_day(at, zone))
    return None if contract is None else _of_hours(contract, at, zone)


def _of_meter(contract: Contract, tariff: NamedTariff | None, at: float) -> TariffPrice | None:
    if tariff is None or contract.price is not None:
        return None
    price = contract.price_of(tariff.names)
    if price is None:
        return None
    return _priced(contract, at, shown_tariff(contract, tariff.names, tariff.shown_name), price)


def _of_hours(contract: Contract, at: float, zone: tzinfo) -> TariffPrice | None:
    name = contract.tariff_at(datetime.fromtimestamp(at, zone))
    if name is None:
        return None
    price = contract.prices[name] if contract.price is None else contract.price
    return _priced(contract, at, name, price)


def _priced(contract: Contract, at: float, name: str, price: float) -> TariffPrice:
    return TariffPrice(at, name, price, price_level(price, contract.all_prices))
