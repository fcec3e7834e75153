"""Recovery mode, and the reason that Home Assistant's log of the start before has."""

from __future__ import annotations

from pathlib import Path

import pytest

from hems.errors import Unavailable
from hems.workers.provision.observations.recovery_mode import UNREADABLE, RecoveryMode, reason
from tests.fakes.home_assistant_session import FakeSession

START = "2026-11-30 12:00:00.000 WARNING (MainThread) [homeassistant.loader] we test it\n"
YAML = """\
2026-11-30 12:00:01.000 ERROR (MainThread) [homeassistant.bootstrap] Failed to parse \
configuration.yaml: while scanning a simple key
  in "configuration.yaml", line 12, column 1
could not find expected ':'
  in "configuration.yaml", line 13, column 3
"""
PACKAGE = YAML.replace("configuration.yaml", "packages/solar.yaml")
LATER = "2026-11-30 12:00:02.000 ERROR (MainThread) [homeassistant.core] Activating recovery mode\n"
WHERE = (
    "configuration.yaml, line 13, column 3: Failed to parse configuration.yaml: while scanning a"
    " simple key"
)


@pytest.mark.parametrize(
    ("log", "cause"),
    [
        pytest.param(START + YAML + LATER, WHERE, id="a line and a column"),
        pytest.param(YAML.replace(' in "', ' in "/config/'), WHERE, id="with the whole path"),
        pytest.param(YAML + PACKAGE, WHERE.replace("configuration", "packages/solar"), id="last"),
        pytest.param(START + LATER, LATER.partition("] ")[2].strip(), id="no place"),
        pytest.param(START, "", id="no error"),
        pytest.param("", "", id="empty"),
        pytest.param(YAML.partition("\n")[2], "", id="cut off within an entry"),
    ],
)
def test_the_reason_in_a_log(log: str, cause: str) -> None:
    assert reason(log) == cause


@pytest.fixture
def session() -> FakeSession:
    return FakeSession()


@pytest.fixture
def mode(tmp_path: Path, session: FakeSession) -> RecoveryMode:
    return RecoveryMode(session.open, tmp_path)


def test_it_is_found_with_its_reason_and_over_after_a_restart_twice(
    tmp_path: Path, session: FakeSession, mode: RecoveryMode
) -> None:
    (tmp_path / "home-assistant.log.1").write_text(START + YAML + LATER)
    (tmp_path / "home-assistant.log").write_text(LATER)
    for _ in range(2):
        session.is_recovering = True
        assert [problem.found for problem in mode.problems(0.0, 0.0)] == [WHERE]
        session.is_recovering = False
        assert list(mode.problems(0.0, 0.0)) == []


def test_the_newer_log_has_the_reason_if_the_older_is_gone(
    tmp_path: Path, session: FakeSession, mode: RecoveryMode
) -> None:
    session.is_recovering = True
    assert [problem.found for problem in mode.problems(0.0, 0.0)] == [UNREADABLE]
    (tmp_path / "home-assistant.log").write_text(YAML)
    assert [problem.found for problem in mode.problems(0.0, 0.0)] == [WHERE]


def test_a_home_assistant_that_does_not_answer_is_not_known(
    session: FakeSession, mode: RecoveryMode
) -> None:
    session.refusal = Unavailable("gone")
    with pytest.raises(Unavailable):
        list(mode.problems(0.0, 0.0))
