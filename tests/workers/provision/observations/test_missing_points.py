"""InfluxDB gets no new points: found when Home Assistant has new values, and only then."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

import hems
from hems.clients.influxdb.api import Influxdb
from hems.clients.influxdb.responses import InfluxdbRefused
from hems.errors import HemsError, Unavailable
from hems.protocols.gateway.problem_kinds import INFLUXDB_NO_NEW_POINTS
from hems.protocols.home_assistant.influxdb_integration import ENTRIES
from hems.settings.influxdb import BUCKET
from hems.supervision.worker.problem import ReportedProblem
from hems.workers.provision.observations import INFLUXDB_S
from hems.workers.provision.observations.missing_points import (
    BATCH_S,
    CONFIGURATION,
    NEW_S,
    URL,
    WINDOW_S,
    MissingPoints,
)
from tests.fakes.home_assistant_session import FakeSession

SHIPPED = Path(hems.__file__).parents[1] / "services" / "homeassistant" / "config" / CONFIGURATION
EPOCH = 1_700_000_000.0
UNKNOWN = [INFLUXDB_NO_NEW_POINTS.unknown()]


@dataclass
class Points:
    """Stands for InfluxDB, which got its last point at virtual time `last_at`."""

    home: Home
    last_at: float | None = None
    refusal: HemsError | None = None

    def has_points(self, organisation: str, bucket: str, seconds: float) -> bool:
        assert (organisation, bucket) == ("hems", "home_assistant")
        if self.refusal is not None:
            raise self.refusal
        return self.last_at is not None and self.home.now - self.last_at < seconds


def entry(url: str, bucket: str) -> dict[str, Any]:
    """Return a config entry as services/homeassistant/influxdb_entry.py writes it."""
    return {"domain": "influxdb", "data": {"url": url, "bucket": bucket, "token": "secret"}}


def write_entries(folder: Path, entries: list[dict[str, Any]]) -> None:
    path = folder / ENTRIES
    path.parent.mkdir(exist_ok=True)
    others = [{"domain": "sun", "data": {}}, {"domain": "backup"}]
    path.write_text(json.dumps({"version": 1, "data": {"entries": [*others, *entries]}}))


@dataclass
class Home:
    folder: Path
    now: float = 1000.0
    session: FakeSession = field(default_factory=FakeSession)

    def __post_init__(self) -> None:
        (self.folder / CONFIGURATION).write_text(SHIPPED.read_text())
        write_entries(self.folder, [entry(URL, BUCKET)])
        self.points = Points(self)
        self.observed = MissingPoints(
            self.session.open, lambda: cast(Influxdb, self.points), self.folder
        )

    def value(self, age_s: float, entity_id: str = "sensor.power") -> None:
        """Let an entity have had its last value `age_s` ago."""
        self.session.times[entity_id] = EPOCH + self.now - age_s

    def look(self, after_s: float = 60.0) -> list[ReportedProblem]:
        self.now += after_s
        return list(self.observed.problems(self.now, EPOCH + self.now))

    def look_for(self, seconds: float) -> None:
        """Look each minute, with a value that is 90 s old."""
        for _ in range(int(seconds // 60)):
            self.value(30.0)
            self.look()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def test_points_that_stop_are_found_and_cleared_twice(home: Home) -> None:
    assert home.look() == UNKNOWN
    for _ in range(2):
        home.points.last_at = home.now
        for minute in range(1, 4):
            home.value(30.0)
            assert home.look() == [], minute
        home.value(30.0)
        [problem] = home.look()
        assert problem.name == "influxdb-no-new-points"
        assert problem.found is not None
        assert problem.found.startswith("Home Assistant has a value of ")
        assert "got no point in 4 min" in problem.found
        home.points.last_at = home.now
        assert home.look() == []


@pytest.mark.parametrize(
    ("age_s", "is_found"),
    [(BATCH_S - 1, False), (BATCH_S, True), (NEW_S, True), (NEW_S + 1, False)],
)
def test_only_a_value_that_must_have_arrived_counts(
    home: Home, age_s: float, *, is_found: bool
) -> None:
    for _ in range(6):
        home.look()
    home.value(age_s - 60.0)
    [problem] = home.look()
    assert (problem.found is not None) == is_found


def test_values_that_come_more_often_than_a_look_count(home: Home) -> None:
    for _ in range(6):
        home.value(-60.0)  # at the time of the look
        problems = home.look()
    [problem] = problems
    assert problem.found is not None


def test_one_value_is_found_for_less_than_the_patience(home: Home) -> None:
    """Home Assistant does not write the values of its own start."""
    for _ in range(6):
        home.look()
    home.value(0.0)
    looks = [home.look(10.0)[0].found is not None for _ in range(60)]
    assert any(looks)
    assert 10.0 * sum(looks) + INFLUXDB_S < INFLUXDB_NO_NEW_POINTS.patience_s


def test_values_that_are_not_written_do_not_count(home: Home) -> None:
    for _ in range(6):
        home.look()
    home.value(30.0, "event.doorbell")
    home.value(30.0, "sensor.sun_next_dawn")
    assert home.look() == UNKNOWN


@pytest.mark.parametrize("times", [1, 2])
def test_after_an_outage_of_influxdb_a_whole_window_must_pass(home: Home, times: int) -> None:
    """Home Assistant loses what it writes meanwhile."""
    for _ in range(times):
        home.points.refusal = Unavailable("away")
        with pytest.raises(Unavailable):
            home.look()
        home.points.refusal = None
        for _minute in range(4):
            home.value(30.0)
            assert home.look() == UNKNOWN
        home.value(30.0)
        [problem] = home.look()
        assert problem.found is not None


def test_home_assistant_is_asked_only_when_points_are_missing(home: Home) -> None:
    home.points.last_at = home.now + 10_000.0
    home.look_for(3600.0)
    assert home.session.opened == 0


def test_a_home_assistant_that_starts_or_recovers_writes_nothing(home: Home) -> None:
    home.look_for(WINDOW_S)
    home.session.components = ["frontend"]
    home.value(30.0)
    assert home.look() == UNKNOWN


@pytest.mark.parametrize("status", [401, 404])
def test_a_token_that_may_not_read_makes_it_unknown(home: Home, status: int) -> None:
    home.points.refusal = InfluxdbRefused(status, "could not find bucket")
    with pytest.raises(HemsError):
        home.look()


def test_a_banned_gateway_makes_it_unknown(home: Home) -> None:
    home.look_for(WINDOW_S)
    home.session.refusal = Unavailable("websocket: 403, expected 101")
    with pytest.raises(HemsError):
        home.look()


@pytest.mark.parametrize(
    "edit",
    [
        ("influxdb:", "no_influxdb:"),
        ("      - sensor\n", "      - light\n"),
    ],
    ids=["removed", "domains"],
)
def test_what_a_person_changed_is_no_problem(home: Home, edit: tuple[str, str]) -> None:
    home.look_for(WINDOW_S)
    text = SHIPPED.read_text()
    assert edit[0] in text
    (home.folder / CONFIGURATION).write_text(text.replace(*edit))
    home.value(30.0)
    assert home.look() == []


@pytest.mark.parametrize(
    "entries",
    [
        [],
        [entry("http://nas.home:8086", BUCKET)],
        [entry(URL, "other")],
    ],
    ids=["none", "another database", "another bucket"],
)
def test_another_connection_is_no_problem(home: Home, entries: list[dict[str, Any]]) -> None:
    home.look_for(WINDOW_S)
    home.value(30.0)
    [_] = home.look()
    write_entries(home.folder, entries)
    assert home.look() == []


def test_another_section_or_a_comment_changes_nothing(home: Home) -> None:
    text = SHIPPED.read_text().replace("\n  precision: ", "\n  # here\n\n  precision: ")
    (home.folder / CONFIGURATION).write_text(f"{text}\nlight:\n  - platform: demo\n")
    home.look_for(WINDOW_S)
    home.value(30.0)
    [problem] = home.look()
    assert problem.found is not None
