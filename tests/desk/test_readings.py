import json

import pytest

from hems.desk import linky as simulated
from hems.desk.household import FIRST_DAY_S, Household
from hems.desk.readings import Readings, shown
from hems.protocols import linky, linky_entities
from hems.protocols.linky import Mode
from hems.protocols.linky_payload import fields

ID = 20_000_000_001
MORNING = Household(1).reading(FIRST_DAY_S + 500 * 86_400 + 10 * 3600)


def state(mode: Mode) -> linky_entities.State:
    return linky_entities.state(linky.parse(fields(simulated.payload(mode, ID, MORNING), ID)))


@pytest.mark.parametrize("mode", Mode)
def test_the_worker_understands_every_value_of_a_simulated_meter(mode: Mode) -> None:
    assert linky.parse(fields(simulated.payload(mode, ID, MORNING), ID)).malformed == ()


@pytest.mark.parametrize(("mode", "tariff"), [(Mode.STANDARD, "PLEINE"), (Mode.HISTORIQUE, "HP")])
def test_energy_and_tariff_are_shown(mode: Mode, tariff: str) -> None:
    one = shown("020000000001", state(mode), 1)
    total_wh = MORNING.off_peak_wh + MORNING.peak_wh
    assert one.energy == f"{total_wh / 1000:.3f} kWh"
    assert tariff in one.tariff


def test_a_standard_meters_power_is_measured() -> None:
    power = shown("020000000001", state(Mode.STANDARD), 1).power
    assert power == f"{round(MORNING.watts / simulated.POWER_FACTOR)} VA"


def test_a_historique_meters_power_is_an_estimate() -> None:
    assert shown("x", {"power_estimated": 431.7}, 1).power == "about 432 W"


def test_what_is_not_known_is_a_dash() -> None:
    one = shown("x", {}, 1)
    assert (one.power, one.energy, one.tariff, one.clock) == ("-", "-", "-", "-")


def test_readings_are_counted_by_meter() -> None:
    readings = Readings()
    for device_id in ("1", "2", "1"):
        readings.take(f"some/base/d2l/{device_id}/state", json.dumps({"sinsts": 5}).encode())
    assert {one.device_id: one.count for one in readings.newest.values()} == {"1": 2, "2": 1}
