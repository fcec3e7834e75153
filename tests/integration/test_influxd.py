"""The real InfluxDB 2.7: the gateway's set-up, a disk that was full, tokens, and the fake."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

import pytest
from influxdb_entry import write_entry

import hems
from hems.clients.http import HttpClient
from hems.clients.influxdb.api import Influxdb
from hems.clients.influxdb.responses import InfluxdbRefused, UnknownToken
from hems.settings.influxdb import BUCKET, ORGANISATION, InfluxdbSettings
from hems.settings.shared_secret_rules import Secret
from hems.supervision.worker.problem import ReportedProblem
from hems.workers.provision.gateway_file_paths import GatewayFiles
from hems.workers.provision.influxdb.setup import InfluxdbSetup
from hems.workers.provision.observations.missing_points import (
    CONFIGURATION,
    WINDOW_S,
    MissingPoints,
)
from hems.workers.provision.shared_secrets import SharedSecrets
from tests.fakes.home_assistant_session import FakeSession
from tests.fakes.influxdb import FakeInfluxdb
from tests.integration.influxd import Influxd, SmallDisk, running
from tests.integration.influxdb import served
from tests.integration.notify_receiver import NotifyReceiver
from tests.integration.provision import ProvisionWorker
from tests.integration.worker_process import eventually

pytestmark = pytest.mark.integration

DISK_MB = 16
WITHIN_S = 60.0
SHIPPED = Path(hems.__file__).parents[1] / "services" / "homeassistant" / "config" / CONFIGURATION
WRITE = f"/api/v2/write?{urlencode({'org': ORGANISATION, 'bucket': BUCKET})}"
STRANGE, REFUSED = "a-token-that-nobody-knows", "opening shard previously failed"


@dataclass
class Made:
    """An InfluxDB that provision has set up."""

    influxd: Influxd
    disk: SmallDisk
    setup: InfluxdbSetup
    token: str

    @property
    def client(self) -> Influxdb:
        return self.influxd.client(self.token)

    def write(self, lines: str, path: str = WRITE, token: str = "") -> tuple[int, str]:
        """Return the status, and the reason if there is one."""
        answer = self.influxd.request("POST", path, token or self.token, lines=lines)
        return answer.status, answer.reason

    def has_points(self) -> bool:
        return self.client.has_points(ORGANISATION, BUCKET, WINDOW_S)

    def limited(self, action: str) -> Influxdb:
        """Return a client whose token may only do this with the bucket."""
        client = self.client
        bucket = client.bucket(ORGANISATION, BUCKET)
        assert bucket is not None
        resource = {"type": "buckets", "id": bucket.id}
        order = {
            "orgID": client.organisation_id(ORGANISATION),
            "permissions": [{"action": action, "resource": resource}],
        }
        path = "/api/v2/authorizations"
        answer = self.influxd.request("POST", path, self.token, json=order)
        return self.influxd.client(answer.body.partition(b'"token": "')[2].split(b'"')[0].decode())


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Made]:
    layout = GatewayFiles(tmp_path / "gateway", tmp_path, sets_owner=False)
    secrets = SharedSecrets(layout, {}, lambda size: "0123456789abcdef"[:8] * (size // 4))
    secrets.step(0)
    with running(tmp_path, DISK_MB) as (influxd, disk):
        setup = InfluxdbSetup(InfluxdbSettings(), secrets, influxd.client)
        setup.step(0)
        yield Made(influxd, disk, setup, secrets.value(Secret.INFLUX_TOKEN))


class Observed:
    """The observation each minute, with a Home Assistant that always has new values."""

    def __init__(self, made: Made, folder: Path) -> None:
        (folder / CONFIGURATION).write_bytes(SHIPPED.read_bytes())
        write_entry(folder, made.token)
        self._session = FakeSession()
        self._observed = MissingPoints(self._session.open, lambda: made.client, folder)
        self._now = 0.0

    def for_a_window(self) -> list[ReportedProblem]:
        """Look for as long as it takes to be sure; return what is found then."""
        problems: list[ReportedProblem] = []
        for _ in range(int(WINDOW_S // 60) + 1):
            self._now += 60
            wall = time.time()
            self._session.times["sensor.power"] = wall - 90
            problems = list(self._observed.problems(self._now, wall))
        return problems


def test_after_a_full_disk_it_gets_no_points_until_it_is_restarted(
    made: Made, tmp_path: Path
) -> None:
    observed = Observed(made, tmp_path)
    made.disk.fill()
    assert made.write("kWh,entity_id=a value=1")[0] == 500
    made.disk.make_room()
    status, reason = made.write("kWh,entity_id=a value=1")
    assert status == 500
    assert REFUSED in reason
    assert made.write("") == (204, "no reason given")  # which Home Assistant and provision send
    made.setup.step(0)
    assert made.influxd.request("GET", "/health").is_success
    [problem] = observed.for_a_window()
    assert problem.name == "influxdb-no-new-points"
    assert problem.found is not None
    made.influxd.stop()
    made.influxd.start()
    assert made.write("kWh,entity_id=a value=1")[0] == 204
    assert observed.for_a_window() == []


def test_a_database_that_is_away_is_a_step_that_is_not_done_until_it_is_back(
    tmp_path: Path,
) -> None:
    name = "setup-incomplete"
    with running(tmp_path, DISK_MB) as (influxd, _), NotifyReceiver(tmp_path) as reports:
        own = {"HEMS_INFLUXDB_HOST": "127.0.0.1", "HEMS_INFLUXDB_PORT": str(influxd.port)}
        with ProvisionWorker(tmp_path, None, NOTIFY_SOCKET=str(reports.path), **own) as worker:
            worker.wait_until_done()
            for _ in range(2):
                eventually(partial(reports.has_none, name), WITHIN_S, "no problem")
                influxd.stop()
                eventually(partial(reports.has, name), WITHIN_S, "the problem")
                influxd.start()
            eventually(partial(reports.has_none, name), WITHIN_S, "its end")


def test_which_points_are_new(made: Made) -> None:
    now = int(time.time())
    assert not made.has_points()
    made.write(f"W,entity_id=a value=1 {(now - 400) * 10**9}")
    made.write(f"W,entity_id=a value=1 {(now + 400) * 10**9}")
    assert not made.has_points()
    made.write(f'W,entity_id=a value=1 {(now - 60) * 10**9}\nstate,entity_id=b state="on"')
    assert made.has_points()


def test_an_unknown_token_is_known_at_once_and_until_it_is_right(made: Made) -> None:
    for _ in range(2):
        made.setup.connect = lambda _token: made.influxd.client(STRANGE)
        with pytest.raises(InfluxdbRefused):
            made.influxd.client(STRANGE).has_points(ORGANISATION, BUCKET, WINDOW_S)
        with pytest.raises(UnknownToken):
            made.setup.step(0)
        assert made.setup.unknown_token == "InfluxDB does not know the current token"
        made.setup.connect = made.influxd.client
        made.setup.step(0)
        assert made.setup.unknown_token == ""


def test_a_token_without_the_right_to_read_is_refused(made: Made) -> None:
    client = made.limited("write")
    client.require_writable(ORGANISATION, BUCKET)
    with pytest.raises(InfluxdbRefused, match="404"):
        client.has_points(ORGANISATION, BUCKET, WINDOW_S)
    assert made.limited("read").has_points(ORGANISATION, BUCKET, WINDOW_S) is False


REQUESTS = [
    ("GET", "/api/v2/setup", "", None),
    ("POST", "/api/v2/setup", "", {"username": "a", "password": "long enough", "org": "o"}),
    ("POST", WRITE, "", None),
    ("POST", WRITE, "W,entity_id=a value=1", None),
    ("POST", WRITE.replace(BUCKET, "nowhere"), "", None),
    ("POST", WRITE.replace(ORGANISATION, "nobody"), "", None),
    ("GET", f"/api/v2/orgs?org={ORGANISATION}", "", None),
    ("GET", "/api/v2/orgs?org=nobody", "", None),
    ("GET", f"/api/v2/buckets?org={ORGANISATION}&name={BUCKET}", "", None),
    ("GET", f"/api/v2/buckets?org={ORGANISATION}&name=nowhere", "", None),
    ("GET", f"/api/v2/tasks?org={ORGANISATION}&name=none", "", None),
    ("GET", "/api/v2/tasks?org=nobody&name=none", "", None),
    ("POST", "/api/v2/query?org=nobody", "", {"type": "flux", "query": 'from(bucket: "x")'}),
    (
        "POST",
        f"/api/v2/query?org={ORGANISATION}",
        "",
        {"type": "flux", "query": 'from(bucket: "x") |> range(start: -1h)'},
    ),
]


def test_the_fake_answers_as_the_real_one(made: Made) -> None:
    fake = FakeInfluxdb()
    fake.set_up(made.token)
    with served(fake) as port:
        peer = HttpClient("fake", ("127.0.0.1", port))
        for method, path, lines, order in REQUESTS:
            for token in (made.token, STRANGE):
                real = made.influxd.request(method, path, token, lines=lines, json=order)
                headers = {"Authorization": f"Token {token}"}
                content = {"json": order} if order is not None else {"data": lines.encode()}
                answer = peer.request(method, path, 5.0, headers, **content)
                assert answer.status == real.status, path
                assert real.is_success or answer.reason == real.reason, path
