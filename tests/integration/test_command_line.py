"""python -m hems: what an operator sees when something is wrong with the settings."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dev.launcher.free_port import free_port
from hems.worker_table import WORKERS
from tests.integration.d2l import D2lWorker, entry
from tests.integration.worker_process import ROOT

pytestmark = pytest.mark.integration


def outcome(config: Path, *arguments: str, **variables: str) -> tuple[int, str]:
    environ = {"PATH": os.environ["PATH"], "HEMS_CONFIG": str(config), **variables}
    environ.setdefault("HEMS_LOGS_DIRECTORY", str(config.parent / "log"))
    done = subprocess.run(
        [sys.executable, "-m", "hems", *(arguments or ("eesmart-d2l",))],
        env=environ,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    return done.returncode, done.stderr


def test_bad_settings_end_with_78_and_all_problems_but_no_traceback(tmp_path: Path) -> None:
    config = tmp_path / "hems.toml"
    config.write_text("[mqtt]\nporrt = 1\n")
    secret = entry()[:-1]
    code, text = outcome(config, D2L_DEVICES=secret, HEMS_MQTT_PORT="x")
    assert code == 78
    assert "3 problems with the settings" in text
    assert "did you mean port?" in text
    assert "the IV has 31 hex digits, expected 32" in text
    assert "Traceback" not in text
    assert secret.split(":")[1] not in text
    assert (tmp_path / "log" / "eesmart-d2l.log").read_text() == text


def test_a_file_that_cannot_be_read_stops_every_worker(tmp_path: Path) -> None:
    for worker in WORKERS:
        code, text = outcome(tmp_path / "none.toml", worker)
        assert code == 78
        assert "1 problem with the settings" in text


MISTAKES = {
    "CONFIG_PASSWORD": "short",
    "HEMS_MQTT_PROT": "1",
    "HEMS_LOGS_LEVEL": "loud",
    "HEMS_LED_PINS": "none",
    "D2L_DEVICES": "garbage",
}


def test_mistakes_of_others_are_a_warning_each_and_the_worker_starts(tmp_path: Path) -> None:
    variables = MISTAKES | {"D2L_DEVICES": entry(), "WIFI_PORTAL_PASSPHRASE": "hunter2"}
    with D2lWorker(tmp_path, free_port(None), **variables) as running:
        assert running.stop() == 0
    text = running.log()
    assert text.count("ignored: ") == len(MISTAKES)
    assert "ignored: HEMS_MQTT_PROT: unknown setting; did you mean HEMS_MQTT_PORT?" in text
    assert "short" not in text
    assert "hunter2" not in text


def test_a_worker_refuses_its_own_mistakes_only(tmp_path: Path) -> None:
    config = tmp_path / "hems.toml"
    config.write_text("")
    code, text = outcome(config, "led", **MISTAKES)
    assert code == 78
    assert "1 problem with the settings:\n  [led] pins: found 'none'" in text
    assert text.count("WARNING led: ignored: ") == len(MISTAKES) - 1


def test_a_file_that_is_a_device_stops_every_worker_and_hangs_none(tmp_path: Path) -> None:
    code, text = outcome(Path("/dev/zero"), HEMS_LOGS_DIRECTORY=str(tmp_path))
    assert code == 78
    assert "expected a file of up to 1000000 bytes" in text


def test_an_unknown_worker_gets_the_list(tmp_path: Path) -> None:
    code, text = outcome(tmp_path, "eesmart-d2")
    assert code == 2
    assert "eesmart-d2l" in text


def test_a_port_in_use_is_one_line_that_names_the_process(tmp_path: Path) -> None:
    with D2lWorker(tmp_path, free_port(None)) as first:
        code, text = outcome(
            ROOT / "etc" / "hems.toml",
            HEMS_LOGS_DIRECTORY=str(tmp_path),
            HEMS_EESMART_D2L_HOST="127.0.0.1",
            HEMS_EESMART_D2L_PORT=str(first.port),
            MQTT_PASSWORD="only in this test",
        )
    assert code == 1
    assert f"port {first.port} on 127.0.0.1 is in use by " in text
    assert f"(pid {first.process.pid})" in text
    assert "Traceback" not in text


def test_a_log_directory_that_cannot_be_written_is_no_reason_to_stop(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    directory = str(tmp_path / "file")
    with D2lWorker(tmp_path, free_port(None), HEMS_LOGS_DIRECTORY=directory) as running:
        assert running.stop() == 0
    assert "logging to stderr only" in running.log()
