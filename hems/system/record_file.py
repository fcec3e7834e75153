"""A record on disk: one private JSON file that outlives the process, fsynced at each change."""

from __future__ import annotations

from pathlib import Path
from typing import Generic, TypeVar

import msgspec
from loguru import logger

from hems.errors import ProtocolError, Unavailable
from hems.protocols.json_decoding import decode_json
from hems.system import files
from hems.system.files import Access

T = TypeVar("T", bound=msgspec.Struct)
PRIVATE = Access(0o600)


class RecordFile(Generic[T]):
    """The newest `record`, and the file at `path` that keeps it.

    `missing` is the record while there is no file. `unreadable` (by default `missing`) replaces a
    record that cannot be read or decoded; the reason is logged.
    """

    def __init__(
        self,
        path: Path,
        missing: T,
        access: Access = PRIVATE,
        unreadable: T | None = None,
    ) -> None:
        self._path = path
        self._access = access
        self.record = self._load(missing, missing if unreadable is None else unreadable)

    def save(self, record: T) -> None:
        """Make `record` the newest, and put it on disk if it differs.

        Raises Unavailable when it is not on disk; it is the newest even then.
        """
        self.record = record
        files.ensure(self._path, msgspec.json.encode(record), self._access)

    def update(self, **changes: object) -> None:
        """Save the record with these fields changed. Raises Unavailable as `save` does."""
        self.save(msgspec.structs.replace(self.record, **changes))

    def _load(self, missing: T, unreadable: T) -> T:
        try:
            data = files.content(self._path)
            return missing if data is None else decode_json(data, type(missing), str(self._path))
        except (Unavailable, ProtocolError) as error:
            logger.warning("{}; starting with {}", error, unreadable)
            return unreadable
