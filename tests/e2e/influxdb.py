"""InfluxDB 2.7's API as far as a gateway asks for it; what is written goes to VictoriaMetrics.

Statuses and bodies are those of influxd's own handlers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from tests.deploy.peers import Asked, Reply
from tests.e2e.victoria_metrics import VictoriaMetrics

WRITE = "/api/v2/write"
PASSED_ON = ("Content-Encoding", "Content-Type")


@dataclass
class InfluxDb:
    """Answers a peer's requests; nobody has set it up yet. `tokens` are those seen in writes."""

    store: VictoriaMetrics
    token: str = ""
    org: str = ""
    bucket: str = ""
    tokens: set[str] = field(default_factory=set)

    def __call__(self, asked: Asked) -> Reply:
        url = urlsplit(asked.path)
        if url.path == "/health":
            return _json(200, {"name": "influxdb", "status": "pass", "version": "v2.7.12"})
        if url.path == "/api/v2/setup":
            return self._setup(asked)
        given = asked.headers.get("Authorization", "").removeprefix("Token ")
        if url.path == WRITE:
            self.tokens.add(given)
        if not self.token or given != self.token:
            return _error(401, "unauthorized", "unauthorized access")
        return self._authorised(asked, url.path, dict(parse_qsl(url.query)))

    def _authorised(self, asked: Asked, path: str, query: Mapping[str, str]) -> Reply:
        if query.get("org", self.org) != self.org:
            return _error(404, "not found", f'organization name "{query["org"]}" not found')
        if path == "/api/v2/buckets":
            return self._buckets()
        if path == WRITE:
            return self._write(asked, query.get("bucket", ""))
        return _error(404, "not found", "path not found")

    def _setup(self, asked: Asked) -> Reply:
        if asked.method == "GET":
            return _json(200, {"allowed": not self.token})
        if self.token:
            return _error(422, "conflict", "onboarding has already been completed")
        wanted = json.loads(asked.body)
        if len(wanted["password"]) < 8:
            return _error(400, "invalid", "passwords must be at least 8 characters long")
        self.token, self.org, self.bucket = wanted["token"], wanted["org"], wanted["bucket"]
        return _json(201, {"user": {"name": wanted["username"]}, "auth": {"token": self.token}})

    def _buckets(self) -> Reply:
        rules = [{"type": "expire", "everySeconds": 0, "shardGroupDurationSeconds": 604800}]
        bucket = {"id": "0" * 15 + "1", "name": self.bucket, "retentionRules": rules}
        return _json(200, {"buckets": [bucket]})

    def _write(self, asked: Asked, bucket: str) -> Reply:
        if bucket != self.bucket:
            return _error(404, "not found", f'bucket "{bucket}" not found')
        if not asked.body:
            return _error(400, "invalid", "writing requires points")
        headers = {name: asked.headers[name] for name in PASSED_ON if name in asked.headers}
        return Reply(b"", status=self.store.write(asked.path, headers, asked.body))


def _json(status: int, document: object) -> Reply:
    return Reply(json.dumps(document).encode(), "application/json; charset=utf-8", status)


def _error(status: int, code: str, message: str) -> Reply:
    return _json(status, {"code": code, "message": message})
