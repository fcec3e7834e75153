"""Which requests InfluxDB receives, in which order; over HTTP see tests/integration."""

from __future__ import annotations

from pathlib import Path

import pytest

from hems.errors import Rejected, Unavailable
from hems.settings.influxdb import InfluxdbSettings
from hems.workers.provision.gateway_file_paths import GatewayFiles
from hems.workers.provision.influxdb import downsampling_script
from hems.workers.provision.influxdb.setup import InfluxdbSetup
from hems.workers.provision.shared_secrets import SharedSecrets
from tests.fakes.database import FakeDatabase

DAY_S = 86400


def steps(directory: Path, database: FakeDatabase, **settings: object) -> list[str]:
    """Take the step twice; return what the first has done, and see that the second did nothing."""
    secrets = SharedSecrets(GatewayFiles(directory, directory, sets_owner=False), {}, "0".__mul__)
    secrets.step(0)
    step = InfluxdbSetup(InfluxdbSettings(**settings), secrets, lambda _token: database)  # type: ignore[arg-type]
    step.step(0)
    done = list(database.done)
    step.step(0)
    assert database.done == done
    return done


def test_a_new_one_is_set_up_with_the_retention_wanted(tmp_path: Path) -> None:
    assert steps(tmp_path, FakeDatabase(is_new=True), retention_days=30) == [
        f"make home_assistant for {30 * DAY_S}"
    ]


def test_one_that_is_as_wanted_is_left_alone(tmp_path: Path) -> None:
    assert steps(tmp_path, FakeDatabase(buckets={"home_assistant": 0})) == []


def test_a_missing_bucket_is_made_and_another_retention_is_set(tmp_path: Path) -> None:
    assert steps(tmp_path, FakeDatabase()) == ["make home_assistant for 0"]
    database = FakeDatabase(buckets={"home_assistant": 5})
    assert steps(tmp_path, database, retention_days=1) == [f"keep home_assistant for {DAY_S}"]


def test_a_persons_retention_stays_unless_a_setting_says_another(tmp_path: Path) -> None:
    assert steps(tmp_path, FakeDatabase(buckets={"home_assistant": 30 * DAY_S})) == []
    database = FakeDatabase(buckets={"home_assistant": 30 * DAY_S})
    assert steps(tmp_path, database, retention_days=0) == ["keep home_assistant for 0"]


def test_a_new_bucket_keeps_for_ever_unless_a_setting_says_how_long(tmp_path: Path) -> None:
    assert steps(tmp_path, FakeDatabase(is_new=True)) == ["make home_assistant for 0"]


def test_a_missing_bucket_that_may_not_be_made_is_for_a_person(tmp_path: Path) -> None:
    with pytest.raises(Rejected, match="create it on the page /influx/, Load Data, Buckets"):
        steps(tmp_path, FakeDatabase(may_make=False))


def test_downsampling_has_a_bucket_that_keeps_for_ever_and_one_task(tmp_path: Path) -> None:
    database = FakeDatabase(buckets={"home_assistant": 0})
    done = steps(tmp_path, database, is_downsampling=True)
    assert done == ["make home_assistant_long_term for 0", "make the task"]
    database.scripts = ["an older script"]
    assert steps(tmp_path, database, is_downsampling=True)[-1] == "change task 0"
    assert steps(tmp_path, database)[-1] == "remove task 0"
    assert "home_assistant_long_term" in database.buckets


def test_nothing_is_asked_before_the_token_is_on_disk(tmp_path: Path) -> None:
    secrets = SharedSecrets(GatewayFiles(tmp_path, tmp_path, sets_owner=False), {}, "0".__mul__)
    with pytest.raises(Unavailable, match="waits for INFLUX_TOKEN"):
        InfluxdbSetup(InfluxdbSettings(), secrets, lambda _token: FakeDatabase()).step(0)


def test_the_script_names_both_buckets_and_makes_up_for_three_missed_runs() -> None:
    flux = downsampling_script.flux("hems", "from-here", "to-there")
    assert f'option task = {{name: "{downsampling_script.NAME}", every: 6h, offset: 5m}}' in flux
    assert 'from(bucket: "from-here")' in flux
    assert 'to(bucket: "to-there", org: "hems")' in flux
    assert "range(start: -1d)" in flux
