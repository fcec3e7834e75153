"""Read advisories in the OSV format, and decide whether one affects a version.

https://ossf.github.io/osv-schema/: `affected[].ranges[].events`, `affected[].versions`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cmp_to_key
from pathlib import Path
from typing import Any, Literal

import msgspec
from packaging.version import Version
from univers.versions import AlpineLinuxVersion, DebianVersion, SemverVersion

from hems.errors import ConfigError

FROM_THE_START = "0"
NUMBER = re.compile(r"\d+(?:\.\d+){0,2}")  # of a tag such as v4.11.84 or 2.7.12-alpine


class Event(msgspec.Struct, frozen=True):
    introduced: str = ""
    fixed: str = ""
    last_affected: str = ""
    limit: str = ""

    @property
    def version(self) -> str:
        return self.introduced or self.fixed or self.last_affected


class Range(msgspec.Struct, frozen=True):
    type: str
    events: tuple[Event, ...]


class Named(msgspec.Struct, frozen=True):
    ecosystem: str = ""
    name: str = ""
    purl: str = ""


class Affected(msgspec.Struct, frozen=True):
    package: Named = Named()
    ranges: tuple[Range, ...] = ()
    versions: tuple[str, ...] = ()


class Advisory(msgspec.Struct, frozen=True):
    id: str
    summary: str = ""
    details: str = ""
    withdrawn: str = ""
    aliases: tuple[str, ...] = ()
    affected: tuple[Affected, ...] = ()


class Uncertain(Exception):
    """The versions cannot be compared; a person has to."""


def read(place: Path) -> Iterator[Advisory]:
    """Yield the advisories of a file, or of each *.json below a folder. Raises ConfigError.

    A file has one advisory, a list of them, or OSV's answer with `vulns`. Withdrawn advisories are
    left out.
    """
    paths = sorted(place.rglob("*.json")) if place.is_dir() else [place]
    if not paths:
        raise ConfigError(f"{place}: found no file *.json, expected advisories in the OSV format")
    for path in paths:
        try:
            document = msgspec.json.decode(path.read_bytes())
            for one in _entries(document):
                advisory = msgspec.convert(one, Advisory)
                if not advisory.withdrawn:
                    yield advisory
        except OSError as error:
            raise ConfigError(f"{path} cannot be read: {error.strerror}") from error
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise ConfigError(f"{path} is no advisory in the OSV format: {error}") from error


def affects(affected: Affected, ecosystem: str, version: str) -> bool:
    """Return whether `affected` includes a version of OSV's `ecosystem`. Raises Uncertain."""
    if version in affected.versions:
        return True
    ranges = [one for one in affected.ranges if one.type in {"ECOSYSTEM", "SEMVER"}]
    if not ranges and not affected.versions:
        raise Uncertain
    return any(_in_range(one, ecosystem, version) for one in ranges)


def fixed_version(affected: Affected, ecosystem: str, version: str) -> str:
    """Return the first version above `version` that has the fix, empty if none is known."""
    events = (event for one in affected.ranges if one.type != "GIT" for event in one.events)
    fixes = [event.fixed for event in events if event.fixed]
    try:
        later = [fix for fix in fixes if _parsed(ecosystem, fix) > _parsed(ecosystem, version)]
        return min(later, key=lambda fix: _parsed(ecosystem, fix), default="")
    except Uncertain:
        return ""


def _entries(document: Any) -> list[Any]:
    if isinstance(document, dict) and "vulns" in document:
        return list(document["vulns"])
    return document if isinstance(document, list) else [document]


def _in_range(one: Range, ecosystem: str, version: str) -> bool:
    """Decide as the OSV schema's evaluation does: the last event up to `version` counts."""
    here = _parsed(ecosystem, version)
    limits = [event.limit for event in one.events if event.limit and event.limit != "*"]
    if limits and not any(here < _parsed(ecosystem, limit) for limit in limits):
        return False
    is_affected = False
    for event in _sorted(one.events, ecosystem):
        if event.introduced:
            at_or_after = event.introduced == FROM_THE_START or here >= _parsed(
                ecosystem, event.introduced
            )
            is_affected = is_affected or at_or_after
        elif event.fixed:
            is_affected = is_affected and here < _parsed(ecosystem, event.fixed)
        else:
            is_affected = is_affected and here <= _parsed(ecosystem, event.last_affected)
    return is_affected


def _sorted(events: tuple[Event, ...], ecosystem: str) -> list[Event]:
    def compare(one: Event, other: Event) -> Literal[-1, 0, 1]:
        pair = one.version, other.version
        if FROM_THE_START in pair or one.version == other.version:
            zeros = [version != FROM_THE_START for version in pair]
            return -1 if zeros[0] < zeros[1] else int(zeros[0] > zeros[1])  # type: ignore[return-value]
        return -1 if _parsed(ecosystem, pair[0]) < _parsed(ecosystem, pair[1]) else 1

    return sorted((event for event in events if event.version), key=cmp_to_key(compare))


def _parsed(ecosystem: str, version: str) -> Any:
    """Return a version that compares as its ecosystem does. Raises Uncertain."""
    kinds = {"PyPI": Version, "Debian": DebianVersion, "Alpine": AlpineLinuxVersion}
    try:
        if ecosystem:
            return kinds.get(ecosystem, SemverVersion)(version)
        number = NUMBER.search(version)
        return SemverVersion(number[0] if number else version)
    except ValueError as error:  # each library's own is one
        raise Uncertain from error
