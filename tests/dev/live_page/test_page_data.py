import json
from datetime import datetime
from typing import Any

from dev.launcher.mqtt_reading_rows import ReadingRow, missing_row
from dev.launcher.simulated_home_options import DAY_S, DeskHome
from dev.live_page.page_data import PageData
from hems.supervision.health.health_row import HealthRow
from hems.supervision.health.problem_list import ListedProblem

BEGIN = int(datetime.fromisoformat("2026-03-02T12:00:00+01:00").timestamp())
PROBLEM = ListedProblem("n", "s", "A meter is silent", "now", "no frame", "look", "operator", 0.0)
LED = HealthRow(
    "led", "notify", "active", "", True, True, "", 0, "",
    json.dumps({"lamps": {"errors": {"pattern": "fast blink", "meaning": "a person has to act"}}}),
    (PROBLEM,),
)  # fmt: skip
ILL = LED._replace(name="meter-1", state="failed", is_ready=False, is_healthy=False, metrics="{}")


def shown(home: DeskHome, unix_time: int = BEGIN) -> dict[str, Any]:
    data = PageData(home)
    readings = [ReadingRow("020000000001", "112 VA", "1 kWh", "HP", "12:00", 3, 90.0)]
    data.update([*readings, missing_row("020000000009", 100.0)], [LED, ILL])
    return dict(json.loads(data.document(unix_time, 100.0)))


def test_the_power_of_the_page_balances() -> None:
    power = shown(DeskHome(days=1, begin=BEGIN))["power"]
    assert power["made"] > 0
    assert power["imported"] - power["exported"] == power["used"] - power["made"]


def test_the_curve_has_the_last_day_of_the_household_also_when_that_is_faster() -> None:
    for speed in (1, 60):
        data = shown(DeskHome(speed=speed, days=1, begin=BEGIN), BEGIN + 1200)
        times = [at for at, _, _ in data["day"]]
        assert times[-1] == data["household_time"] == BEGIN + 1200 * speed
        assert DAY_S <= times[-1] - times[0] < DAY_S + 1800
        assert times == sorted(times)


def test_the_energy_by_tariff_is_that_of_today() -> None:
    home = DeskHome(contract="off-peak", days=1, begin=BEGIN)
    cheap, dear = shown(home)["tariffs"]
    assert (cheap["name"], dear["name"]) == ("HEURE CREUSE", "HEURE PLEINE")
    assert (cheap["is_now"], dear["is_now"]) == (False, True)
    assert cheap["wh"] > 1000
    midnight = shown(home, BEGIN - 12 * 3600)["tariffs"]
    assert [one["wh"] for one in midnight] == [0, 0]


def test_the_appliances_are_all_that_is_used() -> None:
    data = shown(DeskHome(days=1, begin=BEGIN))
    assert sum(one["watts"] for one in data["appliances"]) == data["power"]["used"]


def test_meters_leds_units_and_problems_are_what_the_workers_say() -> None:
    data = shown(DeskHome(begin=BEGIN))
    assert [(one["id"], one["age_s"]) for one in data["meters"]] == [
        ("020000000001", 10),
        ("020000000009", None),
    ]
    assert data["leds"] == [
        {"name": "errors", "pattern": "fast blink", "meaning": "a person has to act"}
    ]
    assert data["units"] == {"all": 2, "ready": 1, "complaints": ["meter-1 has failed"]}
    assert data["problems"][0]["title"] == "A meter is silent"
