"""A contract is typed: what the home costs, in the energy dashboard and on the device "Home"."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from hems.protocols.tariffs.local_periods import home_periods
from hems.workers.provision.home_assistant.reader_account import NAME
from tests.e2e.gateway import Gateway, gateway
from tests.e2e.meter import TOTAL, Meter
from tests.e2e.visitor import Visitor
from tests.integration.worker_process import eventually

pytestmark = pytest.mark.e2e

REGISTER = TOTAL.replace("energy_total", "easf01")
CONTRACT = '[{name = "Test", prices = {1 = 0.25, 2 = 0.4}, standing_charge_year = 0}]'
WITHIN_S = 60.0
HOUR_WH = 500.0
DAYS = 3


@pytest.fixture(scope="module")
def home(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """Yield a gateway of its own, with a contract: others have another past."""
    with gateway(root, tmp_path_factory.mktemp("home")) as whole:
        whole.variables["HEMS_TARIFFS_CONTRACTS"] = CONTRACT
        whole.power_on()
        yield whole


@pytest.fixture(scope="module")
def owner(home: Gateway) -> Visitor:
    return Visitor(home.site)


@pytest.fixture(scope="module")
def meter(home: Gateway, owner: Visitor) -> Meter:
    """Return a meter with a past of some days, which the gateway knows."""
    announced = Meter(home.site)
    for entity_id in (TOTAL, REGISTER):
        value = announced.push()
        eventually(lambda: owner.state(entity_id) == value, WITHIN_S, "a reading")  # noqa: B023
        import_days(owner, entity_id, float(value))
    for entity_id in (TOTAL, REGISTER):
        eventually(lambda: counted(owner, entity_id) > 0, WITHIN_S, "its past")  # noqa: B023
    home.restart("hems")
    home.hems.until_settled()
    return announced


def import_days(owner: Visitor, entity_id: str, total: float) -> None:
    """Import the same energy for each hour of some days; nothing since the last full hour."""
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    hours = DAYS * 24
    stats = [
        {
            "start": (now - timedelta(hours=hours - number)).isoformat(),
            "state": total - (hours - number) * HOUR_WH,
            "sum": number * HOUR_WH,
        }
        for number in range(hours)
    ]
    metadata = {
        "mean_type": 0,
        "has_sum": True,
        "name": None,
        "source": "recorder",
        "statistic_id": entity_id,
        "unit_class": "energy",
        "unit_of_measurement": "Wh",
    }
    owner.command("recorder/import_statistics", metadata=metadata, stats=stats)


def grid_sources(owner: Visitor) -> dict[str, Any]:
    """Return the price of each source at the grid that is this meter's, by entity id."""
    energy: Any = owner.command("energy/get_prefs") or {"energy_sources": []}
    node = TOTAL.removesuffix("energy_total")
    return {
        one["stat_energy_from"]: one["number_energy_price"]
        for one in energy["energy_sources"]
        if one["type"] == "grid" and one["stat_energy_from"].startswith(node)
    }


def counted(owner: Visitor, *entity_ids: str) -> float:
    """Return the energy of the entities since the import (Wh)."""
    answer: Any = owner.command(
        "recorder/statistics_during_period",
        start_time=(datetime.now(UTC) - timedelta(days=DAYS + 1)).isoformat(),
        statistic_ids=[*entity_ids],
        period="hour",
        types=["change"],
        units={"energy": "Wh"},
    )
    return float(sum(row["change"] for rows in answer.values() for row in rows))


def number(owner: Visitor, entity_id: str) -> float | None:
    text = owner.state(entity_id)
    try:
        return float(text)
    except ValueError:
        return None


def is_yesterday(owner: Visitor, what: str, value: float) -> bool:
    return number(owner, f"sensor.home_{what}_yesterday") == pytest.approx(value)


def test_what_is_measured_has_its_cost_once(owner: Visitor, meter: Meter) -> None:
    eventually(lambda: grid_sources(owner) == {REGISTER: 0.25}, WITHIN_S, "a source with its price")
    assert counted(owner, *grid_sources(owner)) == counted(owner, TOTAL) > 0
    yesterday = home_periods(time.time(), ZoneInfo("Europe/Paris")).yesterday
    kwh = (yesterday.end - yesterday.begin) / 3600 * HOUR_WH / 1000
    eventually(lambda: is_yesterday(owner, "energy", kwh), WITHIN_S, "yesterday")
    eventually(lambda: is_yesterday(owner, "cost", 0.25 * kwh), WITHIN_S, "what it cost")
    counting = owner.state(TOTAL.replace("energy_total", "ntarf"))
    price = {"1": 0.25, "2": 0.4}[counting]
    eventually(lambda: number(owner, "sensor.home_price_now") == price, WITHIN_S, "the price")
    cost = f"{REGISTER}_cost"
    eventually(lambda: number(owner, cost) is not None, WITHIN_S, "the cost of the dashboard")
    before = number(owner, cost)
    meter.push()
    eventually(lambda: number(owner, cost) != before, WITHIN_S, "it rises with the meter")


def test_the_worker_may_only_read(owner: Visitor, meter: Meter) -> None:
    (reader,) = (one for one in owner.command("config/auth/list") if one["name"] == NAME)
    assert reader["group_ids"] == ["system-read-only"]
    assert (reader["local_only"], reader["is_owner"]) == (True, False)
