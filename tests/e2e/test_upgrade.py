"""A home that ran Home Assistant 2025.3.4 gets the current release, and goes back.

volume-2025.3.4.tar.xz is what the gateway 0.1.0 and that release left, stopped in good order: the
owner and Camille, a dashboard of the family, a renamed entity, a day of statistics.
"""

from __future__ import annotations

import json
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from hems.workers.provision.home_assistant.dashboard_ownership import content_digest
from hems.workers.provision.home_assistant.reader_account import NAME as READER
from tests.deploy.client import PASSWORD
from tests.e2e.conftest import EARLIER
from tests.e2e.gateway import Gateway, gateway
from tests.e2e.meter import TOTAL, Meter
from tests.e2e.test_power_on import ERROR
from tests.e2e.visitor import Visitor
from tests.integration.worker_process import eventually

pytestmark = pytest.mark.e2e

VOLUME = Path(__file__).with_name(f"volume-{EARLIER}.tar.xz")
TOKEN = "a-new-token-of-the-fleet"
OURS = "\ninput_boolean:\n  ours:\n    name: Ours\n"  # what a person has added
DATABASE, COPY = "home-assistant_v2.db", f"tmp_backups/smartcore-{EARLIER}.tar"
READY_S = 120.0


@pytest.fixture(scope="module", params=["as installed", "edited"])
def upgraded(
    request: pytest.FixtureRequest, root: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gateway]:
    """Yield a gateway whose volumes are 0.1.0's, after its first start with the current release."""
    directory = tmp_path_factory.mktemp("upgraded")
    with gateway(root, directory) as whole:
        _unpack(directory)
        configuration = whole.home_assistant.config / "configuration.yaml"
        if request.param == "edited":
            configuration.write_text(configuration.read_text() + OURS)
        whole.variables["INFLUX_TOKEN"] = TOKEN
        whole.power_on()
        yield whole


@pytest.fixture(scope="module")
def resident(upgraded: Gateway) -> Visitor:
    visitor = Visitor(upgraded.site)
    eventually(lambda: visitor.command("get_config")["state"] == "RUNNING", READY_S, "it runs")
    return visitor


def stored(name: str) -> Any:
    """Return the data of a store as 2025.3.4 left it."""
    with tarfile.open(VOLUME) as archive:
        file = archive.extractfile(f"./config/.storage/{name}")
        assert file is not None
        return json.load(file)["data"]


def ids(entities: list[dict[str, Any]]) -> dict[tuple[str, str], str]:
    """Return the entity ids by what does not change.

    Without the sun's: Home Assistant 2026 itself made a binary sensor of one of its sensors.
    """
    others = [one for one in entities if one["platform"] != "sun"]
    return {(one["platform"], str(one["unique_id"])): one["entity_id"] for one in others}


def statistics(owner: Visitor) -> dict[str, float]:
    """Return the sum of each hour that the meter's total has."""
    rows = owner.command(
        "recorder/statistics_during_period",
        start_time="2026-11-01T00:00:00+00:00",
        end_time="2026-12-02T00:00:00+00:00",
        statistic_ids=[TOTAL],
        period="hour",
        types=["sum"],
    )
    return {str(row["start"]): row["sum"] for row in rows.get(TOTAL, [])}


def change(owner: Visitor, *entity_ids: str) -> float:
    """Return what the entities have counted in all their statistics (Wh)."""
    rows = owner.command(
        "recorder/statistics_during_period",
        start_time="2026-11-01T00:00:00+00:00",
        statistic_ids=[*entity_ids],
        period="hour",
        types=["change"],
        units={"energy": "Wh"},
    )
    return float(sum(row["change"] for of_one in rows.values() for row in of_one))


def saved_statistics(folder: Path) -> dict[str, float]:
    with closing(sqlite3.connect(folder / DATABASE)) as database:
        rows = database.execute(
            "select start_ts, sum from statistics join statistics_meta on metadata_id ="
            " statistics_meta.id where statistic_id = ?",
            [TOTAL],
        )
        return {str(int(start * 1000)): total for start, total in rows}


def test_everybody_gets_in_with_the_password_of_before(
    upgraded: Gateway, resident: Visitor
) -> None:
    Visitor(upgraded.site, "camille", "only in tests")
    listed = resident.command("config/auth/list")
    users = {user["name"]: user["is_owner"] for user in listed if user["name"] != READER}
    people = {user["name"]: user["is_owner"] for user in stored("auth")["users"]}
    assert users == people
    assert len(resident.command("person/list")["storage"]) == 2


def test_dashboards_and_energy_are_as_they_were(upgraded: Gateway, resident: Visitor) -> None:
    paths = {one["url_path"] for one in resident.command("lovelace/dashboards/list")}
    assert paths >= {"smartcore", "our-home"}
    content = resident.command("lovelace/config", url_path="our-home")
    assert content == stored("lovelace.our_home")["config"]
    energy = resident.command("energy/get_prefs")
    sources = [one["stat_energy_from"] for one in energy["energy_sources"]]
    assert change(resident, *sources) == change(resident, TOTAL) > 0  # the total, or its registers
    record = json.loads(Path(upgraded.site.directory, "data/homeassistant.json").read_bytes())
    smartcore = resident.command("lovelace/config", url_path="smartcore")
    assert content_digest(smartcore) in record["dashboard"]  # still the gateway's


def test_every_entity_has_the_id_of_before(resident: Visitor) -> None:
    before = ids(stored("core.entity_registry")["entities"])
    now = ids(resident.command("config/entity_registry/list"))
    assert {key: now.get(key) for key in before} == before
    assert "sensor.our_power" in before.values()


def test_readings_go_on_and_reach_influxdb_with_the_new_token(
    upgraded: Gateway, resident: Visitor
) -> None:
    meter = Meter(upgraded.site, total=int(Path(upgraded.site.directory, "TOTAL").read_text()))
    value = meter.push()
    eventually(lambda: resident.state(TOTAL) == value, READY_S, "the reading")
    [entry] = resident.command("config_entries/get", domain="mqtt")
    assert entry["entry_id"] in str(stored("core.config_entries"))
    assert entry["state"] == "loaded"
    points = upgraded.influxdb.store.points
    eventually(lambda: bool(points(TOTAL)), READY_S, "the point")
    assert list(upgraded.influxdb.api.tokens) == [TOKEN]


def test_the_history_is_there(upgraded: Gateway, resident: Visitor) -> None:
    before = saved_statistics(unpacked(upgraded))
    assert len(before) > 20
    now = statistics(resident)
    assert {start: now.get(start) for start in before} == before


def test_home_assistant_has_nothing_to_complain_of(upgraded: Gateway, resident: Visitor) -> None:
    assert resident.command("repairs/list_issues") == {"issues": []}
    assert [match[0] for match in ERROR.finditer(upgraded.home_assistant.log())] == []
    http = resident.command("http/config")
    assert (http["pending"], http["active_config_type"]) == (None, "stable")
    configuration = (upgraded.home_assistant.config / "configuration.yaml").read_text()
    assert "\nhttp:" not in configuration
    if OURS in configuration:
        assert resident.state("input_boolean.ours") == "off"


def test_the_way_back_and_there_again(
    upgraded: Gateway, resident: Visitor, root: Path, earlier_root: Path
) -> None:
    """The earlier release gets what it wrote; without that it would end at once."""
    before = saved_statistics(unpacked(upgraded))
    home = upgraded.home_assistant
    is_edited = OURS in (home.config / "configuration.yaml").read_text()
    assert (home.config / COPY).exists()
    upgraded.stop("homeassistant")
    home.replace_root(earlier_root)
    upgraded.start("homeassistant")
    home.wait()
    assert (home.config / ".HA_VERSION").read_text() == EARLIER
    assert not (home.config / COPY).exists()
    if is_edited:  # its own defaults come with the earlier image, which is not here
        owner = Visitor(upgraded.site)
        eventually(lambda: owner.command("get_config")["state"] == "RUNNING", READY_S, "it runs")
        assert owner.command("get_config")["version"] == EARLIER
        assert not owner.command("get_config")["recovery_mode"]
        now = statistics(owner)
        assert {start: now.get(start) for start in before} == before
        assert ids(owner.command("config/entity_registry/list")).items() >= (
            ids(stored("core.entity_registry")["entities"]).items()
        )
    upgraded.stop("homeassistant")
    home.replace_root(root)
    upgraded.start("homeassistant")
    home.wait()
    assert (home.config / COPY).exists()
    again = Visitor(upgraded.site, password=PASSWORD)
    eventually(lambda: again.command("get_config")["state"] == "RUNNING", READY_S, "it runs")
    assert again.command("repairs/list_issues") == {"issues": []}


def _unpack(directory: Path) -> None:
    with tarfile.open(VOLUME) as archive:
        archive.extraction_filter = getattr(tarfile, "data_filter", None)  # not in Python 3.11.2
        archive.extractall(directory)


def unpacked(upgraded: Gateway) -> Path:
    """Return the configuration as 2025.3.4 left it."""
    folder = upgraded.site.directory / "before"
    if not folder.exists():
        _unpack(folder)
    return folder / "config"
