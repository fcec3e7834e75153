"""Decide which entities of the meters at the grid are sources of the energy dashboard, with prices.

The registers of a Linky are, because they are what is billed, if they count what its total counts.
Otherwise the total is. This is checked once an hour, and a small difference later changes nothing
(docs/decisions/registers-in-the-energy-dashboard.md).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, tzinfo

from hems.clients.home_assistant.admin_session import AdminSession
from hems.protocols.gateway.home_entities import HOME
from hems.protocols.home_assistant.energy_dashboard import SOLD, GridSources, SavedSource
from hems.protocols.home_assistant.entity_registry import nodes
from hems.protocols.meters.household_meters import HouseholdMeters
from hems.protocols.meters.meter_inventory import Meter
from hems.protocols.meters.meter_roles import Role
from hems.protocols.tariffs.contract import Contract, contract_at
from hems.protocols.tariffs.current_tariff import NamedTariff
from hems.protocols.tariffs.local_periods import local_day
from hems.protocols.tariffs.register_aliases import other_names
from hems.protocols.tariffs.tariff_from_linky_entities import LinkyTariffs
from hems.protocols.translations import ENGLISH, translated

PERIOD_S = 3600.0  # between two checks
LOOK_BACK_S = 62 * 86400.0  # the whole of the last month
ENOUGH_WH, ENOUGH_PART = 1000.0, 0.01  # of difference, for the registers to be the sources
TOO_MUCH_WH, TOO_MUCH_PART = 5000.0, 0.05  # for the total to be the source again


class GridSourceChoice:
    """Chooses the sources and their prices, under the contracts of the home."""

    def __init__(
        self, contracts: Sequence[Contract], zone: Callable[[], tzinfo], language: str = ENGLISH
    ) -> None:
        """`language` is the home's. `zone` returns its time zone; it may raise Unavailable."""
        self._contracts = contracts
        self._zone = zone
        self._sold = translated(SOLD, language)
        self._names: dict[str, dict[int, str]] = {}  # the supplier's, by meter id and register
        # By the meter's id: the registers that were compared, and whether they add up.
        self._compared: dict[str, tuple[Sequence[str], bool]] = {}
        self._checked_at: float | None = None  # unix seconds

    def choose(
        self,
        session: AdminSession,
        home: HouseholdMeters,
        sums: Collection[str],
        before: Mapping[str, SavedSource],
        now: float,
    ) -> GridSources:
        """Return the sources at unix time `now` (s). Raises HemsError.

        `before` has the sources of the dashboard, by entity id.
        """
        is_due = self._checked_at is None or not 0 <= now - self._checked_at < PERIOD_S
        registers: dict[str, tuple[str, ...]] = {}
        tariffs: dict[str, NamedTariff] = {}
        for meter in home.of_role(Role.GRID):
            known = self._registers(session, home, meter)
            counted = [entity_id for entity_id in known if entity_id in sums]
            compared, add_up = self._compared.get(meter.id, ((), False))
            if is_due or compared != counted:
                add_up = _add_up(session, meter, counted, before, now)
                self._compared[meter.id] = counted, add_up
            if add_up:
                registers[meter.id] = tuple(counted)
            tariffs |= known
        if is_due:
            self._checked_at = now
        names = _shown_names(tariffs, before) | {
            one.entity_id: self._sold
            for meter in home.of_role(Role.GRID)
            if meter.id in registers
            for one in meter.exported
        }
        return self._priced(session, GridSources(registers, names=names), tariffs, before, now)

    def _registers(
        self, session: AdminSession, home: HouseholdMeters, meter: Meter
    ) -> dict[str, NamedTariff]:
        """Return the names of each tariff that a meter counts, by entity id."""
        if (linky := home.linky(meter)) is None:
            several = meter.imported if len(meter.imported) > 1 else ()
            return {
                one.entity_id: NamedTariff(other_names(one.parts, one.name), one.name)
                for one in several
            }
        states = {state.entity_id: state for state in session.states()}
        tariffs = LinkyTariffs(linky, states, self._names.get(meter.id, {}))
        self._names[meter.id] = tariffs.names
        return {entity_id: named for _, entity_id, named in tariffs.registers}

    def _priced(
        self,
        session: AdminSession,
        without_price: GridSources,
        tariffs: Mapping[str, NamedTariff],
        before: Mapping[str, SavedSource],
        now: float,
    ) -> GridSources:
        if not self._contracts:
            return without_price
        today = local_day(now, self._zone())
        contract = contract_at(self._contracts, today)
        if contract is None:
            return without_price
        prices: dict[str, float] = {}
        for entity_id, tariff in tariffs.items():
            price = self._price(tariff.names, today)
            if price is None and entity_id in before:  # its name may be known again later
                price = before[entity_id].number_energy_price
            if price is not None:
                prices[entity_id] = price
        home = next(iter(nodes(session.entities(), HOME)), None)
        return replace(
            without_price,
            prices=prices,
            price=contract.price,
            price_entity=home.entities.get("price_now") if home else None,
            feed_in=contract.feed_in,
        )

    def _price(self, names: Sequence[str], today: date) -> float | None:
        """Return the price of a register: today's, or its last one if it counts no more."""
        past = sorted(self._contracts, key=lambda one: one.valid_from, reverse=True)
        valid = (one.price_of(names) for one in past if one.valid_from <= today)
        return next((price for price in valid if price is not None), None)


def _shown_names(
    tariffs: Mapping[str, NamedTariff], before: Mapping[str, SavedSource]
) -> dict[str, str]:
    """Return the name of each register's tariff for people; none for a label of the meter."""
    names = {
        entity_id: tariff.shown_name
        for entity_id, tariff in tariffs.items()
        if tariff.shown_name and tariff.shown_name != tariff.names[0]
    }
    kept = {one: before[one].name for one in tariffs.keys() - names.keys() if one in before}
    return names | {entity_id: name for entity_id, name in kept.items() if name}


def _add_up(
    session: AdminSession,
    meter: Meter,
    registers: Sequence[str],
    before: Collection[str],
    now: float,
) -> bool:
    """Return whether the registers count what the total does."""
    totals = [entity.entity_id for entity in meter.imported]
    if not registers or {*registers} <= {*totals}:
        return False
    counted = session.energy_of([*totals, *registers], now - LOOK_BACK_S, None, "day")
    energy = {one: sum(row.wh for row in rows) for one, rows in counted.items()}
    total = sum(energy.get(one, 0.0) for one in totals)
    difference = abs(total - sum(energy.get(one, 0.0) for one in registers))
    are_sources = any(one in before for one in registers)
    wh, part = (TOO_MUCH_WH, TOO_MUCH_PART) if are_sources else (ENOUGH_WH, ENOUGH_PART)
    return difference <= max(wh, part * total)
