"""Decode InfluxDB 2.7's responses: JSON in, values out; a refusal becomes an error.

Only the members that hems needs are decoded. Every function that decodes raises ProtocolError
when one is missing.
"""

from __future__ import annotations

import msgspec

from hems.clients.http import HttpResponse
from hems.errors import HemsError, Rejected, Unavailable
from hems.protocols.json_decoding import decode_json

PEER = "InfluxDB"


class InfluxdbRefused(Rejected):
    """InfluxDB answered with `status`, from 400 to 499 but for 429."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class NotWritable(Rejected):
    """Values cannot be written: `finding` says why, `advice` what a person can do about it."""

    def __init__(self, finding: str, advice: str) -> None:
        super().__init__(f"{finding}: {advice}")
        self.finding = finding
        self.advice = advice


class UnknownToken(NotWritable):
    """InfluxDB does not know the token."""


class MissingBucket(NotWritable):
    """The token is valid and the organisation exists, but the bucket does not."""


class Bucket(msgspec.Struct, frozen=True):
    """A bucket, which keeps each value for `retention_s`; 0 means forever."""

    id: str
    name: str
    retention_s: int


class FluxTask(msgspec.Struct, frozen=True):
    """A Flux script that InfluxDB runs periodically; InfluxDB keeps its text unchanged."""

    id: str
    name: str
    flux: str


class _Setup(msgspec.Struct):
    allowed: bool


class _Organisation(msgspec.Struct):
    id: str


class _Organisations(msgspec.Struct):
    orgs: tuple[_Organisation, ...]


class _Rule(msgspec.Struct, rename="camel"):
    every_seconds: int


class _Bucket(msgspec.Struct, rename="camel"):
    id: str
    name: str
    retention_rules: tuple[_Rule, ...]


class _Buckets(msgspec.Struct):
    buckets: tuple[_Bucket, ...]


class _Tasks(msgspec.Struct):
    tasks: tuple[FluxTask, ...]


def is_set_up(body: bytes) -> bool:
    """Return whether InfluxDB is set up, from the body of GET /api/v2/setup."""
    return not decode_json(body, _Setup, PEER).allowed


def organisation_id(body: bytes) -> str | None:
    """Return the id of the only organisation; None if the token may not see it."""
    organisations = decode_json(body, _Organisations, PEER).orgs
    return organisations[0].id if organisations else None


def bucket(body: bytes) -> Bucket | None:
    """Return the only bucket; None if the token may not see it."""
    for entry in decode_json(body, _Buckets, PEER).buckets:
        retention_s = max((rule.every_seconds for rule in entry.retention_rules), default=0)
        return Bucket(entry.id, entry.name, retention_s)
    return None


def tasks(body: bytes) -> tuple[FluxTask, ...]:
    """Return the tasks that the token may see."""
    return decode_json(body, _Tasks, PEER).tasks


def refusal(response: HttpResponse, request: str) -> HemsError:
    """Return the error that an unsuccessful response means."""
    status = response.status
    message = f"{request}: {status}: {response.reason}"
    # 429 asks for patience: RFC 6585, section 4
    is_refused = 400 <= status < 500 and status != 429
    return InfluxdbRefused(status, message) if is_refused else Unavailable(message)
