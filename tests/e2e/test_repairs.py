"""Repairs without a person after a fault or a change; what people made stays."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from hems.settings.shared_secret_rules import DEFAULTS, Secret
from hems.workers.provision.home_assistant.dashboard_ownership import content_digest
from tests.e2e.gateway import Gateway
from tests.e2e.meter import TOTAL, Meter
from tests.e2e.visitor import Visitor
from tests.integration.worker_process import eventually

pytestmark = pytest.mark.e2e

PASSWORD = "another one, only in tests"
RECONNECTED_S = 90.0
DASHBOARD = "smartcore"


@pytest.fixture(autouse=True)
def _has_dashboards(owner: Visitor, meter: Meter) -> None:
    eventually(lambda: None not in dashboards(owner), 30, "both dashboards")


def dashboards(owner: Visitor) -> tuple[Any, Any]:
    """Return what the energy and the SmartCORE dashboard show, None for one that is not there."""
    energy = owner.command("energy/get_prefs")
    return energy, owner.command("lovelace/config", url_path=DASHBOARD)


def outcome(home: Gateway, owner: Visitor) -> dict[str, Any]:
    """Return everything that provision has brought about."""
    files = [path for path in home.site.gateway.rglob("*") if path.is_file()]
    return {
        "files": {str(path): fingerprint(path) for path in files},
        "restarts": [call for call in home.device.calls if "restart-service" in call],
        "database": home.influxdb.api.changes,
        "broker": [one["entry_id"] for one in owner.command("config_entries/get", domain="mqtt")],
        "users": [one["id"] for one in owner.command("config/auth/list")],
        "dashboards": dashboards(owner),
    }


def fingerprint(path: Path) -> tuple[int, str]:
    return path.stat().st_mtime_ns, hashlib.sha256(path.read_bytes()).hexdigest()


def a_reading_arrives(owner: Visitor, meter: Meter) -> None:
    """Send readings until Home Assistant shows one."""
    eventually(lambda: shows_next(owner, meter), RECONNECTED_S, "a reading arrives")


def shows_next(owner: Visitor, meter: Meter) -> bool:
    value = meter.push()
    try:
        eventually(lambda: owner.state(TOTAL) == value, 1, "it is shown")
    except AssertionError:
        return False
    return True


def test_a_second_pass_changes_nothing(home: Gateway, owner: Visitor) -> None:
    before = outcome(home, owner)
    home.restart("hems")
    home.hems.until_settled()
    assert outcome(home, owner) == before


def test_readings_arrive_after_home_assistant_was_restarted(
    home: Gateway, owner: Visitor, meter: Meter
) -> None:
    home.restart("homeassistant")
    home.home_assistant.wait()
    a_reading_arrives(owner, meter)


def test_a_new_password_of_the_broker_reaches_home_assistant(
    home: Gateway, owner: Visitor, meter: Meter
) -> None:
    home.variables["MQTT_HOMEASSISTANT_PASSWORD"] = PASSWORD
    home.restart("hems")
    home.hems.until_settled()
    a_reading_arrives(owner, meter)
    (entry,) = owner.command("config_entries/get", domain="mqtt")
    assert entry["state"] == "loaded"
    assert owner.command("config_entries/flow/progress") == []


def test_no_secret_is_in_a_log(home: Gateway) -> None:
    names = {secret for secret in Secret if secret not in DEFAULTS}
    for path, text in home.logs().items():
        assert not [name for name in names if home.secret(name) in text], path


def test_the_dashboards_are_known_as_ours(home: Gateway, owner: Visitor) -> None:
    """Home Assistant returns just what was saved: else they would never be made newer."""
    record = json.loads(Path(home.site.directory, "data", "homeassistant.json").read_bytes())
    energy, smartcore = dashboards(owner)
    assert content_digest(energy) in record["energy"]
    assert content_digest(smartcore) in record["dashboard"]


def test_what_people_made_of_the_dashboards_stays(home: Gateway, owner: Visitor) -> None:
    """Even when provision does not know that it has made them."""
    solar = {"type": "solar", "stat_energy_from": TOTAL, "config_entry_solar_forecast": None}
    owner.command("energy/save_prefs", energy_sources=[solar], device_consumption=[])
    own = {"views": [{"title": "Ours", "cards": []}]}
    owner.command("lovelace/config/save", url_path=DASHBOARD, config=own)
    before = dashboards(owner)
    Path(home.site.directory, "data", "homeassistant.json").unlink()
    home.restart("hems")
    home.hems.until_settled()
    assert dashboards(owner) == before
