"""InfluxDB's API, and behind it a real database: what is written can be asked for."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from tests.deploy.peers import Asked, Reply
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

    def __call__(self, asked: Asked) -> Reply:
        if not asked.path.startswith(WRITE) or not asked.body:
            return self.api(asked)
        judged = self.api(replace(asked, body=b""))
        if judged.status >= 300:
            return judged
        headers = {name: asked.headers[name] for name in PASSED_ON if name in asked.headers}
        return Reply(b"", status=self.store.write(asked.path, headers, asked.body))
