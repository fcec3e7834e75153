"""Check that README's table of workers has every worker of hems with its purpose."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from dev.check import read_source_files
from hems.errors import ConfigError
from hems.worker_table import TABLE

TITLE = "documents: README lists the workers"
FILE, HEADING, CONTAINER = "README.md", "| worker |", "hems"


def problems(root: Path) -> Iterator[str]:
    """Yield each worker without a row, each row without a worker, and each other purpose."""
    rows = dict(_rows(read_source_files.text(root, FILE)))
    purposes = {entry.name: entry.purpose for entry in TABLE if entry.container == CONTAINER}
    for name in sorted(purposes.keys() - rows.keys()):
        yield f"{FILE}: the table of workers has no row for {name}"
    for name in sorted(rows.keys() - purposes.keys()):
        yield f"{FILE}: hems has no worker {name}, expected one of {', '.join(purposes)}"
    for name in sorted(rows.keys() & purposes.keys()):
        if not rows[name].startswith(purposes[name]):
            yield f"{FILE}: {name}: found {rows[name]!r}, expected it to begin {purposes[name]!r}"


def _rows(text: str) -> Iterator[tuple[str, str]]:
    """Yield the first two cells of each row of the table. Raises ConfigError without a table."""
    _, heading, table = text.partition(HEADING)
    if not heading:
        raise ConfigError(f"{FILE}: found no table that begins with {HEADING!r}")
    for line in table.splitlines()[2:]:
        if not line.startswith("|"):
            return
        _, name, purpose, *_ = (cell.strip() for cell in line.split("|"))
        yield name, purpose
