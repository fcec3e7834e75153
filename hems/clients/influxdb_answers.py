"""The bodies of InfluxDB 2.7's answers: JSON in, values out.

Only what is needed is looked at. Every function raises ProtocolError when that is missing.
"""

from __future__ import annotations

import msgspec

from hems.clients.json_body import decoded

PEER = "InfluxDB"


class Bucket(msgspec.Struct, frozen=True):
    """A bucket keeps a value for `retention_s`, 0 for ever."""

    id: str
    name: str
    retention_s: int


class Task(msgspec.Struct, frozen=True):
    """A Flux script that InfluxDB runs; its text is kept as it was given."""

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
    tasks: tuple[Task, ...]


def is_set_up(body: bytes) -> bool:
    """Return what an answer of GET /api/v2/setup says."""
    return not decoded(body, _Setup, PEER).allowed


def organisation_id(body: bytes) -> str | None:
    """Return the one organisation's id, None when the token may not see it."""
    found = decoded(body, _Organisations, PEER).orgs
    return found[0].id if found else None


def bucket(body: bytes) -> Bucket | None:
    """Return the one bucket, None when the token may not see it."""
    for found in decoded(body, _Buckets, PEER).buckets:
        kept_s = max((rule.every_seconds for rule in found.retention_rules), default=0)
        return Bucket(found.id, found.name, kept_s)
    return None


def tasks(body: bytes) -> tuple[Task, ...]:
    """Return the tasks that the token may see."""
    return decoded(body, _Tasks, PEER).tasks
