"""Calculate the numbers of the home: power, energy and costs of today, this month and before.

Everything comes from Home Assistant's statistics and states and from the contracts. Nothing is
counted or kept here: a restart changes no number. What is not known is missing in the state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo

from hems.clients.home_assistant.admin_session import AdminSession
from hems.protocols.gateway.home_entities import COLOURS, HomeParts, attributes_key
from hems.protocols.linky.packed_values import TempoColour
from hems.protocols.meters.meter_inventory import Meter
from hems.protocols.meters.meter_roles import Role
from hems.protocols.tariffs.contract import Contract, contract_at
from hems.protocols.tariffs.current_tariff import TariffPrice, next_price, price_at
from hems.protocols.tariffs.energy_costs import BilledMeter, Costs, Register, costs, revenue
from hems.protocols.tariffs.energy_time_series import EnergySeries
from hems.protocols.tariffs.local_periods import HomePeriods, Period, home_periods, local_day
from hems.workers.telemetry.energy_summary.energy_statistics import EnergyStatistics
from hems.workers.telemetry.energy_summary.home_snapshot import HomeView
from hems.workers.telemetry.energy_summary.tempo_season import TempoSeason

State = dict[str, object]
KILO = 1000.0
VA = 1000.0  # in a kVA


@dataclass(frozen=True)
class Flow:
    """The series of all meters with the same direction; no series: there is no such meter."""

    series: Sequence[EnergySeries]

    def energy(self, period: Period) -> float | None:
        """Return the energy of a period (Wh), None if it is not known."""
        known = [wh for one in self.series if (wh := one.energy(period)) is not None]
        return sum(known) if known else None

    def whole(self, period: Period) -> float | None:
        """Return the energy of a period that was counted from its beginning on."""
        is_known = any(one.is_known_at(period.begin) for one in self.series)
        return self.energy(period) if is_known else None


class HomeNumbers:
    """Reads Home Assistant and calculates. `zone` returns the time zone of a name."""

    def __init__(self, contracts: Sequence[Contract], zone: Callable[[str], tzinfo]) -> None:
        self._contracts = contracts
        self._zone = zone
        self._statistics = EnergyStatistics()
        self._season = TempoSeason()
        self._names: dict[str, Mapping[int, str]] = {}

    def read(self, session: AdminSession, now: float) -> tuple[HomeParts, State]:
        """Return what the home has, and its state, at unix time `now` (s). Raises HemsError."""
        zone = self._zone(str(session.home().get("time_zone")))
        view = HomeView(session, self._names)
        self._names |= view.names
        self._statistics.read(session, [*_entity_ids(view)], now, zone)
        left = self._season.days_left(session, view, now, zone)
        calculation = _Calculation(view, self._statistics, self._contracts, now, zone)
        return calculation.parts, calculation.state() | _tempo(left)


class _Calculation:
    """The numbers of one moment."""

    def __init__(
        self,
        view: HomeView,
        statistics: EnergyStatistics,
        contracts: Sequence[Contract],
        now: float,
        zone: tzinfo,
    ) -> None:
        def of(ids: Iterable[str]) -> Flow:
            return Flow([statistics.series(one) for one in ids])

        self._view, self._contracts, self._now, self._zone = view, contracts, now, zone
        self._bought, self._sold = of(_bought(view.grid)), of(_sold(view.grid))
        solar, battery = (view.home.of_role(role) for role in (Role.SOLAR, Role.BATTERY))
        self._solar = of(one for meter in solar for one in _produced(meter))
        self._charged, self._discharged = of(_bought(battery)), of(_sold(battery))
        self._before = Flow([statistics.series_by_now(one) for one in _bought(view.grid)])
        self._meters = [*_billed(view, statistics)]
        self._periods = _counted(home_periods(now, zone), self._bought)
        self._by_now = home_periods(self._periods.today.end, zone)

    @property
    def parts(self) -> HomeParts:
        return HomeParts(
            has_prices=bool(self._contracts),
            has_feed_in=bool(self._sold.series)
            and any(contract.feed_in is not None for contract in self._contracts),
            has_export=bool(self._sold.series),
            has_solar=bool(self._solar.series),
            has_tempo=self._view.has_tempo,
        )

    def state(self) -> State:
        """Return the state of the entities."""
        contract = contract_at(self._contracts, local_day(self._now, self._zone))
        kva = contract.subscribed_kva if contract else None
        subscribed = self._view.subscribed_va
        if subscribed is None and kva is not None:
            subscribed = kva * VA
        power = self._view.power
        return {
            "power_now": None if power is None else round(power),
            "subscribed_power": None if subscribed is None else round(subscribed),
            **self._energies(),
            **self._money(),
            **self._prices(),
            **self._own_energy(),
        }

    def _energies(self) -> State:
        periods, by_now = self._periods, self._by_now
        energies = {
            "energy_today": self._bought.energy(periods.today),
            "energy_yesterday": self._bought.whole(periods.yesterday),
            "energy_yesterday_by_now": self._before.whole(by_now.yesterday_by_now),
            "energy_last_week_by_now": self._before.whole(by_now.last_week_by_now),
            "energy_month": self._bought.energy(periods.month),
        }
        return {key: _kwh(wh) for key, wh in energies.items()}

    def _money(self) -> State:
        periods = self._periods
        state: State = {}
        yesterday = self._bought.whole(periods.yesterday) is not None
        for key, period, is_known in (
            ("cost_today", periods.today, True),
            ("cost_yesterday", periods.yesterday, yesterday),
            ("cost_month", periods.month, True),
        ):
            paid = costs(self._meters, self._contracts, period, self._zone) if is_known else None
            state |= _amount(key, paid if self._contracts else None)
        for key, period in (("feed_in_today", periods.today), ("feed_in_month", periods.month)):
            earned = revenue(self._sold.series, self._contracts, period, self._zone)
            state |= _amount(key, earned)
        return state

    def _prices(self) -> State:
        arguments = self._contracts, self._view.tariffs, self._now, self._zone
        price, following = price_at(*arguments), next_price(*arguments)
        return {
            "price_now": price and price.price,
            "tariff_now": price and price.name,
            "price_level": price and price.level,
            "next_price_change": following
            and datetime.fromtimestamp(following.at, UTC).isoformat(),
            attributes_key("next_price_change"): following and _change(following),
        }

    def _own_energy(self) -> State:
        """Return what the home makes, and how much of it and of its need it covers itself."""
        today = self._periods.today
        solar, sold, bought = (
            flow.energy(today) for flow in (self._solar, self._sold, self._bought)
        )
        state: State = {"solar_today": _kwh(solar), "exported_today": _kwh(sold)}
        if solar is None or bought is None or (sold is None and self._sold.series):
            return state
        own = solar - (sold or 0.0)
        stored = (self._discharged.energy(today) or 0.0) - (self._charged.energy(today) or 0.0)
        if solar > 0:
            state["self_consumption"] = _percent(own / solar)
        if (used := own + stored + bought) > 0:
            state["self_sufficiency"] = _percent((own + stored) / used)
        return state


def _counted(periods: HomePeriods, flow: Flow) -> HomePeriods:
    """Let today and the month end with the newest slot, as the energy of no period does later."""
    ends = [end for one in flow.series if (end := one.end) is not None]
    until = min(periods.today.end, max(ends, default=periods.today.end))
    return replace(
        periods,
        today=replace(periods.today, end=max(periods.today.begin, until)),
        month=replace(periods.month, end=max(periods.month.begin, until)),
    )


def _billed(view: HomeView, statistics: EnergyStatistics) -> Iterator[BilledMeter]:
    for meter in view.grid:
        totals = tuple(statistics.series(one) for one in _bought([meter]))
        registers = (
            Register(named.names, statistics.series(entity_id), named.shown_name)
            for entity_id, named in view.registers(meter)
        )
        yield BilledMeter(totals, tuple(registers))


def _entity_ids(view: HomeView) -> Iterator[str]:
    for meter in view.home.meters:
        if view.home.roles.get(meter.id) in {Role.GRID, Role.SOLAR, Role.BATTERY}:
            yield from (entity.entity_id for entity in (*meter.imported, *meter.exported))
    for meter in view.grid:
        yield from (entity_id for entity_id, _ in view.registers(meter))


def _bought(meters: Iterable[Meter]) -> list[str]:
    return [entity.entity_id for meter in meters for entity in meter.imported]


def _sold(meters: Iterable[Meter]) -> list[str]:
    return [entity.entity_id for meter in meters for entity in meter.exported]


def _produced(meter: Meter) -> list[str]:
    return _sold([meter]) or _bought([meter])


def _amount(key: str, amount: Costs | None) -> State:
    if amount is None:
        return {key: None}
    by_tariff = [
        {
            "name": one.name,
            "kWh": round(one.wh / KILO, 3),
            "price": one.price,
            "cost": round(one.cost, 2),
        }
        for one in amount.by_tariff
    ]
    attributes = {"by_tariff": by_tariff, "standing_charge": round(amount.standing_charge, 2)}
    return {key: round(amount.total, 2), attributes_key(key): attributes}


def _change(price: TariffPrice) -> State:
    return {"tariff": price.name, "price": price.price, "level": price.level}


def _tempo(left: dict[TempoColour, int] | None) -> State:
    return {
        f"tempo_days_left_{colour.name.lower()}": left[colour] if left else None
        for colour in COLOURS
    }


def _kwh(wh: float | None) -> float | None:
    return None if wh is None else round(wh / KILO, 3)


def _percent(part: float) -> int:
    return round(100 * min(1.0, max(0.0, part)))
