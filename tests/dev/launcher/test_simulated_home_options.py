from datetime import datetime

import pytest

from dev.launcher.desk_plan import simulated_meters
from dev.launcher.simulated_home_options import DeskHome
from dev.simulator.household import FIRST_DAY_S
from dev.simulator.linky_variants import CONTRACTS, KINDS
from hems.errors import ConfigError
from hems.settings.tariffs import contracts_of

NOW = int(datetime.fromisoformat("2026-12-01T12:00:00+01:00").timestamp())


@pytest.mark.parametrize(
    ("home", "message"),
    [
        (DeskHome(speed=0, begin=NOW), "--speed 0: expected 1 to 3600"),
        (DeskHome(days=366, begin=NOW), "--days 366: expected 0 to 339"),
        (DeskHome(days=1, begin=FIRST_DAY_S), "--days 1: expected 0 to 0"),
    ],
)
def test_an_option_out_of_range_is_refused(home: DeskHome, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        home.check()


def test_a_plain_desk_has_meters_of_all_kinds_and_none_fails() -> None:
    meters = simulated_meters(3, DeskHome())
    assert [one.kind for one in meters] == ["standard", "historique", "standard-producer"]
    assert not any(one.is_failing for one in meters)


def test_a_whole_home_has_panels_and_a_neighbours_meter_that_fails() -> None:
    for home in (DeskHome(speed=60), DeskHome(days=30), DeskHome(contract="tempo")):
        meters = simulated_meters(2, home)
        assert [one.is_failing for one in meters] == [False, True]
        assert home.kind.solar_w > 0
        assert meters[0].kind == home.kind_name


def test_a_whole_home_has_the_prices_of_its_contract() -> None:
    for contract, home_kind in CONTRACTS.items():
        home = DeskHome(contract)
        [one] = contracts_of(home.tariffs, is_text=True)
        count = len(KINDS[home_kind].calendar.labels)
        assert (one.feed_in, len(one.prices) or 1) == (0.04, count)


def test_the_only_meter_does_not_fail() -> None:
    assert not simulated_meters(1, DeskHome(days=30))[0].is_failing


def test_the_past_is_that_of_a_home_at_its_usual_speed() -> None:
    fast, slow = DeskHome(speed=60, begin=NOW), DeskHome(days=1, begin=NOW)
    for hours in (0, 5, 30):
        past = NOW - 3600 * hours
        assert fast.household.reading(past) == slow.household.reading(past)
