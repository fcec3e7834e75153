from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from hems.protocols.gateway.home_entities import HomeParts
from hems.protocols.meters.meter_roles import Role
from hems.protocols.tariffs.contract import Contract
from hems.protocols.tariffs.tariff_hours import hour_ranges
from hems.workers.telemetry.energy_summary.home_numbers import HomeNumbers, State
from tests.fakes.energy_home import LINKY, EnergyHome
from tests.fakes.meters import W

PARIS = ZoneInfo("Europe/Paris")
BASE = Contract("Base", price=0.2, standing_charge_month=15.5, feed_in=0.04, subscribed_kva=6)
OFF_PEAK = Contract("HC", date(2026, 11, 16), prices={"HCHC": 0.1, "HCHP": 0.3})
SLOT_WH = 100.0  # so that an hour has 1.2 kWh


@pytest.fixture
def here() -> EnergyHome:
    return EnergyHome(PARIS)


def numbers(
    here: EnergyHome, now: str, contracts: Sequence[Contract] = (), again: HomeNumbers | None = None
) -> State:
    here.now = here.at(now) + 45.0
    reader = again or HomeNumbers(contracts, ZoneInfo)
    _, state = reader.read(here.session(), here.now)
    return state


def values(state: State, *keys: str) -> list[object]:
    return [state[key] for key in keys]


def attributes(state: State, key: str) -> dict[str, object]:
    found = state[f"{key}_attributes"]
    assert isinstance(found, dict)
    return found


def by_tariff(state: State, key: str) -> list[tuple[object, ...]]:
    tariffs = attributes(state, key)["by_tariff"]
    assert isinstance(tariffs, list)
    return [(one["name"], one["kWh"], one["price"], one["cost"]) for one in tariffs]


def test_days_are_the_homes_with_23_and_25_hours(here: EnergyHome) -> None:
    here.linky()
    here.use("2026-03-20", "2026-04-01", SLOT_WH, "energy_total")
    here.use("2026-10-15", "2026-10-28", SLOT_WH, "energy_total")
    days = {"2026-03-30T12:00": 23, "2026-03-31T12:00": 24, "2026-10-26T12:00": 25}
    for now, hours in days.items():
        state = numbers(here, now)
        assert state["energy_yesterday"] == pytest.approx(1.2 * hours)
        assert state["energy_today"] == pytest.approx(1.2 * 12)
    day_of_change = numbers(here, "2026-10-25T12:00")
    assert values(day_of_change, "energy_today", "energy_yesterday_by_now") == [15.6, 14.4]
    spring = numbers(here, "2026-03-29T12:00")
    assert values(spring, "energy_today", "energy_last_week_by_now") == [13.2, 14.4]


def test_today_is_compared_with_the_same_time_of_the_clock(here: EnergyHome) -> None:
    here.linky()
    here.use("2026-11-20", "2026-12-02", SLOT_WH, "energy_total")
    here.use("2026-11-30T10:00", "2026-11-30T10:40", 50, "energy_total")
    here.use("2026-11-24T09:00", "2026-11-24T10:15", 10, "energy_total")
    state = numbers(here, "2026-12-01T10:17")
    assert state["energy_today"] == pytest.approx(1.2 * 10.25)
    assert state["energy_yesterday_by_now"] == pytest.approx(1.2 * 10.25 + 3 * 0.05)
    assert state["energy_last_week_by_now"] == pytest.approx(1.2 * 10.25 + 15 * 0.01)
    assert state["energy_month"] == state["energy_today"]


def test_of_an_hour_without_slots_each_part_counts_alike(here: EnergyHome) -> None:
    here.linky()
    here.use("2026-11-20", "2026-12-02", SLOT_WH, "energy_total")
    here.use("2026-11-30T10:00", "2026-11-30T10:40", 50, "energy_total")
    here.purged_until = here.at("2026-12-01T00:00")
    state = numbers(here, "2026-12-01T10:17")
    assert state["energy_yesterday_by_now"] == pytest.approx(1.2 * 10 + 1.6 * 0.25)


def test_the_month_begins_on_its_first_day(here: EnergyHome) -> None:
    here.linky()
    here.use("2026-10-20", "2026-12-02", SLOT_WH, "energy_total")
    last = numbers(here, "2026-11-30T23:55", [BASE])
    assert last["energy_month"] == pytest.approx(1.2 * (30 * 24 - 1 / 12))
    assert attributes(last, "cost_month")["standing_charge"] == pytest.approx(15.5)
    first = numbers(here, "2026-12-01T00:10", [BASE])
    assert values(first, "energy_month", "energy_today") == [0.2, 0.2]
    assert attributes(first, "cost_month")["standing_charge"] == 0.5
    just_begun = numbers(here, "2026-12-01T00:00", [BASE])
    assert values(just_begun, "energy_today", "energy_yesterday_by_now", "cost_today") == [0, 0, 0]


def test_on_the_first_day_what_was_before_is_unknown_and_not_zero(here: EnergyHome) -> None:
    here.linky()
    assert set(numbers(here, "2026-12-01T10:00", [BASE]).values()) >= {None}
    here.use("2026-12-01T10:00", "2026-12-03", SLOT_WH, "energy_total")
    state = numbers(here, "2026-12-01T11:00", [BASE])
    assert values(state, "energy_today", "energy_month") == [1.2, 1.2]
    before = ("energy_yesterday", "energy_yesterday_by_now", "energy_last_week_by_now")
    assert values(state, *before, "cost_yesterday") == [None] * 4
    state = numbers(here, "2026-12-02T11:00", [BASE])
    assert values(state, *before, "cost_yesterday") == [None] * 4  # it began in the morning


def test_a_hole_in_the_statistics_counts_when_home_assistant_is_back(here: EnergyHome) -> None:
    here.linky()
    here.use("2026-11-20", "2026-11-30T20:00", SLOT_WH, "energy_total")
    here.use("2026-12-01T06:00", "2026-12-02", SLOT_WH, "energy_total")
    here.counted[f"sensor.{LINKY}_energy_total"][here.at("2026-12-01T06:00")] += 12_000
    state = numbers(here, "2026-12-01T12:00")
    assert state["energy_yesterday"] == pytest.approx(1.2 * 20)
    assert state["energy_today"] == pytest.approx(1.2 * 6 + 12)


def test_yesterday_never_changes_and_a_restart_changes_nothing(here: EnergyHome) -> None:
    here.linky(hchc="1", hchp="1")
    here.use("2026-11-20", "2026-12-03", SLOT_WH, "energy_total")
    here.use("2026-11-20", "2026-11-30T22:00", SLOT_WH, "hchp")
    here.use("2026-11-30T22:00", "2026-12-03", SLOT_WH, "hchc")
    reader = HomeNumbers([OFF_PEAK], ZoneInfo)
    seen = set()
    for now in ("00:00", "00:05", "03:00", "12:34", "23:55"):
        for again in (reader, None):
            state = numbers(here, f"2026-12-01T{now}", [OFF_PEAK], again)
            seen.add((state["energy_yesterday"], state["cost_yesterday"]))
    assert seen == {(28.8, 8.16)}  # 26.4 kWh at 0.30, 2.4 kWh at 0.10


def test_each_register_is_billed_with_the_price_of_its_time(here: EnergyHome) -> None:
    """Base, then off-peak hours from the 16th, at another price from the 21st, and Tempo."""
    here.linky(hchc="1", hchp="1", bbrhcjb="1", bbrhpjb="1")
    here.use("2026-10-25", "2026-11-27", SLOT_WH, "energy_total")
    here.use("2026-10-25", "2026-11-16", SLOT_WH, "base")  # its entity was removed
    here.use("2026-11-16", "2026-11-18", SLOT_WH, "hchc")
    here.use("2026-11-18", "2026-11-26", SLOT_WH, "hchp")
    here.use("2026-11-26", "2026-11-27", SLOT_WH, "bbrhpjb")
    dearer = Contract("HC", date(2026, 11, 21), prices={"HCHC": 0.2, "HCHP": 0.4})
    tempo = Contract("Tempo", date(2026, 11, 26), prices={"HPJB": 0.15, "HPJR": 0.7})
    state = numbers(here, "2026-11-27T00:00", [BASE, OFF_PEAK, dearer, tempo])
    assert by_tariff(state, "cost_month") == [
        ("Base", 432.0, 0.2, 86.4),
        ("Heures creuses", 57.6, 0.1, 5.76),
        ("Heures pleines", 86.4, 0.3, 25.92),
        ("Heures pleines", 144.0, 0.4, 57.6),
        ("HP Bleu", 28.8, 0.15, 4.32),
    ]
    charge = 15 * 15.5 / 30
    assert attributes(state, "cost_month")["standing_charge"] == pytest.approx(charge)
    assert state["cost_month"] == pytest.approx(180.0 + charge)


def test_the_registers_of_both_modes_and_of_another_supplier_are_billed(here: EnergyHome) -> None:
    here.linky(easf01="1", easf02="1", ntarf="2", ltarf="JOUR", ngtf="MAISON")
    here.use("2026-11-01", "2026-11-28", SLOT_WH, "energy_total")
    here.use("2026-11-01", "2026-11-10", SLOT_WH, "hchp")
    here.use("2026-11-10", "2026-11-28", SLOT_WH, "easf02")
    old = Contract("Old", prices={"Heures pleines": 0.3, "2": 0.3})
    new = Contract("New", date(2026, 11, 20), prices={"Jour": 0.25, "1": 0.1})
    state = numbers(here, "2026-11-28T00:00", [old, new])
    assert by_tariff(state, "cost_month") == [
        ("Heures pleines", 259.2, 0.3, 77.76),
        ("JOUR", 288.0, 0.3, 86.4),
        ("Jour", 230.4, 0.25, 57.6),
    ]
    assert values(state, "tariff_now", "price_now", "price_level") == ["Jour", 0.25, "expensive"]


def test_costs_are_unknown_if_a_fiftieth_of_the_energy_has_no_price(here: EnergyHome) -> None:
    here.linky(hchc="1", hchp="1")
    here.use("2026-11-20", "2026-12-02", SLOT_WH, "energy_total")
    here.use("2026-11-20", "2026-12-01T11:35", SLOT_WH, "hchp")
    state = numbers(here, "2026-12-01T12:00", [OFF_PEAK])  # 0.5 of 14.4 kWh are in no register
    assert state["cost_today"] == 4.17
    here.counted[f"sensor.{LINKY}_energy_total"][here.at("2026-12-01T11:40")] += 1
    assert numbers(here, "2026-12-01T12:00", [OFF_PEAK])["cost_today"] is None
    assert numbers(here, "2026-12-01T12:00", [])["cost_today"] is None


def test_a_meter_without_registers_is_billed_by_the_hour(here: EnergyHome) -> None:
    device = here.here.device("clamp", labels=(Role.GRID,))
    here.here.entity(device, "clamp_energy")
    here.say(here.here.entity(device, "clamp_power", W), "1234.5")
    night = Contract(
        "Night",
        prices={"day": 0.4, "night": 0.2},
        hours={"night": hour_ranges("23:30-08:00")},
        subscribed_kva=12,
    )
    at = here.at("2026-11-20")
    here.counted["sensor.clamp_energy"] = {at + 300 * n: SLOT_WH for n in range(12 * 24 * 12)}
    state = numbers(here, "2026-12-01T12:00", [night])
    assert by_tariff(state, "cost_yesterday") == [
        ("night", 10.2, 0.2, 2.04),
        ("day", 18.6, 0.4, 7.44),
    ]
    assert by_tariff(state, "cost_today") == [("night", 9.6, 0.2, 1.92), ("day", 4.8, 0.4, 1.92)]
    assert values(state, "power_now", "subscribed_power") == [1234, 12000]
    now = values(state, "tariff_now", "price_level", "next_price_change")
    assert now == ["day", "expensive", "2026-12-01T22:30:00+00:00"]
    expected = {"tariff": "night", "price": 0.2, "level": "cheap"}
    assert attributes(state, "next_price_change") == expected


def test_the_meter_says_when_the_price_changes_next(here: EnergyHome) -> None:
    here.linky(ntarf="1", ltarf="HC", next_tariff_change="2026-12-01T05:00:00+00:00", pref="9000")
    here.say(f"sensor.{LINKY}_next_tariff_change", "2026-12-01T05:00:00+00:00", next_tariff_index=2)
    contract = Contract("HC", prices={"1": 0.1, "2": 0.3})
    state = numbers(here, "2026-12-01T04:00", [contract])
    assert values(state, "price_now", "price_level", "tariff_now") == [0.1, "cheap", "HC"]
    assert state["next_price_change"] == "2026-12-01T05:00:00+00:00"
    expected = {"tariff": "EASF02", "price": 0.3, "level": "expensive"}
    assert attributes(state, "next_price_change") == expected
    assert state["subscribed_power"] == 9000


def test_the_next_contract_may_change_the_price_first(here: EnergyHome) -> None:
    here.linky()
    dearer = Contract("New", date(2026, 12, 2), price=0.25)
    state = numbers(here, "2026-12-01T12:00", [BASE, dearer])
    assert values(state, "price_now", "price_level") == [0.2, "normal"]
    assert state["next_price_change"] == "2026-12-01T23:00:00+00:00"
    assert attributes(state, "next_price_change")["price"] == 0.25
    assert numbers(here, "2026-12-01T12:00", [BASE])["next_price_change"] is None


def test_the_power_of_a_linky_is_apparent_while_its_total_stands_still(here: EnergyHome) -> None:
    here.linky(papp="420", isousc="30", iinst="2")
    assert values(numbers(here, "2026-12-01"), "power_now", "subscribed_power") == [350, 6000]
    here.say(f"sensor.{LINKY}_power_estimated", "unknown")
    assert numbers(here, "2026-12-01")["power_now"] == 420
    here.say(f"sensor.{LINKY}_papp", "unavailable")
    assert numbers(here, "2026-12-01")["power_now"] is None


def test_while_a_home_with_a_linky_exports_the_power_is_negative(here: EnergyHome) -> None:
    here.linky(apparent_power_net="-970")
    here.say(f"sensor.{LINKY}_power_estimated", "0")
    assert numbers(here, "2026-12-01")["power_now"] == -970
    here.say(f"sensor.{LINKY}_power_estimated", "350")
    here.say(f"sensor.{LINKY}_apparent_power_net", "400")
    assert numbers(here, "2026-12-01")["power_now"] == 350


def test_a_home_with_solar_knows_what_it_uses_itself(here: EnergyHome) -> None:
    here.linky(eait="1")
    roof = here.here.device("roof", labels=(Role.SOLAR,))
    here.here.entity(roof, "roof_energy")
    here.use("2026-12-01", "2026-12-02", 50, "energy_total")
    here.use("2026-12-01", "2026-12-02", 20, "eait")
    at = here.at("2026-12-01")
    here.counted["sensor.roof_energy"] = {at + 300 * n: 80.0 for n in range(288)}
    here.now = here.at("2026-12-01T10:00") + 45
    reader = HomeNumbers([BASE], ZoneInfo)
    parts, state = reader.read(here.session(), here.now)
    assert parts == HomeParts(True, True, True, True, False)
    assert values(state, "solar_today", "exported_today", "energy_today") == [9.6, 2.4, 6.0]
    assert values(state, "self_consumption", "self_sufficiency") == [75, 55]
    assert values(state, "feed_in_today", "feed_in_month") == [0.1, 0.1]
    assert by_tariff(state, "feed_in_today") == [("Base", 2.4, 0.04, 0.1)]


def test_tempo_days_are_left_if_the_season_is_complete(here: EnergyHome) -> None:
    here.linky(bbrhpjb="1", tempo_today="blue", ptec="HPJB")
    for day in range(1, 31):
        colour = {24: "w", 25: "r"}.get(day, "b")
        here.use(f"2026-09-{day:02}T06:00", f"2026-09-{day:02}T22:00", 10, f"bbrhpj{colour}")
    keys = [f"tempo_days_left_{colour}" for colour in ("blue", "white", "red")]
    assert values(numbers(here, "2026-10-01T05:00"), *keys) == [272, 42, 21]
    assert values(numbers(here, "2026-10-01T07:00"), *keys) == [271, 42, 21]
    del here.counted[f"sensor.{LINKY}_bbrhpjr"]  # a gap
    assert values(numbers(here, "2026-10-01T07:00"), *keys) == [None] * 3


def test_tempo_days_are_left_once_the_meter_has_named_its_calendar(here: EnergyHome) -> None:
    here.linky(easf02="1", easf04="1", easf06="1", tempo_today="blue", ngtf="unknown")
    for day in range(1, 31):
        register = {24: "easf04", 25: "easf06"}.get(day, "easf02")
        here.use(f"2026-09-{day:02}T06:00", f"2026-09-{day:02}T22:00", 10, register)
    reader = HomeNumbers([], ZoneInfo)
    keys = [f"tempo_days_left_{colour}" for colour in ("blue", "white", "red")]
    assert values(numbers(here, "2026-10-01T05:00", again=reader), *keys) == [None] * 3
    here.say(f"sensor.{LINKY}_ngtf", "TEMPO")
    assert values(numbers(here, "2026-10-01T05:10", again=reader), *keys) == [272, 42, 21]


def test_it_asks_for_statistics_less_than_once_a_minute(here: EnergyHome) -> None:
    here.linky(hchc="1", hchp="1", tempo_today="blue")
    here.use("2026-11-20", "2026-12-02", SLOT_WH, "energy_total", "hchp")
    reader = HomeNumbers([OFF_PEAK], ZoneInfo)
    numbers(here, "2026-12-01T10:00", again=reader)
    here.questions.clear()
    for minute in range(60):
        numbers(here, f"2026-12-01T11:{minute:02}", again=reader)
    assert here.questions == {"states": 60, "hour": 1, "5minute": 14}
