"""When Home Assistant has an owner, and how its onboarding is closed until it has."""

from __future__ import annotations

import json
from pathlib import Path

import owner
import pytest


def write(volume: Path, name: str, text: str) -> None:
    path = volume / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)


@pytest.mark.parametrize(
    ("text", "is_there"),
    [
        ('{"data": {"users": [{"is_owner": false}, {"is_owner": true}]}}', True),
        ('{"data": {"users": [{"is_owner": false, "system_generated": true}]}}', False),
        ('{"data": {"users": []}}', False),
        ('{"data": {"users": [7]}}', False),
        ('{"data": {"users": {"is_owner": true}}}', False),
        ('{"data": []}', False),
        ("[]", False),
        ('{"data": {"us', False),
        ("", False),
    ],
)
def test_an_owner(tmp_path: Path, text: str, *, is_there: bool) -> None:
    assert not owner.exists(tmp_path)
    write(tmp_path, owner.USERS, text)
    assert owner.exists(tmp_path) is is_there


@pytest.mark.parametrize(
    ("before", "done"),
    [
        (None, ["user"]),
        ('{"version": 4, "key": "onboarding", "data": {"do', ["user"]),
        ('{"version": 4, "data": {"done": []}}', ["user"]),
        ('{"version": 4, "data": {"done": ["analytics"]}}', ["analytics", "user"]),
        ('{"version": 4, "data": {"done": ["user", "analytics"]}}', ["user", "analytics"]),
    ],
)
def test_onboarding_is_closed(tmp_path: Path, before: str | None, done: list[str]) -> None:
    if before is not None:
        write(tmp_path, owner.ONBOARDING, before)
    for _ in range(2):
        owner.close_onboarding(tmp_path)
        onboarding = json.loads(Path(tmp_path, owner.ONBOARDING).read_bytes())
        assert onboarding["data"]["done"] == done


def test_a_login_is_waited_for(tmp_path: Path) -> None:
    waited: list[float] = []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        names = ("CONFIG_USER", "CONFIG_PASSWORD", "INFLUX_TOKEN")
        Path(tmp_path, names[len(waited) - 1]).write_text(f"value {len(waited)}")

    assert owner.login(tmp_path, 60.0, sleep) == ("value 1", "value 2")
    assert len(waited) == 3


def test_a_login_that_does_not_come_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    waited: list[float] = []
    with pytest.raises(TimeoutError, match="within 60 s"):
        owner.login(tmp_path, 60.0, waited.append)
    assert sum(waited) == pytest.approx(60, abs=0.5)
