"""The state of the fake InfluxDB: users, organisations, buckets, tasks, and tokens' rights."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

HOUR_S = 3600
WEEK_S = 7 * 24 * HOUR_S
OPTION = re.compile(r'option task\s*=\s*\{\s*name:\s*"([^"]+)"')


class Denied(Exception):
    """An answer of 400 to 599."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass
class Token:
    """What a token may: all, or read and write the buckets of these names."""

    may_all: bool = False
    reads: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()
    is_active: bool = True


@dataclass
class State:
    """`lines` is what was written, by bucket; buckets are by name, tasks by id."""

    users: dict[str, str] = field(default_factory=dict)
    organisations: dict[str, str] = field(default_factory=dict)  # id by name
    buckets: dict[str, dict[str, Any]] = field(default_factory=dict)
    tasks: dict[str, dict[str, Any]] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    lines: dict[str, list[str]] = field(default_factory=dict)
    _ids: int = 0x0A00

    def set_up(
        self, token: str, organisation: str = "hems", bucket: str = "home_assistant"
    ) -> None:
        """Set it up, with a token that has all rights."""
        self.users["admin"] = "a password"
        self.organisations[organisation] = self.new_id()
        self.add_bucket(bucket, 0)
        self.tokens[token] = Token(may_all=True)

    def add_bucket(self, name: str, retention_s: int, shard_s: int = WEEK_S) -> dict[str, Any]:
        rule = {"type": "expire", "everySeconds": retention_s, "shardGroupDurationSeconds": shard_s}
        organisation = next(iter(self.organisations.values()))
        self.buckets[name] = {
            "id": self.new_id(),
            "orgID": organisation,
            "name": name,
            "retentionRules": [rule],
        }
        return self.buckets[name]

    def retention_s(self, bucket: str) -> int:
        return int(self.buckets[bucket]["retentionRules"][0]["everySeconds"])

    def organisation(self, name: str) -> str:
        if name not in self.organisations:
            raise Denied(404, f'organization name "{name}" not found')
        return self.organisations[name]

    def bucket(self, name: str) -> dict[str, Any]:
        if name not in self.buckets:
            raise Denied(404, f'bucket "{name}" not found')
        return self.buckets[name]

    def new_id(self) -> str:
        self._ids += 1
        return f"{self._ids:016x}"


def keep(bucket: dict[str, Any], rule: dict[str, Any]) -> None:
    kept_s, shard_s = rule["everySeconds"], rule["shardGroupDurationSeconds"]
    if kept_s < 0 or shard_s < 0:
        raise Denied(422, "expiration seconds cannot be negative")
    if 0 < kept_s < HOUR_S:
        raise Denied(500, "An internal error has occurred - check server logs")
    if kept_s and kept_s < shard_s:
        raise Denied(
            422,
            "shard-group duration must also be updated to be smaller than new retention duration",
        )
    bucket["retentionRules"] = [{**rule}]


def script(flux: str) -> dict[str, Any]:
    name = OPTION.search(flux)
    if name is None:
        raise Denied(400, "could not parse Flux script; options not defined")
    return {"name": name[1], "flux": flux}
