"""InfluxDB 2.7's HTTP API, as far as setting it up and looking after it needs.

GET   /api/v2/setup                 {"allowed": true} until it is set up
POST  /api/v2/setup                 the first user, organisation, bucket and token, all at once
POST  /api/v2/write?org&bucket      204; without a line nothing is written, but all is checked:
                                    401 unknown token, 404 organisation or bucket, 403 no right
GET   /api/v2/orgs?org              404, or an empty list when the token may not see it
GET   /api/v2/buckets?org&name      likewise;  POST makes one, PATCH /ID changes one
GET   /api/v2/tasks?org&name        likewise;  POST, PATCH /ID and DELETE /ID
What a known token may not do is answered with 401 too, but for the write.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

import msgspec

from hems.clients import influxdb_answers as answers
from hems.clients.http_exchange import exchange
from hems.clients.influxdb_answers import Bucket, Task
from hems.clients.influxdb_refusals import MissingBucket, NotWritable, Refused, refusal
from hems.errors import ProtocolError, Rejected, Unavailable

DAY_S = 86_400
TOKENS = "on the page /influx/, Load Data, API Tokens"
API = "/api/v2"


@dataclass(frozen=True)
class SetUp:
    """What a new InfluxDB is to be; `retention_s` is 0 for ever."""

    user: str
    password: str = field(repr=False)
    organisation: str
    bucket: str
    retention_s: int


class Influxdb:
    """InfluxDB at `address`, as whoever has `token`; an answer may take `timeout_s`.

    Every method raises Unavailable without a good answer in time, Refused when it says no, and
    ProtocolError when it makes no sense. No message shows a secret.
    """

    def __init__(self, address: tuple[str, int], token: str, timeout_s: float) -> None:
        self._address = address
        self._token = token
        self._timeout_s = timeout_s

    def is_set_up(self) -> bool:
        return answers.is_set_up(self._exchange("GET", "/setup", {}))

    def set_up(self, wanted: SetUp) -> None:
        """Make the first user, the organisation, the bucket, and our token one that may all."""
        order = {
            "username": wanted.user,
            "password": wanted.password,
            "org": wanted.organisation,
            "bucket": wanted.bucket,
            "retentionPeriodSeconds": wanted.retention_s,
            "token": self._token,
        }
        self._exchange("POST", "/setup", {}, order)

    def require_writable(self, organisation: str, bucket: str) -> None:
        """Raise NotWritable unless the token may write; write nothing.

        The error is MissingBucket when that is all there is to it.
        """
        try:
            self._exchange("POST", "/write", {"org": organisation, "bucket": bucket})
        except Refused as error:
            raise self._why(error, organisation, bucket) from None

    def organisation_id(self, name: str) -> str | None:
        """Return its id, None when the token may not see it. Raises Refused if there is none."""
        return answers.organisation_id(self._exchange("GET", "/orgs", {"org": name}))

    def bucket(self, organisation: str, name: str) -> Bucket | None:
        """Return a bucket, None when there is none, or none that the token may see."""
        try:
            return answers.bucket(
                self._exchange("GET", "/buckets", {"org": organisation, "name": name})
            )
        except Refused as error:
            if error.status == 404:
                return None
            raise

    def create_bucket(self, organisation: str, name: str, retention_s: int) -> None:
        order = {
            "orgID": self._required_id(organisation),
            "name": name,
            "retentionRules": _rules(retention_s),
        }
        self._exchange("POST", "/buckets", {}, order)

    def set_retention(self, bucket: Bucket, retention_s: int) -> None:
        """Have the bucket keep values for so long from now on, 0 for ever."""
        rules = _rules(retention_s)
        self._exchange("PATCH", f"/buckets/{bucket.id}", {}, {"retentionRules": rules})

    def tasks(self, organisation: str, name: str) -> tuple[Task, ...]:
        return answers.tasks(self._exchange("GET", "/tasks", {"org": organisation, "name": name}))

    def create_task(self, organisation: str, flux: str) -> None:
        order = {"orgID": self._required_id(organisation), "flux": flux}
        self._exchange("POST", "/tasks", {}, order)

    def update_task(self, task: Task, flux: str) -> None:
        self._exchange("PATCH", f"/tasks/{task.id}", {}, {"flux": flux})

    def delete_task(self, task: Task) -> None:
        self._exchange("DELETE", f"/tasks/{task.id}", {})

    def _required_id(self, organisation: str) -> str:
        found = self.organisation_id(organisation)
        if found is None:
            raise Refused(
                401, f"InfluxDB: INFLUX_TOKEN may not see the organisation {organisation}"
            )
        return found

    def _why(self, refused: Refused, organisation: str, bucket: str) -> Rejected:
        """Return what it means that nothing can be written."""
        if refused.status == 401:
            return NotWritable(
                "InfluxDB does not know the token in force",
                f"make one {TOKENS}, and set the variable INFLUX_TOKEN to it",
            )
        if refused.status == 403:
            return NotWritable(
                f"InfluxDB does not let INFLUX_TOKEN write into the bucket {bucket} ({refused})",
                f"make a token that may, or switch it on, {TOKENS}, and set INFLUX_TOKEN to it",
            )
        return self._missing(organisation, bucket) if refused.status == 404 else refused

    def _missing(self, organisation: str, bucket: str) -> NotWritable:
        try:
            self.organisation_id(organisation)
        except Refused as error:
            found = f"InfluxDB has no organisation {organisation} ({error})"
            return NotWritable(found, f"on the page /influx/ rename yours to {organisation}")
        advice = "make it on the page /influx/, Load Data, Buckets"
        return MissingBucket(f"InfluxDB has no bucket {bucket}", advice)

    def _exchange(
        self, method: str, path: str, query: Mapping[str, str], order: object = None
    ) -> bytes:
        """Return the body of a good answer."""
        headers = {"Authorization": f"Token {self._token}"} if path != "/setup" else {}
        body = b"" if order is None else msgspec.json.encode(order)
        target = f"{method} {API}{path}"
        try:
            full = f"{target}?{urlencode(query)}" if query else target
            status, content = exchange(self._address, full, headers, body, self._timeout_s)
        except (Unavailable, ProtocolError) as error:
            raise type(error)(f"InfluxDB, {target}: {error}") from None
        if not 200 <= status < 300:
            raise refusal(status, content, f"InfluxDB, {target}")
        return content


def _rules(retention_s: int) -> list[dict[str, object]]:
    """Return the one rule; a shard must not last longer than the bucket keeps its values."""
    shard_s = 7 * DAY_S if retention_s == 0 or retention_s >= 180 * DAY_S else DAY_S
    if 0 < retention_s < 2 * DAY_S:
        shard_s = DAY_S // 24
    return [
        {"type": "expire", "everySeconds": retention_s, "shardGroupDurationSeconds": shard_s},
    ]
