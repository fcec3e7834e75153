"""/data/homeassistant.json: what has to be known of Home Assistant again after our end.

Whoever removes it has the login tried again, and made again what was removed; the dashboards that
are there then count as a person's.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
from loguru import logger

from hems.errors import Unavailable
from hems.system import files
from hems.system.files import Access


class Record(msgspec.Struct, frozen=True):
    """`refused` is the digest of a login that Home Assistant has refused.

    `broker_entry` is the id of the gateway's config entry for MQTT.

    `has_energy` and `has_dashboard` keep us from making again what somebody has removed. `energy`
    and `dashboard` are the digests of what we found and saved in its place last: whatever has
    another one is a person's.
    """

    refresh_token: str = ""
    refused: str = ""
    broker_entry: str = ""
    has_energy: bool = False
    has_dashboard: bool = False
    energy: tuple[str, ...] = ()
    dashboard: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return "Record(…)"


class Memory:
    """The record on disk, written at each change; it has a token, so it is root's only."""

    def __init__(self, path: Path, access: Access) -> None:
        self._path = path
        self._access = access
        self.record = _load(path)

    def note(self, **changes: str | bool | tuple[str, ...]) -> None:
        """Change these fields. Raises Unavailable when that is not on disk; it counts still."""
        self.record = msgspec.structs.replace(self.record, **changes)
        files.settle(self._path, msgspec.json.encode(self.record), self._access)

    def begin_anew(self) -> None:
        """Forget everything: Home Assistant is another one. Raises Unavailable."""
        self.record = Record()
        self.note()


def _load(path: Path) -> Record:
    try:
        return msgspec.json.decode(files.content(path) or b"{}", type=Record)
    except (Unavailable, msgspec.DecodeError, UnicodeDecodeError) as error:
        logger.warning("{}: {}; beginning a new one", path, error)
        return Record()
