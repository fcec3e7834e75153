import json
from dataclasses import replace
from pathlib import Path

import pytest

from hems.desk.run_dir import claimed, fill, keep_environment
from hems.errors import ConfigError, Unavailable
from tests.desk.test_plan import KEYS, PLAN


def test_a_run_directory_is_private(tmp_path: Path) -> None:
    with claimed(tmp_path / "new") as path:
        assert path.stat().st_mode & 0o777 == 0o700


def test_a_second_desk_is_refused_while_the_first_runs(tmp_path: Path) -> None:
    refused = pytest.raises(Unavailable, match=r"runs in .* already")
    with claimed(tmp_path / "d"), refused, claimed(tmp_path / "d"):
        pass
    with claimed(tmp_path / "d"):
        pass


def test_a_directory_that_others_may_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir(mode=0o755)
    with pytest.raises(ConfigError, match="expected mode 700"), claimed(tmp_path / "open"):
        pass


def test_a_path_too_long_for_a_socket_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="too long"), claimed(tmp_path / ("x" * 100)):
        pass


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="choose another"), claimed(tmp_path / "file"):
        pass


def test_the_last_runs_logs_are_gone(tmp_path: Path) -> None:
    plan = replace(PLAN, run_dir=tmp_path)
    plan.log_dir.mkdir()
    (plan.log_dir / "old.log").touch()
    fill(plan)
    assert list(plan.log_dir.iterdir()) == []


def test_only_the_files_made_for_that_hold_a_secret(tmp_path: Path) -> None:
    fill(replace(PLAN, run_dir=tmp_path))
    secrets = [PLAN.mqtt_password, PLAN.supervisor_key, *(part for pair in KEYS for part in pair)]
    telling = {
        path.name
        for path in tmp_path.iterdir()
        if path.is_file() and any(secret in path.read_text() for secret in secrets)
    }
    assert telling == {"mqtt-password", "d2l-devices", "supervisor-key"}


def test_the_workers_variables_are_kept_for_the_doctor(tmp_path: Path) -> None:
    keep_environment(tmp_path, {"HEMS_MQTT_PORT": "1", "MQTT_USER": "hems", "HOME": "/root"})
    assert json.loads((tmp_path / "environment.json").read_text()) == {
        "HEMS_MQTT_PORT": "1",
        "MQTT_USER": "hems",
        "HEMS_TELEMETRY_HEALTH_FILE": str(tmp_path / "health.json"),
    }
