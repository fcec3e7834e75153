"""Calculate what energy costs: of each register and time, with the price that was valid then."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import pairwise

from hems.protocols.tariffs.contract import Contract, contract_at
from hems.protocols.tariffs.energy_time_series import EnergySeries
from hems.protocols.tariffs.local_periods import Period, days, local_day, midnight

UNPRICED_PART, UNPRICED_WH = 0.02, 500.0  # more without a price, and the costs are unknown
WH = 1000.0  # in a kWh


@dataclass(frozen=True)
class Register:
    """The series of one register of a meter, and the names of its tariff, the shown one first."""

    names: tuple[str, ...]
    series: EnergySeries
    shown_name: str = ""


@dataclass(frozen=True)
class BilledMeter:
    """A meter at the grid: its totals, and its registers if the meter knows the tariffs."""

    totals: tuple[EnergySeries, ...]
    registers: tuple[Register, ...] = ()

    def energy(self, period: Period) -> float | None:
        """Return what it counted in a period (Wh), None if that is not known."""
        known = [wh for one in self.totals if (wh := one.energy(period)) is not None]
        return sum(known) if known else None


@dataclass(frozen=True)
class TariffCost:
    """The energy of one tariff at one price for a kWh."""

    name: str
    price: float
    wh: float

    @property
    def cost(self) -> float:
        return self.wh / WH * self.price


@dataclass(frozen=True)
class Costs:
    """The costs of a period by tariff, and its standing charge."""

    by_tariff: tuple[TariffCost, ...]
    standing_charge: float = 0.0

    @property
    def total(self) -> float:
        return sum(one.cost for one in self.by_tariff) + self.standing_charge


def costs(
    meters: Sequence[BilledMeter], contracts: Sequence[Contract], period: Period, zone: tzinfo
) -> Costs | None:
    """Return what the energy of the meters costs in a period, None if too much has no price."""
    priced: list[TariffCost] = []
    total = 0.0
    has_energy = False
    for meter in meters:
        for part in _parts(contracts, period, zone):
            wh = meter.energy(part)
            if wh is None:
                continue
            has_energy = True
            total += wh
            contract = contract_at(contracts, local_day(part.begin, zone))
            if contract is not None:
                priced += _of_contract(meter, contract, part, zone)
    unpriced = total - sum(one.wh for one in priced)
    if not has_energy or unpriced > max(UNPRICED_WH, UNPRICED_PART * total):
        return None
    charges = (
        contract.standing_charge(day)
        for day in days(period, zone)
        if (contract := contract_at(contracts, day)) is not None
    )
    return Costs(_merged(priced), sum(charges))


def revenue(
    series: Sequence[EnergySeries], contracts: Sequence[Contract], period: Period, zone: tzinfo
) -> Costs | None:
    """Return what is paid for the exported energy of a period, None if it has no price."""
    paid: list[TariffCost] = []
    has_energy = False
    for one in series:
        for part in _parts(contracts, period, zone):
            wh = one.energy(part)
            if wh is None:
                continue
            has_energy = True
            contract = contract_at(contracts, local_day(part.begin, zone))
            if contract is not None and contract.feed_in is not None:
                paid.append(TariffCost(contract.name, contract.feed_in, wh))
            elif wh:
                return None
    return Costs(_merged(paid)) if has_energy else None


def _parts(contracts: Sequence[Contract], period: Period, zone: tzinfo) -> Iterator[Period]:
    """Yield the parts of a period in which one contract is valid."""
    begins = (midnight(contract.valid_from, zone) for contract in contracts)
    inside = sorted(begin for begin in begins if period.begin < begin < period.end)
    for begin, end in pairwise([period.begin, *inside, period.end]):
        yield Period(begin, end)


def _of_contract(
    meter: BilledMeter, contract: Contract, period: Period, zone: tzinfo
) -> Iterator[TariffCost]:
    """Yield the costs of a meter under one contract; what has no price is left out."""
    if contract.price is not None:
        yield TariffCost(contract.name, contract.price, meter.energy(period) or 0.0)
        return
    of_registers = [*_of_registers(meter, contract, period)]
    if of_registers or not contract.hours:
        yield from of_registers
    else:
        yield from _of_hours(meter, contract, period, lambda at: datetime.fromtimestamp(at, zone))


def _of_registers(meter: BilledMeter, contract: Contract, period: Period) -> Iterator[TariffCost]:
    for register in meter.registers:
        price = contract.price_of(register.names)
        wh = sum(slot.wh for slot in register.series.within(period))
        if wh and price is not None:
            name = shown_tariff(contract, register.names, register.shown_name)
            yield TariffCost(name, price, wh)


def _of_hours(
    meter: BilledMeter,
    contract: Contract,
    period: Period,
    local: Callable[[float], datetime],
) -> Iterator[TariffCost]:
    energy: dict[str, float] = {}
    for series in meter.totals:
        for slot in series.within(period):
            for name, share in contract.shares(local(slot.begin), round(slot.seconds / 60)).items():
                if name is not None:
                    energy[name] = energy.get(name, 0.0) + share * slot.wh
    for name, wh in energy.items():
        yield TariffCost(name, contract.prices[name], wh)


def shown_tariff(contract: Contract, names: Sequence[str], shown_name: str) -> str:
    """Return the name of a register's tariff for people: the contract's, unless it is a code."""
    own = contract.key_of(names)
    return own if own is not None and contract.key_of(names[:2]) is None else shown_name


def _merged(costs: Sequence[TariffCost]) -> tuple[TariffCost, ...]:
    merged: dict[tuple[str, float], float] = {}
    for one in costs:
        key = one.name, one.price
        merged[key] = merged.get(key, 0.0) + one.wh
    return tuple(TariffCost(name, price, wh) for (name, price), wh in merged.items())
