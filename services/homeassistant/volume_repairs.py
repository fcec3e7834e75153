"""Repair what Home Assistant itself never repairs on its volume, before it starts.

It reads ip_bans.yaml at its start; python/expiring_bans.py lets a ban end while it runs, and here
those that have ended leave the file, and those of the gateway itself. A backup that ran out of
room, or whose process was killed, leaves an archive without its end, which Home Assistant offers as
a backup. No backup runs now.
"""

from __future__ import annotations

import re
import tarfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from default_files import replace

# The gateway's own: hems and whatever Docker forwards (.1), nginx (.4), and this container.
OWN_ADDRESSES = frozenset({"172.18.4.1", "172.18.4.4", "127.0.0.1", "::1"})
BANNED_S = 3600.0
BANNED_AT = re.compile(r"banned_at: *['\"]?([0-9T:.+-]+)")
BANS, BACKUPS = "ip_bans.yaml", "backups"
BLOCK = 512  # bytes
END = bytes(2 * BLOCK)  # of every tar archive


def lift_bans(volume: Path, now: float) -> Iterator[str]:
    """Remove the bans of the gateway's own addresses, and those that have ended at unix `now` (s).

    Yields a line for each. A ban without a time that can be read stays. Raises OSError.
    """
    path = volume / BANS
    if not path.exists():
        return
    kept: list[str] = []
    for ban in _bans(path.read_text(encoding="utf-8", errors="surrogateescape")):
        if not ban[:1].strip() or ban.startswith("#"):
            kept.append(ban)
            continue
        address = ban.partition("\n")[0].partition(": ")[0].strip().rstrip(":").strip("'\"")
        if address in OWN_ADDRESSES:
            yield f"{BANS}: {address} is the gateway's own address; the ban is lifted"
        elif _has_ended(ban, now):
            yield f"{BANS}: the ban of {address} has ended"
        else:
            kept.append(ban)
    text = "".join(kept).encode("utf-8", errors="surrogateescape")
    if text != path.read_bytes():
        replace(path, text, 0o644)


def _bans(text: str) -> Iterator[str]:
    """Yield each key, or comment, with the indented and empty lines below it."""
    ban = ""
    for line in text.splitlines(keepends=True):
        if line[:1].strip():
            yield ban
            ban = ""
        ban += line
    yield ban


def _has_ended(ban: str, now: float) -> bool:
    match = BANNED_AT.search(ban)
    try:
        time = datetime.fromisoformat(match[1]) if match else None
    except ValueError:
        time = None
    # A ban in the future is from before the clock was wrong.
    return time is not None and abs(now - time.replace(tzinfo=time.tzinfo or UTC).timestamp()) > (
        BANNED_S
    )


def remove_truncated_backups(volume: Path) -> Iterator[str]:
    """Remove archives without their end; yield a line for each. Raises OSError."""
    for path in sorted((volume / BACKUPS).glob("*.tar")):
        if is_truncated(path):
            path.unlink()
            yield f"{BACKUPS}/{path.name} had no end, so it could not be restored; removed"


def is_truncated(path: Path) -> bool:
    """Return whether the file is a tar archive that ends too early. Raises OSError.

    A file that does not begin as an archive is a person's, except one without a whole first block.
    """
    end = 0
    with path.open("rb") as file:
        try:
            with tarfile.open(fileobj=file, mode="r:") as archive:
                for member in archive:
                    end = member.offset_data + -(-member.size // BLOCK) * BLOCK
        except (tarfile.TarError, EOFError):
            return end > 0 or path.stat().st_size < BLOCK
        file.seek(end)
        return file.read(len(END)) != END
