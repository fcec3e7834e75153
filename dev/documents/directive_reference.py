"""Write the reference of all directives from their tables.

python -m dev.documents.directive_reference
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path

from dev.documents.general_systemd_differences import GENERAL
from hems.supervision.settings.directive import Directive
from hems.supervision.settings.directive_parser import DIRECTIVES, TABLES

DOCUMENT = Path(__file__).parents[2] / "docs/supervision/directives.md"
PACKAGE = Path(importlib.import_module("hems.supervision").__path__[0])
_INTRODUCTION = """# Directives

The directives of a unit are in the variable UNIT of its program's `environment`:

```ini
environment = UNIT="Type=notify WatchdogSec=30 After=broker,led TimeoutStartSec='1min 30s'"
```

Spaces separate directives. Single quotes enclose a value that has spaces; one within it is
written as `'\\''`: `ExecStop='/bin/sh -c '\\''sync && date'\\'''`. Commas separate the names in
a list. A directive marked "list" may occur several times; an empty value clears what is before it.
A time is in seconds, or as systemd.time(7) writes it: `100ms`, `5min`, `infinity`.

`command` is systemd's ExecStart, `stdout_logfile` its StandardOutput, `autostart` its WantedBy.
supervisord's own settings `autostart`, `autorestart`, `exitcodes`, `stopsignal`, `stopwaitsecs`,
`user`, `directory` and `umask` keep their meaning, and are the defaults of the directives that name
them. `startsecs`, `startretries`, `stopasgroup`, `killasgroup` and `priority` have no effect.

A mistake in a directive ends the start of supervisord with one line and exit status 78. With
`supervisorctl update`, a unit that runs keeps its old settings, and one that does not run is FATAL,
until an update corrects the mistake, here or in another unit. `python -m hems.supervision verify`
finds it before ([tools](tools.md)).

`python -m dev.documents.directive_reference` writes this file from the tables in
hems/supervision/, and [Unlike systemd](#unlike-systemd) at its end from the same rows.
"""


def document() -> str:
    """Return the whole document."""
    parts = [_INTRODUCTION]
    for title, rows in sections():
        parts += [f"## {title}", "", *_table(rows), ""]
    return "\n".join([*parts, "## Unlike systemd", "", *_differences(), ""])


def sections() -> Iterator[tuple[str, tuple[Directive, ...]]]:
    """Yield each table with its title, which is the first line of its module."""
    paths = sorted(PACKAGE.glob("*/*_directives.py"))
    modules = [importlib.import_module(f"hems.supervision.{p.parent.name}.{p.stem}") for p in paths]
    titles = {id(getattr(one, "DIRECTIVES", None)): inspect.getdoc(one) or "" for one in modules}
    for table in TABLES:
        yield _title(titles[id(table)]), table


def _title(text: str) -> str:
    words = text.split("\n", maxsplit=1)[0].removesuffix(".").removeprefix("The directives ")
    words = words.removeprefix("of ").removeprefix("for ")
    return words[0].upper() + words[1:]


def _table(rows: tuple[Directive, ...]) -> Iterator[str]:
    yield "| directive | default | meaning | source |"
    yield "|---|---|---|---|"
    for row in rows:
        name = f"{row.name} (list)" if row.is_list else row.name
        yield f"| {name} | {row.default or '—'} | {_cell(row.meaning)} | {row.source} |"


def _differences() -> Iterator[str]:
    yield "tests/integration/supervision/differential runs the same unit files under the real"
    yield "`systemd --user` and under the library, and compares the states of the units."
    yield ""
    yield "In general:"
    yield ""
    yield from (f"- {line}." for line in GENERAL)
    yield ""
    yield "| directive | difference |"
    yield "|---|---|"
    for row in DIRECTIVES.values():
        if row.unlike:
            yield f"| {row.name} | {_cell(row.unlike)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<N>", "`<N>`")


if __name__ == "__main__":
    DOCUMENT.write_text(document(), encoding="utf-8")
