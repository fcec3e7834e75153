"""InfluxDB's API, and behind it a real database: what is written can be asked for."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from hems.settings.influxdb import BUCKET
from tests.deploy.peers import HttpRequest, Reply
from tests.e2e.victoria_metrics import VictoriaMetrics
from tests.fakes.influxdb import FakeInfluxdb

WRITE = "/api/v2/write?"
PASSED_ON = ("Content-Encoding", "Content-Type")


@dataclass
class InfluxDb:
    """Answers a peer's requests; nobody has set `api` up yet.

    `api` judges a write by all but its lines; what it would take is `store`'s to answer.
    """

    store: VictoriaMetrics
    api: FakeInfluxdb = field(default_factory=FakeInfluxdb)

    def __call__(self, request: HttpRequest) -> Reply:
        if not request.path.startswith(WRITE) or not request.body:
            return self.api(request)
        judged = self.api(replace(request, body=b""))
        if judged.status >= 300:
            return judged
        headers = {name: request.headers[name] for name in PASSED_ON if name in request.headers}
        self.api.lines[BUCKET] = [request.path]  # so that the API knows of points
        return Reply(b"", status=self.store.write(request.path, headers, request.body))
