"""The problems that the real provision reports: settings, and a token that InfluxDB lost."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from hems.settings.logins import Secret
from tests.fakes.influxdb import FakeInfluxdb
from tests.integration.influxdb import served
from tests.integration.notify_receiver import NotifyReceiver
from tests.integration.provision import ProvisionWorker
from tests.integration.worker_process import eventually

pytestmark = pytest.mark.integration

WITHIN_S = 30.0


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
