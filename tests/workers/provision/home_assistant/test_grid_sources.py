"""Which entities are the sources of the energy dashboard, and what they cost."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from hems.protocols.home_assistant.energy_dashboard import GridSources, SavedSource
from hems.protocols.meters.household_meters import household_meters
from hems.protocols.meters.meter_roles import Role
from hems.protocols.tariffs.contract import Contract
from hems.workers.provision.home_assistant.grid_sources import PERIOD_S, GridSourceChoice
from tests.fakes.energy_home import LINKY, EnergyHome

PARIS = ZoneInfo("Europe/Paris")
BASE, HCHC, HCHP = (f"sensor.{LINKY}_{key}" for key in ("base", "hchc", "hchp"))
OFF_PEAK = Contract("HC", date(2026, 11, 15), prices={"HCHC": 0.1, "HCHP": 0.3}, feed_in=0.04)
OLD = Contract("Base", prices={"BASE": 0.2})
DAYS = ("2026-10-15", "2026-12-01")


@pytest.fixture
def here() -> EnergyHome:
    """Return a home that went from one price to off-peak hours in November."""
    here = EnergyHome(PARIS)
    here.linky(hchc="1", hchp="1")
    here.use(*DAYS, 100, "energy_total")
    here.use(DAYS[0], "2026-11-15", 100, "base")
    here.use("2026-11-15", DAYS[1], 40, "hchc")
    here.use("2026-11-15", DAYS[1], 60, "hchp")
    here.now = here.at("2026-12-01")
    return here


def chosen(
    here: EnergyHome,
    *contracts: Contract,
    before: dict[str, SavedSource] | None = None,
    choice: GridSourceChoice | None = None,
    after: float = 0.0,
) -> GridSources:
    choice = choice or GridSourceChoice(contracts, lambda: PARIS)
    home = household_meters(here.entities(), here.states(), here.devices())
    now = here.now + after
    return choice.choose(here.session(), home, [*here.counted], before or {}, now)


def only(registers: GridSources) -> tuple[str, ...]:
    (entities,) = registers.registers.values()
    return tuple(entities)


def test_the_registers_of_all_contracts_are_sources_with_their_last_price(
    here: EnergyHome,
) -> None:
    sources = chosen(here, OLD, OFF_PEAK)
    assert only(sources) == (BASE, HCHC, HCHP)
    assert sources.prices == {BASE: 0.2, HCHC: 0.1, HCHP: 0.3}
    assert sources.feed_in == 0.04
    names = [sources.names[entity] for entity in (BASE, HCHC, HCHP)]
    assert names == ["Base", "Heures creuses", "Heures pleines"]
    assert chosen(here).names == sources.names


def test_what_is_sold_has_its_name_in_the_language_of_the_home(here: EnergyHome) -> None:
    here.linky_device_has(eait="7")
    sold = f"sensor.{LINKY}_eait"
    here.counted[sold] = {}
    choice = GridSourceChoice([], lambda: PARIS, "fr")
    assert chosen(here, choice=choice).names[sold] == "Injecté"


def test_a_new_price_counts_from_its_day_of_the_home(here: EnergyHome) -> None:
    dearer = Contract("HC", date(2026, 12, 2), prices={"HCHC": 0.15, "HCHP": 0.35})
    last = 86400.0 - 1  # the second before midnight
    assert chosen(here, OFF_PEAK, dearer, after=last).prices[HCHC] == 0.1
    assert chosen(here, OFF_PEAK, dearer, after=last + 1).prices[HCHC] == 0.15
    assert chosen(here).prices == {}
    assert chosen(here, Contract("Later", date(2027, 1, 1), price=1)).price is None


def test_the_total_is_the_source_until_the_registers_add_up_to_it(here: EnergyHome) -> None:
    missing = here.counted[HCHP]
    here.counted[HCHP] = dict.fromkeys(missing, 55.0)
    flat = Contract("Flat", price=0.2)
    sources = chosen(here, flat)
    assert sources.registers == {}
    assert sources.price == 0.2
    here.counted[HCHP] = dict.fromkeys(missing, 59.0)
    assert only(chosen(here, flat)) == (BASE, HCHC, HCHP)


def test_registers_that_are_sources_stay_so_until_much_is_missing(here: EnergyHome) -> None:
    before = {BASE: SavedSource()}
    for wh, are_sources in ((55.0, True), (30.0, False)):
        here.counted[HCHP] = dict.fromkeys(here.counted[HCHP], wh)
        assert bool(chosen(here, before=before).registers) is are_sources


def test_the_statistics_are_compared_once_an_hour(here: EnergyHome) -> None:
    choice = GridSourceChoice([], lambda: PARIS)
    for after in (0.0, 60.0, PERIOD_S - 1):
        chosen(here, choice=choice, after=after)
    assert here.questions["day"] == 1
    chosen(here, choice=choice, after=PERIOD_S)
    assert here.questions["day"] == 2
    del here.counted[BASE]  # another register, or one less, is looked at once
    chosen(here, choice=choice, after=PERIOD_S)
    assert here.questions["day"] == 3


def test_a_price_stays_while_the_suppliers_name_of_its_register_is_not_known(
    here: EnergyHome,
) -> None:
    here.linky_device_has(easf01="1", easf02="1", ntarf="1", ltarf="NUIT")
    here.counted = {f"sensor.{LINKY}_easf0{number}": {} for number in (1, 2)}
    one, two = here.counted
    contract = Contract("C", prices={"Nuit": 0.1, "Jour": 0.3})
    choice = GridSourceChoice([contract], lambda: PARIS)
    assert chosen(here, choice=choice).prices == {one: 0.1}
    here.say(f"sensor.{LINKY}_ntarf", "2")
    here.say(f"sensor.{LINKY}_ltarf", "JOUR")
    assert chosen(here, choice=choice).prices == {one: 0.1, two: 0.3}
    before = {
        one: SavedSource(number_energy_price=0.1, name="NUIT"),
        two: SavedSource(name="another one"),
    }
    after_restart = chosen(here, contract, before=before)
    assert after_restart.prices == {one: 0.1, two: 0.3}
    assert [after_restart.names[entity] for entity in (one, two)] == ["NUIT", "JOUR"]


def test_without_registers_the_price_of_now_is_the_price(here: EnergyHome) -> None:
    clamp = here.here.device("clamp", labels=(Role.GRID,))
    here.here.entity(clamp, "clamp_energy")
    device = here.here.device("Home")
    here.here.entity(device, f"home_{'0' * 12}_price_now", platform="mqtt")
    hours = Contract("H", prices={"day": 0.3})
    assert chosen(here, hours).price_entity == f"sensor.home_{'0' * 12}_price_now"
