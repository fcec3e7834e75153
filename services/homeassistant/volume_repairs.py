"""Repair what Home Assistant itself never repairs on its volume, before it starts.

It reads ip_bans.yaml only at its start and never removes an address: a ban of nginx or of hems
would lock everybody out for ever. A backup that ran out of room, or whose process was killed,
leaves an archive without its end, which Home Assistant offers as a backup. No backup runs now.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from pathlib import Path

from default_files import replace

# The gateway's own: hems and whatever Docker forwards (.1), nginx (.4), and this container.
OWN_ADDRESSES = frozenset({"172.18.4.1", "172.18.4.4", "127.0.0.1", "::1"})
BANS, BACKUPS = "ip_bans.yaml", "backups"
BLOCK = 512  # bytes
END = bytes(2 * BLOCK)  # of every tar archive


def lift_own_bans(volume: Path) -> Iterator[str]:
    """Remove the gateway's own addresses from the bans; yield a line for each. Raises OSError."""
    path = volume / BANS
    if not path.exists():
        return
    kept: list[str] = []
    is_own = False
    for line in path.read_text(encoding="utf-8", errors="surrogateescape").splitlines(True):
        if line[:1].strip() and not line.startswith("#"):  # a key: everything below is indented
            address = line.partition(": ")[0].strip().rstrip(":").strip("'\"")
            is_own = address in OWN_ADDRESSES
            if is_own:
                yield f"{BANS}: {address} is the gateway's own address; the ban is lifted"
        if not is_own:
            kept.append(line)
    text = "".join(kept).encode("utf-8", errors="surrogateescape")
    if text != path.read_bytes():
        replace(path, text, 0o644)


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
