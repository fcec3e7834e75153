import json
from dataclasses import replace
from pathlib import Path

import pytest

from hems.desk.gateway import Gateway, status
from hems.supervision.health import Row
from tests.desk.test_display import ILL, WELL


@pytest.mark.parametrize(("rows", "code"), [([WELL, WELL], 0), ([WELL, ILL], 3)])
def test_status_ends_with_3_when_a_unit_is_unhealthy(
    monkeypatch: pytest.MonkeyPatch, rows: list[Row], code: int
) -> None:
    monkeypatch.setattr(Gateway, "health", lambda _: rows)
    assert status(run_dir=Path(), as_json=False) == code


def test_status_for_machines_is_json(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [replace(WELL, figures='{"frames": 3}')]
    monkeypatch.setattr(Gateway, "health", lambda _: rows)
    status(run_dir=Path(), as_json=True)
    (one,) = json.loads(capsys.readouterr().out)
    assert (one["name"], one["figures"]) == ("broker", {"frames": 3})
