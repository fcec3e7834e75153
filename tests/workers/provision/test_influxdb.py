"""What is asked of InfluxDB, and in which order; over HTTP see tests/integration."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from hems.clients.influxdb import SetUp
from hems.clients.influxdb_answers import Bucket, Task
from hems.clients.influxdb_refusals import MissingBucket
from hems.errors import Rejected, Unavailable
from hems.settings.influxdb import Influxdb
from hems.workers.provision import downsampling
from hems.workers.provision.influxdb import InfluxdbReady
from hems.workers.provision.layout import Layout
from hems.workers.provision.shared_secrets import Secrets

DAY_S = 86400


@dataclass
class FakeDatabase:
    """Does what it is asked; `done` is the history."""

    is_new: bool = False
    may_make: bool = True
    buckets: dict[str, int] = field(default_factory=dict)
    scripts: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)

    def is_set_up(self) -> bool:
        return not self.is_new

    def set_up(self, wanted: SetUp) -> None:
        self.is_new = False
        self.create_bucket(wanted.organisation, wanted.bucket, wanted.retention_s)

    def require_writable(self, organisation: str, bucket: str) -> None:
        if bucket not in self.buckets:
            raise MissingBucket(f"no bucket {bucket}", "make it")

    def bucket(self, organisation: str, name: str) -> Bucket | None:
        return Bucket(name, name, self.buckets[name]) if name in self.buckets else None

    def create_bucket(self, organisation: str, name: str, retention_s: int) -> None:
        if not self.may_make:
            raise Rejected("401")
        self.done.append(f"make {name} for {retention_s}")
        self.buckets[name] = retention_s

    def set_retention(self, bucket: Bucket, retention_s: int) -> None:
        self.done.append(f"keep {bucket.name} for {retention_s}")
        self.buckets[bucket.name] = retention_s

    def tasks(self, organisation: str, name: str) -> tuple[Task, ...]:
        return tuple(Task(str(number), name, flux) for number, flux in enumerate(self.scripts))

    def create_task(self, organisation: str, flux: str) -> None:
        self.done.append("make the task")
        self.scripts.append(flux)

    def update_task(self, task: Task, flux: str) -> None:
        self.done.append(f"change task {task.id}")
        self.scripts[int(task.id)] = flux

    def delete_task(self, task: Task) -> None:
        self.done.append(f"remove task {task.id}")
        self.scripts.remove(task.flux)


def steps(directory: Path, database: FakeDatabase, **settings: object) -> list[str]:
    """Take the step twice; return what the first has done, and see that the second did nothing."""
    secrets = Secrets(Layout(directory, directory, sets_owner=False), {}, "0".__mul__)
    secrets.step(0)
    step = InfluxdbReady(Influxdb(**settings), secrets, lambda _token: database)  # type: ignore[arg-type]
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


def test_a_missing_bucket_that_may_not_be_made_is_for_a_person(tmp_path: Path) -> None:
    with pytest.raises(Rejected, match="make it on the page /influx/, Load Data, Buckets"):
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
    secrets = Secrets(Layout(tmp_path, tmp_path, sets_owner=False), {}, "0".__mul__)
    with pytest.raises(Unavailable, match="waits for INFLUX_TOKEN"):
        InfluxdbReady(Influxdb(), secrets, lambda _token: FakeDatabase()).step(0)


def test_the_script_names_both_buckets_and_reads_more_than_one_period() -> None:
    flux = downsampling.flux("hems", "from-here", "to-there")
    assert f'option task = {{name: "{downsampling.NAME}", every: 1h, offset: 5m}}' in flux
    assert 'from(bucket: "from-here")' in flux
    assert 'to(bucket: "to-there", org: "hems")' in flux
    assert "range(start: -1d)" in flux
