"""The real provision worker makes InfluxDB ready, whenever it is ended, and then leaves it be."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hems.settings.shared_secret_rules import Secret
from tests.deploy.peers import HttpRequest, Reply
from tests.fakes.influxdb import FakeInfluxdb
from tests.fakes.influxdb_state import Token
from tests.integration.influxdb import TOKEN, served
from tests.integration.provision import ProvisionWorker
from tests.integration.worker_process import eventually

pytestmark = pytest.mark.integration

WITHIN_S = 20.0
LONG_TERM, TASK = "home_assistant_long_term", "SmartCORE downsampling"
BOTH = {"HEMS_INFLUXDB_RETENTION_DAYS": "30", "HEMS_INFLUXDB_IS_DOWNSAMPLING": "true"}


class Home:
    """An InfluxDB, and the worker of that home; after `dies_at` requests the worker is killed."""

    def __init__(self, directory: Path) -> None:
        self.fake = FakeInfluxdb()
        self.directory = directory
        self.dies_at = 0
        self.worker: ProvisionWorker | None = None

    def __call__(self, request: HttpRequest) -> Reply:
        reply = self.fake(request)
        if len(self.fake.requests) == self.dies_at and self.worker is not None:
            self.worker.process.kill()  # what it asked for is done, and it never hears of it
        return reply

    def run(self, port: int, **variables: str) -> ProvisionWorker:
        own = {"HEMS_INFLUXDB_HOST": "127.0.0.1", "HEMS_INFLUXDB_PORT": str(port)}
        self.worker = ProvisionWorker(self.directory, None, **own, **variables)
        return self.worker

    def looked(self) -> bool:
        """Tell whether a whole look was taken; the tasks come last."""
        return any("tasks" in one for one in self.fake.requests)

    def is_done(self) -> bool:
        assert self.worker is not None
        return bool(self.fake.tasks) or self.worker.process.poll() is not None

    def is_right(self, worker: ProvisionWorker) -> None:
        fake = self.fake
        assert fake.users == {"admin": worker.secret(Secret.CONFIG_PASSWORD)}
        assert list(fake.tokens) == [worker.secret(Secret.INFLUX_TOKEN)]
        kept = {name: fake.retention_s(name) for name in fake.buckets}
        assert kept == {"home_assistant": 30 * 86400, LONG_TERM: 0}
        assert [task["name"] for task in fake.tasks.values()] == [TASK]
        assert not any(fake.lines.values())


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.fixture
def port(home: Home) -> Iterator[int]:
    with served(home) as port:
        yield port


def test_a_new_influxdb_is_made_ready_and_then_only_looked_at(home: Home, port: int) -> None:
    with home.run(port, **BOTH) as worker:
        eventually(lambda: bool(home.fake.tasks), WITHIN_S, "it is made ready")
        home.is_right(worker)
        changes = list(home.fake.changes)
        seen = len(home.fake.requests)
        eventually(lambda: len(home.fake.requests) > seen + 12, WITHIN_S, "it looks again")
        assert home.fake.changes == changes
        assert "WARNING influxdb" not in worker.log()
    assert changes == [f"POST /api/v2/{what}" for what in ("setup", "buckets", "tasks")]


def is_killed_after(number: int, directory: Path) -> bool:
    """Run until request `number`, tell whether it came to that, and run again to the end."""
    home = Home(directory)
    home.dies_at = number
    with served(home) as port:
        with home.run(port, **BOTH) as worker:
            eventually(home.is_done, WITHIN_S, "it is made ready, or killed")
            time.sleep(0.05)
            is_killed = worker.process.poll() is not None
        home.dies_at = 0
        with home.run(port, **BOTH) as worker:
            eventually(lambda: bool(home.fake.tasks), WITHIN_S, "it is made ready")
            home.is_right(worker)
    return is_killed


def test_killed_after_any_request_it_ends_the_same(tmp_path: Path) -> None:
    number, is_killed = 0, True
    while is_killed:
        number += 1
        (tmp_path / str(number)).mkdir()
        is_killed = is_killed_after(number, tmp_path / str(number))
    assert number > 6


def test_what_a_setting_changes_is_changed_and_undone(home: Home, port: int) -> None:
    home.fake.set_up(TOKEN)
    with home.run(port, INFLUX_TOKEN=TOKEN, **BOTH) as worker:
        eventually(lambda: bool(home.fake.tasks), WITHIN_S, "it downsamples")
        assert "now keeps the values in home_assistant for 30 d, before for ever" in worker.log()
    task = next(iter(home.fake.tasks.values()))
    wanted, task["flux"] = task["flux"], f'option task = {{name: "{TASK}", every: 1d}}'
    with home.run(port, INFLUX_TOKEN=TOKEN, **BOTH):
        eventually(lambda: task["flux"] == wanted, WITHIN_S, "it downsamples as it should")
    with home.run(port, INFLUX_TOKEN=TOKEN):
        eventually(lambda: not home.fake.tasks, WITHIN_S, "it downsamples no more")
        assert home.fake.retention_s("home_assistant") == 30 * 86400  # a person may want it now
    assert LONG_TERM in home.fake.buckets


@pytest.mark.parametrize(
    ("token", "lacks", "words"),
    [
        (None, "", "influxdb: InfluxDB does not know the current token: create one"),
        (Token(reads=frozenset({"home_assistant"})), "", "may, or activate it, on the page"),
        (
            Token(writes=frozenset({"home_assistant"})),
            "",
            "which retention_days needs: let",
        ),
        (Token(writes=frozenset({"home_assistant"})), "bucket", "INFLUX_TOKEN may not create it"),
        (Token(may_all=True), "organisation", "rename yours to hems"),
    ],
    ids=["unknown token", "read-only", "write-only", "bucket", "organisation"],
)
def test_what_a_person_has_to_do_is_said_once(
    home: Home, port: int, token: Token | None, lacks: str, words: str
) -> None:
    home.fake.set_up(TOKEN)
    home.fake.tokens = {TOKEN: token} if token else {}
    if lacks == "bucket":
        home.fake.buckets.clear()
    if lacks == "organisation":
        home.fake.organisations = {"another": "1"}
    with home.run(port, INFLUX_TOKEN=TOKEN, HEMS_INFLUXDB_RETENTION_DAYS="9") as worker:
        eventually(lambda: words in worker.log(), WITHIN_S, "the reason is logged")
        seen = len(home.fake.requests)
        eventually(lambda: len(home.fake.requests) > seen + 8, WITHIN_S, "it looks again")
        assert worker.log().count(words) == 1
        assert TOKEN not in worker.log()
    assert [one for one in home.fake.changes if not one.startswith("POST /api/v2/buckets")] == []


def test_a_bucket_that_was_removed_is_made_again(home: Home, port: int) -> None:
    home.fake.set_up(TOKEN)
    home.fake.buckets.clear()
    with home.run(port, INFLUX_TOKEN=TOKEN, HEMS_INFLUXDB_RETENTION_DAYS="30"):
        eventually(home.looked, WITHIN_S, "a whole look was taken")
    assert home.fake.retention_s("home_assistant") == 30 * 86400
    assert home.fake.changes == ["POST /api/v2/buckets"]


def test_an_influxdb_that_comes_late_is_waited_for_quietly(home: Home, port: int) -> None:
    is_there = False

    def respond(request: HttpRequest) -> Reply:
        return home(request) if is_there else Reply(b"starting", status=503)

    with served(respond) as late, home.run(late) as worker:
        eventually(lambda: "503: starting" in worker.log(), WITHIN_S, "the reason is logged")
        time.sleep(1)
        assert worker.log().count("503: starting") == 1
        is_there = True
        eventually(lambda: "influxdb: works again" in worker.log(), WITHIN_S, "it is ready")
    assert home.fake.changes == ["POST /api/v2/setup"]
