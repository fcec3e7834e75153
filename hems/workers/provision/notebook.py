"""/data/provision.json: what provision has to know again after its end."""

from __future__ import annotations

from pathlib import Path

import msgspec
from loguru import logger

from hems.errors import Unavailable
from hems.protocols.server_names import CertificateFacts
from hems.system import files
from hems.system.files import Access


class Looked(msgspec.Struct, frozen=True):
    """What was found in the certificate files; `digest` is of all their contents.

    As long as the files are the same nobody has to read them: OpenSSL, once it has worked, takes
    4 MB for as long as the process lives.
    """

    digest: str
    facts: CertificateFacts


class Record(msgspec.Struct, frozen=True):
    """`restarted` has the digest of the files that each service was last restarted for.

    What a newer version noted beside it is passed over: a way back restarts nothing.
    """

    looked: Looked | None = None
    restarted: dict[str, str] = {}


class Notebook:
    """The record on disk. A disk that takes nothing is told; what was noted still counts."""

    name = "notebook"

    def __init__(self, path: Path, access: Access) -> None:
        self._path = path
        self._access = access
        self.record = _load(path)

    def step(self, _now: float) -> None:
        """Write the record down if it is another one. Raises Unavailable."""
        files.settle(self._path, msgspec.json.encode(self.record), self._access)

    def note_certificate(self, looked: Looked) -> None:
        """Note what was found; it can be found again, so it need not be on disk at once."""
        self.record = msgspec.structs.replace(self.record, looked=looked)

    def note_restart(self, service: str, digest: str, now: float) -> None:
        """Note what `service` was restarted for. Raises Unavailable when it is not on disk."""
        restarted = self.record.restarted | {service: digest}
        self.record = msgspec.structs.replace(self.record, restarted=restarted)
        self.step(now)


def _load(path: Path) -> Record:
    try:
        return msgspec.json.decode(files.content(path) or b"{}", type=Record)
    except (Unavailable, msgspec.DecodeError, UnicodeDecodeError) as error:
        logger.warning("{}: {}; beginning a new one", path, error)
        return Record()
