"""The client of InfluxDB 2.7's HTTP API, for its set-up and maintenance.

GET   /api/v2/setup                 {"allowed": true} until it is set up
POST  /api/v2/setup                 the first user, organisation, bucket and token, all at once
POST  /api/v2/query?org             a Flux script; the answer is CSV, empty without rows
POST  /api/v2/write?org&bucket      204; without a line it writes nothing but checks everything:
                                    401 unknown token, 404 organisation or bucket, 403 no right
GET   /api/v2/orgs?org              404, or an empty list when the token may not see it
GET   /api/v2/buckets?org&name      likewise;  POST creates one, PATCH /ID changes one
GET   /api/v2/tasks?org&name        likewise;  POST, PATCH /ID and DELETE /ID
A known token without the right to do something is answered with 401, too, except on a write.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hems.clients.http import HttpClient
from hems.clients.influxdb import responses
from hems.clients.influxdb.responses import (
    PEER,
    Bucket,
    FluxTask,
    InfluxdbRefused,
    MissingBucket,
    NotWritable,
    UnknownToken,
)
from hems.errors import Rejected

DAY_S = 86_400
TOKENS = "on the page /influx/, Load Data, API Tokens"
API = "/api/v2"


@dataclass(frozen=True)
class NewInfluxdb:
    """What to create in a new InfluxDB; a `retention_s` of 0 means forever."""

    user: str
    password: str = field(repr=False)
    organisation: str
    bucket: str
    retention_s: int


class Influxdb:
    """InfluxDB at `address` (host, port), with `token`; each response may take `timeout_s`.

    Every method raises Unavailable without a good response in time, InfluxdbRefused when
    InfluxDB refuses, and ProtocolError when the response makes no sense. No message shows a
    secret.
    """

    def __init__(self, address: tuple[str, int], token: str, timeout_s: float) -> None:
        self._http = HttpClient(PEER, address)
        self._token = token
        self._timeout_s = timeout_s

    def is_set_up(self) -> bool:
        return responses.is_set_up(self._request("GET", "/setup", {}))

    def set_up(self, wanted: NewInfluxdb) -> None:
        """Create the first user, the organisation, the bucket, and our token with all rights."""
        order = {
            "username": wanted.user,
            "password": wanted.password,
            "org": wanted.organisation,
            "bucket": wanted.bucket,
            "retentionPeriodSeconds": wanted.retention_s,
            "token": self._token,
        }
        self._request("POST", "/setup", {}, order)

    def require_writable(self, organisation: str, bucket: str) -> None:
        """Raise NotWritable unless the token may write; write nothing.

        The error is MissingBucket when only the bucket is missing.
        """
        try:
            self._request("POST", "/write", {"org": organisation, "bucket": bucket})
        except InfluxdbRefused as error:
            raise self._why(error, organisation, bucket) from None

    def has_points(self, organisation: str, bucket: str, seconds: float) -> bool:
        """Return whether a point of the bucket is from the last `seconds`."""
        flux = (
            f'from(bucket: "{bucket}") |> range(start: -{seconds:.0f}s)'
            ' |> keep(columns: ["_time"]) |> limit(n: 1) |> group() |> limit(n: 1)'
        )
        order = {"type": "flux", "query": flux}
        return bool(self._request("POST", "/query", {"org": organisation}, order).strip())

    def organisation_id(self, name: str) -> str | None:
        """Return its id, None if the token may not see it. Raises InfluxdbRefused if missing."""
        return responses.organisation_id(self._request("GET", "/orgs", {"org": name}))

    def bucket(self, organisation: str, name: str) -> Bucket | None:
        """Return the bucket; None if there is none or the token may not see it."""
        try:
            return responses.bucket(
                self._request("GET", "/buckets", {"org": organisation, "name": name})
            )
        except InfluxdbRefused as error:
            if error.status == 404:
                return None
            raise

    def create_bucket(self, organisation: str, name: str, retention_s: int) -> None:
        order = {
            "orgID": self._required_id(organisation),
            "name": name,
            "retentionRules": _rules(retention_s),
        }
        self._request("POST", "/buckets", {}, order)

    def set_retention(self, bucket: Bucket, retention_s: int) -> None:
        """Make the bucket keep its values for `retention_s` from now on; 0 means forever."""
        rules = _rules(retention_s)
        self._request("PATCH", f"/buckets/{bucket.id}", {}, {"retentionRules": rules})

    def tasks(self, organisation: str, name: str) -> tuple[FluxTask, ...]:
        return responses.tasks(self._request("GET", "/tasks", {"org": organisation, "name": name}))

    def create_task(self, organisation: str, flux: str) -> None:
        order = {"orgID": self._required_id(organisation), "flux": flux}
        self._request("POST", "/tasks", {}, order)

    def update_task(self, task: FluxTask, flux: str) -> None:
        self._request("PATCH", f"/tasks/{task.id}", {}, {"flux": flux})

    def delete_task(self, task: FluxTask) -> None:
        self._request("DELETE", f"/tasks/{task.id}", {})

    def _required_id(self, organisation: str) -> str:
        identifier = self.organisation_id(organisation)
        if identifier is None:
            reason = f"{PEER}: INFLUX_TOKEN may not see the organisation {organisation}"
            raise InfluxdbRefused(401, reason)
        return identifier

    def _why(self, refused: InfluxdbRefused, organisation: str, bucket: str) -> Rejected:
        """Return the reason why nothing can be written."""
        if refused.status == 401:
            return UnknownToken(
                "InfluxDB does not know the current token",
                f"create one {TOKENS}, and set the variable INFLUX_TOKEN to it",
            )
        if refused.status == 403:
            return NotWritable(
                f"INFLUX_TOKEN may not write into the bucket {bucket} of InfluxDB ({refused})",
                f"create a token that may, or activate it, {TOKENS}, and set INFLUX_TOKEN to it",
            )
        return self._missing(organisation, bucket) if refused.status == 404 else refused

    def _missing(self, organisation: str, bucket: str) -> NotWritable:
        try:
            self.organisation_id(organisation)
        except InfluxdbRefused as error:
            finding = f"InfluxDB has no organisation {organisation} ({error})"
            return NotWritable(finding, f"on the page /influx/ rename yours to {organisation}")
        advice = "create it on the page /influx/, Load Data, Buckets"
        return MissingBucket(f"InfluxDB has no bucket {bucket}", advice)

    def _request(
        self, method: str, path: str, query: Mapping[str, str], order: object = None
    ) -> bytes:
        """Return the body of a successful response."""
        headers = {"Authorization": f"Token {self._token}"} if path != "/setup" else {}
        path = f"{API}{path}"
        response = self._http.request(
            method, path, self._timeout_s, headers, params=query, json=order
        )
        if not response.is_success:
            raise responses.refusal(response, f"{PEER}, {method} {path}")
        return response.body


def _rules(retention_s: int) -> list[dict[str, object]]:
    """Return the one rule; a shard must not cover more time than the bucket keeps values."""
    shard_s = 7 * DAY_S if retention_s == 0 or retention_s >= 180 * DAY_S else DAY_S
    if 0 < retention_s < 2 * DAY_S:
        shard_s = DAY_S // 24
    return [
        {"type": "expire", "everySeconds": retention_s, "shardGroupDurationSeconds": shard_s},
    ]
