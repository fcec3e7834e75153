"""The problems that the real provision reports: a setting, a token, a release without a copy."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from release_copies import NO_COPY, prepare

from hems.settings.shared_secret_rules import Secret
from tests.fakes.influxdb import FakeInfluxdb
from tests.integration.influxdb import served
from tests.integration.notify_receiver import NotifyReceiver
from tests.integration.provision import ProvisionWorker
from tests.integration.worker_process import eventually

pytestmark = pytest.mark.integration

WITHIN_S = 30.0
KB = 1000


@pytest.fixture
def reports(tmp_path: Path) -> Iterator[NotifyReceiver]:
    with NotifyReceiver(tmp_path) as receiver:
        yield receiver


def test_a_wrong_setting_is_a_problem_until_it_is_right(
    tmp_path: Path, reports: NotifyReceiver
) -> None:
    notify = {"NOTIFY_SOCKET": str(reports.path)}
    for zone, names in (("Europe/Pari", ["setting-wrong"]), ("Europe/Paris", [])) * 2:
        variables = {"HEMS_HOME_ASSISTANT_TIME_ZONE": zone, **notify}
        with ProvisionWorker(tmp_path, None, **variables):
            eventually(partial(reports.has_only, *names), WITHIN_S, str(names))


def test_a_token_that_influxdb_does_not_know_is_a_problem_at_once_until_it_does(
    tmp_path: Path, reports: NotifyReceiver
) -> None:
    fake, is_unknown = FakeInfluxdb(), partial(reports.has, "influxdb-token-unknown")
    with served(fake) as port:
        own = {"HEMS_INFLUXDB_HOST": "127.0.0.1", "HEMS_INFLUXDB_PORT": str(port)}
        with ProvisionWorker(tmp_path, None, NOTIFY_SOCKET=str(reports.path), **own) as worker:
            worker.wait_until_done()
            known = dict(fake.tokens)
            for _ in range(2):
                eventually(reports.has_only, WITHIN_S, "no problem")
                fake.tokens.clear()
                eventually(is_unknown, WITHIN_S, "the problem")
                fake.tokens.update(known)
            eventually(reports.has_only, WITHIN_S, "its end")
            assert [*known] == [worker.secret(Secret.INFLUX_TOKEN)]


def test_a_release_that_found_no_room_for_a_copy_is_a_problem_until_its_note_is_deleted(
    disk: Path, tmp_path_factory: pytest.TempPathFactory, reports: NotifyReceiver
) -> None:
    """What the container homeassistant does at its start, on a real disk that is full."""
    volume, backups = disk / "config", disk / "backups"
    (volume / ".storage").mkdir(parents=True)
    (volume / ".HA_VERSION").write_text("2025.3.4")
    (volume / "home-assistant_v2.db").write_bytes(bytes(1000 * KB))
    variables = {
        "HEMS_LED_LOG_FILE": str(volume / "home-assistant.log"),
        "NOTIFY_SOCKET": str(reports.path),
    }
    has, has_none = (
        partial(one, "home-assistant-no-way-back") for one in (reports.has, reports.has_none)
    )
    for release in ("2026.10.4", "2026.11.0"):
        backups.write_bytes(bytes(18_500 * KB))
        [line] = prepare(volume, release)
        assert line.endswith("without a copy: the card has no room for it")
        directory = tmp_path_factory.mktemp("provision")
        with ProvisionWorker(directory, None, **variables):  # its first look is at once
            eventually(has, WITHIN_S, "the problem")
        backups.unlink()
        (volume / NO_COPY).unlink()
        with ProvisionWorker(directory, None, **variables):
            eventually(has_none, WITHIN_S, "its end")
