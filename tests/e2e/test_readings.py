"""A reading on its way: the meter, nginx, the worker, the broker, Home Assistant, the database."""

from __future__ import annotations

import time

import pytest

from tests.e2e.gateway import Gateway
from tests.e2e.meter import TOTAL, Meter
from tests.e2e.victoria_metrics import Point
from tests.e2e.visitor import Visitor
from tests.integration.worker_process import eventually

pytestmark = pytest.mark.e2e

WITHIN_S, TEMPLATES_S = 10.0, 40.0  # templates are evaluated every 30 s


def test_a_frame_becomes_a_state_and_a_point(
    home: Gateway, owner: Visitor, meter: Meter, capsys: pytest.CaptureFixture[str]
) -> None:
    started, sent_at = time.monotonic(), time.time()
    value = meter.push()
    eventually(lambda: owner.state(TOTAL) == value, WITHIN_S, "the state")
    state_s = time.monotonic() - started

    def stored() -> list[Point]:
        return [one for one in home.influxdb.store.points(TOTAL) if one.value == int(value)]

    eventually(lambda: bool(stored()), WITHIN_S, "the point")
    point_s = time.monotonic() - started
    assert -0.001 <= stored()[0].time - sent_at <= state_s  # the database has ms
    with capsys.disabled():
        print(f"\nframe to state: {state_s:.2f} s; frame to point: {point_s:.2f} s")  # noqa: T201


def test_the_gateways_own_metrics_are_stored_too(home: Gateway, owner: Visitor) -> None:
    entity = "sensor.gateway_memory_used"
    eventually(lambda: bool(home.influxdb.store.points(entity)), WITHIN_S, "memory in the database")
    unit = "sensor.gateway_unit_provision"
    eventually(lambda: owner.state(unit) == "active", WITHIN_S, "the state of provision")


def test_an_automation_can_ask_how_much_power_is_left(owner: Visitor, meter: Meter) -> None:
    meter.push()  # PREF 6 kVA, SINSTS 930 VA
    left = "sensor.electricity_power_left"
    eventually(lambda: owner.state(left) != "unavailable", TEMPLATES_S, "the template's value")
    assert float(owner.state(left)) == 5070
    assert owner.state("binary_sensor.electricity_off_peak") == "off"
