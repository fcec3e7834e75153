"""Look at Home Assistant's files: what it put aside as unreadable, and bans of the gateway itself.

Home Assistant renames a spoilt recorder database to *.corrupt.TIME, and a spoilt file of .storage
to NAME.corrupt.TIME; then it begins with an empty one, and only its log says so. The start of its
container leaves NO_COPY when it could not keep what an earlier release wrote.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hems.errors import Unavailable
from hems.protocols.gateway.problem_kinds import (
    GATEWAY_BANNED,
    NO_WAY_BACK,
    RECORDER_CORRUPT,
    STORAGE_CORRUPT,
)
from hems.supervision.worker.problem import ReportedProblem
from hems.system import files

DATABASE = "home-assistant_v2.db"
STORAGE = ".storage"
CORRUPT = ".corrupt."
BANS = "ip_bans.yaml"
NO_COPY = "smartcore-no-way-back.txt"  # services/homeassistant/release_copies.py
MAX_TEXT = 200  # characters
OWN_ADDRESSES = frozenset({"172.18.4.1", "172.18.4.4"})  # hems and nginx


@dataclass
class HomeAssistantFiles:
    """`folder` is Home Assistant's configuration as hems sees it."""

    folder: Path

    def problems(self, _now: float, _wall: float) -> Iterator[ReportedProblem]:
        """Yield a problem for the newest copy of each damaged file, and for each ban."""
        for copy in _newest(self.folder, f"{DATABASE}{CORRUPT}*").values():
            yield RECORDER_CORRUPT.found(f"{copy.name}, {_megabytes(copy)} MB", copy.name)
        for name, copy in _newest(self.folder / STORAGE, f"*{CORRUPT}*").items():
            yield STORAGE_CORRUPT.found(f"{STORAGE}/{copy.name}", name)
        if why := self._content(NO_COPY):
            yield NO_WAY_BACK.found(f"{NO_COPY}: {why.strip()[:MAX_TEXT]}")
        for address in sorted(OWN_ADDRESSES & self._banned()):
            yield GATEWAY_BANNED.found(f"{BANS} contains {address}", address)

    def _banned(self) -> frozenset[str]:
        lines = self._content(BANS).splitlines()
        keys = (line.partition(": ")[0] for line in lines if line[:1].strip())
        return frozenset(key.strip().rstrip(":").strip("'\"") for key in keys)

    def _content(self, name: str) -> str:
        try:
            return files.read(self.folder / name).decode(errors="replace")
        except Unavailable:
            return ""


def _newest(folder: Path, pattern: str) -> dict[str, Path]:
    """Return the newest copy of each file by the file's name; the copies' names have the time."""
    return {path.name.partition(CORRUPT)[0]: path for path in sorted(folder.glob(pattern))}


def _megabytes(path: Path) -> int:
    try:
        return round(path.stat().st_size / 1e6)
    except OSError:  # it was removed meanwhile
        return 0
