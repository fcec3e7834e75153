"""Check that docs/security.md lists every door, as hems/settings/doors.py has it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from dev.check import read_source_files
from hems.settings.doors import DOORS, Door

TITLE = "documents: docs/security.md lists every door with its limits"
FILE = "docs/security.md"
SECTION = "\n## Doors\n"
ROW = re.compile(r"^\| \d+ \|.*$", re.MULTILINE)


def problems(root: Path) -> Iterator[str]:
    """Yield each row of the table that is missing, or differs."""
    section = read_source_files.text(root, FILE).partition(SECTION)[2].partition("\n## ")[0]
    rows, expected = ROW.findall(section), [row(door) for door in DOORS]
    yield from (f"{FILE}: Doors: expected the row {line}" for line in expected if line not in rows)
    yield from (f"{FILE}: Doors: no door is {line}" for line in rows if line not in expected)


def row(door: Door) -> str:
    """Return the row of the table for a door."""
    opened = door.opened_by or "always"
    limits = (door.kept, door.per_address, door.at_most)
    cells = (door.port, door.what, door.service, opened, *limits)
    return f"| {' | '.join(map(str, cells))} |"
