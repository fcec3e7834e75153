from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hems.protocols.tariffs.contract import Contract, contract_at, plain_name
from hems.protocols.tariffs.price_levels import PriceLevel, price_level
from hems.protocols.tariffs.register_aliases import linky_names, other_names
from hems.protocols.tariffs.tariff_hours import hour_ranges

PARIS = ZoneInfo("Europe/Paris")
SMART = Contract(
    "Smart",
    prices={"day": 0.35, "night": 0.19, "peak": 0.4},
    hours={"night": hour_ranges("23:00-08:00"), "peak": hour_ranges("Mon-Fri 17:30-19:00")},
)
TEMPO = Contract(
    "Tempo",
    prices={"HCJB": 0.13, "HPJB": 0.16, "HCJW": 0.15, "HPJW": 0.19, "HCJR": 0.16, "HPJR": 0.71},
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


def test_the_tariff_of_a_time_is_the_first_one_that_has_it_or_the_one_without_hours() -> None:
    monday = {2: "night", 12: "day", 18: "peak", 23: "night"}
    assert {hour: SMART.tariff_at(at(f"2026-11-30T{hour:02}")) for hour in monday} == monday
    assert SMART.tariff_at(at("2026-11-29T18")) == "day"
    assert Contract("One", price=0.2).tariff_at(at("2026-11-30")) == "One"
    assert TEMPO.tariff_at(at("2026-11-30")) is None


def test_an_hour_in_which_the_tariff_changes_is_divided_by_time() -> None:
    assert SMART.shares(at("2026-11-30T17"), 60) == {"day": 0.5, "peak": 0.5}
    assert SMART.shares(at("2026-11-30T18"), 60) == {"peak": 1.0}
    assert SMART.shares(at("2026-11-30T22:30"), 60) == {"day": 0.5, "night": 0.5}


@given(st.integers(0, 7 * 1440), st.integers(1, 60))
def test_the_shares_of_a_time_are_the_tariffs_of_its_minutes(first: int, minutes: int) -> None:
    begin = at("2026-11-23") + timedelta(minutes=first)
    by_minute = [SMART.tariff_at(begin + timedelta(minutes=one)) for one in range(minutes)]
    expected = {name: by_minute.count(name) / minutes for name in {*by_minute}}
    assert SMART.shares(begin, minutes) == pytest.approx(expected)


def test_changes_come_in_order_and_in_the_homes_time_when_the_clock_is_set_back() -> None:
    now = datetime(2026, 10, 25, 0, 30, tzinfo=PARIS)
    first, second, *_ = (one for one in SMART.changes_after(now, PARIS) if one[0].hour)
    assert (first[0].isoformat(), first[1]) == ("2026-10-25T08:00:00+01:00", "day")
    assert (second[0].isoformat(), second[1]) == ("2026-10-25T17:30:00+01:00", "day")
    assert [*TEMPO.changes_after(now, PARIS)] == []


def test_a_contract_counts_from_its_day_until_the_next_one() -> None:
    old, new = Contract("old", date(2026, 2, 1)), Contract("new", date(2026, 9, 1))
    days = {date(2026, 1, 31): None, date(2026, 2, 1): old, date(2026, 8, 31): old}
    days |= {date(2026, 9, 1): new, date(2030, 1, 1): new}
    assert {day: contract_at((new, old), day) for day in days} == days


def test_each_day_has_its_part_of_the_standing_charge() -> None:
    monthly, yearly = Contract("m", standing_charge_month=15.5), Contract("y")
    assert monthly.standing_charge(date(2026, 1, 1)) == 0.5
    february = sum(monthly.standing_charge(date(2024, 2, day)) for day in range(1, 30))
    assert february == pytest.approx(15.5)
    yearly = Contract("y", standing_charge_year=366)
    assert yearly.standing_charge(date(2024, 2, 29)) == 1.0
    assert yearly.standing_charge(date(2026, 1, 1)) == pytest.approx(366 / 365)
    assert Contract("n").standing_charge(date(2026, 1, 1)) == 0.0


def test_a_register_has_the_price_of_each_of_its_names() -> None:
    known = {7: "SUPER CREUSE"}
    cases = {
        ("HCHC", ""): ("HCHC", "hc", "Heures creuses", "HEURES CREUSES"),
        ("BASE", ""): ("base", "TH"),
        ("BBRHPJR", ""): ("HPJR", "HP Rouge", "bbrhpjr", "HP jours rouges"),
        ("EJPHPM", ""): ("PM", "Pointe mobile"),
        ("EASF01", ""): ("EASF01", "1"),
        ("EASF06", "TEMPO"): ("6", "HPJR", "HP ROUGE"),
        ("EASF02", "H PLEINE/CREUSE"): ("2", "HCHP", "Heures pleines"),
        ("EASF07", "TEMPO"): ("7", "Super creuse"),
    }
    for (label, calendar), names in cases.items():
        for name in names:
            contract = Contract("c", prices={"other": 9.0, name: 0.5})
            price = contract.price_of((*linky_names(label, calendar, known),))
            assert price == 0.5, (label, name)
    assert Contract("c", prices={"HCHC": 1.0}).price_of(linky_names("EASF01", "", {})) is None
    assert other_names(("energy", "tariff", "2"), "Energy tariff 2") == ("Energy tariff 2", "T2")
    assert plain_name("Été-Heures_1") == "eteheures1"


def test_the_level_is_relative_to_the_other_prices_of_the_contract() -> None:
    every = TEMPO.all_prices
    levels = {name: price_level(one, every) for name, one in TEMPO.prices.items()}
    assert [name for name, one in levels.items() if one is PriceLevel.CHEAP] == ["HCJB"]
    assert [name for name, one in levels.items() if one is PriceLevel.EXPENSIVE] == ["HPJR"]
    assert price_level(0.2, (0.2,)) is PriceLevel.NORMAL
    assert price_level(0.2, (0.2, 0.21)) is PriceLevel.NORMAL
    assert price_level(0.0, (0.0, 0.4)) is PriceLevel.CHEAP
    assert [price_level(one, (0.1, 0.2)) for one in (0.109, 0.111, 0.181)] == [
        PriceLevel.CHEAP,
        PriceLevel.NORMAL,
        PriceLevel.EXPENSIVE,
    ]
