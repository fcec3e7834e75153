"""Decide which states Home Assistant writes to InfluxDB: its `influxdb:` section as shipped.

services/homeassistant/config/configuration.yaml has the same lists.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from functools import lru_cache
from hashlib import sha256

import msgspec

from hems.protocols.home_assistant.entity_state import WITHOUT_VALUE

DOMAINS = frozenset({"binary_sensor", "climate", "number", "sensor", "switch", "water_heater"})
EXCLUDED = (
    "sensor.*_last_frame",
    "sensor.d2l_*_date",
    "sensor.sun_*",
    "sensor.*_last_seen",
    "sensor.*_uptime",
    "sensor.*_lqi",
    "sensor.*_rssi",
)
SECTIONS = frozenset({"recorder", "influxdb"})  # the second refers to the first
ENTRIES = ".storage/core.config_entries"  # an EntryStore, in its folder of configuration
SHIPPED = "023cb89fb3a3a6c3"  # digest of the two
_COMMENT = re.compile(r"(^|\s+)#.*")


class StoredEntry(msgspec.Struct, frozen=True):
    domain: str
    data: dict[str, object] = {}


class StoredEntries(msgspec.Struct, frozen=True):
    entries: tuple[StoredEntry, ...]


class EntryStore(msgspec.Struct, frozen=True):
    """Home Assistant's .storage/core.config_entries."""

    data: StoredEntries


def writes_to(store: EntryStore, url: str, bucket: str) -> bool:
    """Return whether Home Assistant has this InfluxDB and bucket, and no person's own."""
    return any((data.get("url"), data.get("bucket")) == (url, bucket) for data in _databases(store))


def influxdb_tokens(store: EntryStore) -> frozenset[str]:
    """Return the tokens with which Home Assistant writes to InfluxDB."""
    return frozenset(str(data.get("token")) for data in _databases(store))


def _databases(store: EntryStore) -> Iterator[dict[str, object]]:
    return (entry.data for entry in store.data.entries if entry.domain == "influxdb")


@lru_cache(maxsize=1)  # it is asked every minute, and the file hardly ever changes
def is_as_shipped(configuration: str) -> bool:
    """Return whether a configuration.yaml says as shipped what is written to InfluxDB."""
    text = "\n".join(_lines(configuration))
    return sha256(text.encode()).hexdigest()[:16] == SHIPPED


def _lines(configuration: str) -> Iterator[str]:
    """Yield the lines of SECTIONS, without comments and blank lines."""
    is_inside = False
    for line in configuration.splitlines():
        content = _COMMENT.sub("", line).rstrip()
        if content[:1].strip():  # a key: everything below it is indented
            is_inside = content.partition(":")[0] in SECTIONS
        if content and is_inside:
            yield content


def is_written(entity_id: str, state: str) -> bool:
    """Return whether Home Assistant writes this state of the entity to InfluxDB."""
    return (
        entity_id.partition(".")[0] in DOMAINS
        and state not in WITHOUT_VALUE
        and not any(fnmatchcase(entity_id, pattern) for pattern in EXCLUDED)
    )


def newest_between(times: Iterable[float], begin: float, end: float) -> float | None:
    """Return the newest of `times` (unix s) in [begin, end], None if there is none."""
    return max((time for time in times if begin <= time <= end), default=None)
