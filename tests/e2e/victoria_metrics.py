"""VictoriaMetrics, a time-series database that takes what is written to InfluxDB 2."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

from tests.deploy.lan import INFLUXDB, Lan
from tests.integration.worker_process import eventually

PORT = 8428
TIMEOUT_S = 10


@dataclass(frozen=True)
class Point:
    time: float  # unix s
    value: float


class VictoriaMetrics:
    """Runs in the house, on InfluxDB's address; it ends with that namespace."""

    def __init__(self, lan: Lan, directory: Path) -> None:
        self._lan = lan
        options = [
            f"-storageDataPath={directory / 'victoria-metrics'}",
            f"-httpListenAddr={INFLUXDB}:{PORT}",
            "-memory.allowedBytes=64MB",
            "-retentionPeriod=10y",
            "-loggerLevel=WARN",
        ]
        log = directory / "victoria-metrics.log"
        process = lan.house.start(["victoria-metrics", *options], output=log)

        def answers() -> bool:
            assert process.poll() is None, log.read_text()
            return lan.house.reaches(INFLUXDB, PORT, 1)

        eventually(answers, 20, "VictoriaMetrics answers")

    def write(self, path: str, headers: Mapping[str, str], body: bytes) -> int:
        """Hand a request for /api/v2/write on and return the answer's status."""
        return self._ask("POST", path, headers, body)[0]

    def points(self, entity: str) -> list[Point]:
        """Return all points of an entity's value, oldest first."""
        self._ask("GET", "/internal/force_flush", {}, b"")
        name = entity.partition(".")[2]
        match = f'{{__name__=~".+_value",entity_id="{name}"}}'
        _, text = self._ask("GET", f"/api/v1/export?{urlencode({'match[]': match})}", {}, b"")
        series = [json.loads(line) for line in text.splitlines()]
        pairs = [
            pair for one in series for pair in zip(one["timestamps"], one["values"], strict=True)
        ]
        return [Point(time / 1000, value) for time, value in sorted(pairs)]

    def _ask(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, bytes]:
        connection = HTTPConnection(INFLUXDB, PORT, timeout=TIMEOUT_S)
        connection.sock = self._lan.connect(INFLUXDB, PORT)
        try:
            connection.request(method, path, body, dict(headers))
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()
