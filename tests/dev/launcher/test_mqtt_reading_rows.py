import json

import pytest

from dev.launcher.mqtt_reading_rows import Readings, reading_row
from dev.simulator import linky_payload as simulated
from dev.simulator.household import FIRST_DAY_S, Household
from dev.simulator.linky_variants import KINDS
from dev.simulator.meter_faults import encoded
from hems.protocols.linky import linky_state, meter_reading
from hems.protocols.linky.d2l_payload import fields
from hems.workers.eesmart_d2l.dongle_mqtt_state import DongleMqttState
from hems.workers.eesmart_d2l.reading_validation import LinkyMeter
from hems.workers.eesmart_d2l.trusted_clock import Moment

ID = 20_000_000_001
MORNING = Household(1).reading(FIRST_DAY_S + 500 * 86_400 + 10 * 3600)


def state(kind: str) -> linky_state.State:
    sent = simulated.values(KINDS[kind], ID, MORNING, MORNING.unix_time)
    reading = meter_reading.parse(fields(encoded(sent), ID))
    accepted = LinkyMeter().accept(reading, Moment(0, None))
    published = DongleMqttState()
    published.show_reading(linky_state.state(accepted.reading), accepted)
    return published.values


@pytest.mark.parametrize(("kind", "tariff"), [("standard", "PLEINE"), ("historique", "HP")])
def test_energy_and_tariff_are_shown(kind: str, tariff: str) -> None:
    one = reading_row("020000000001", state(kind), 1, 0.0)
    assert one.energy == f"{sum(MORNING.registers_wh) / 1000:.3f} kWh"
    assert tariff in one.tariff


def test_a_standard_meters_power_is_measured() -> None:
    power = reading_row("020000000001", state("standard"), 1, 0.0).power
    assert power == f"{round(MORNING.imported.watts / simulated.POWER_FACTOR)} VA"


def test_a_historique_meters_power_is_an_estimate() -> None:
    assert reading_row("x", {"power_estimated": 431.7}, 1, 0.0).power == "about 432 W"


def test_what_is_not_known_is_a_dash() -> None:
    one = reading_row("x", {}, 1, 0.0)
    assert (one.power, one.energy, one.tariff, one.clock) == ("-", "-", "-", "-")


def test_readings_are_counted_by_meter() -> None:
    readings = Readings()
    for now, device_id in enumerate(("1", "2", "1")):
        readings.take(f"some/base/d2l/{device_id}/state", json.dumps({"sinsts": 5}).encode(), now)
    assert {one.device_id: one.count for one in readings.newest.values()} == {"1": 2, "2": 1}
    assert {one.device_id: one.received_at for one in readings.newest.values()} == {"1": 2, "2": 1}


def test_a_dongle_without_a_reading_is_not_counted() -> None:
    readings = Readings()
    readings.take("b/d2l/1/state", b'{"firmware_update_wanted":false}', 0.0)
    assert not readings.newest
    readings.take("b/d2l/1/state", b'{"firmware_update_wanted":false,"date":null}', 1.0)
    assert readings.newest["1"].count == 1
