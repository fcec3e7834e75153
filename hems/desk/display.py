"""What bin/up shows: lines while units start, then the readings and the gateway's LEDs.

On a terminal they are one live table; elsewhere, each change is a line.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.table import Table

from hems.desk.lamps import lamps
from hems.desk.readings import Shown
from hems.supervision.health import Row

COLUMNS = ("dongle", "power", "energy", "tariff", "clock", "readings")


class Display:
    """Use as a context manager, so that the terminal is left as it was found."""

    def __init__(self) -> None:
        self._console = Console(highlight=False, soft_wrap=True)
        self._live = Live(console=self._console, auto_refresh=False)
        self._counts: dict[str, int] = {}
        self._lamps = ""

    def __enter__(self) -> Display:
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def say(self, line: str) -> None:
        """Print a line; a live table stays below it."""
        self._console.print(line, markup=False)

    def show(self, readings: Iterable[Shown], rows: Sequence[Row]) -> None:
        """Show the newest readings, the LEDs, and of the units which are not ready."""
        if not self._console.is_terminal or self._console.is_dumb_terminal:
            self._say_lamps(lamps(rows))
            for one in readings:
                self._say_once(one)
            return
        self._live.start()
        self._live.update(table(readings, rows), refresh=True)

    def _say_lamps(self, line: str) -> None:
        if line != self._lamps:
            self._lamps = line
            self.say(f"LEDs  {line}")

    def _say_once(self, one: Shown) -> None:
        if self._counts.get(one.device_id) != one.count:
            self._counts[one.device_id] = one.count
            self.say(f"{one.device_id}  {one.power}  {one.energy}  {one.tariff}  {one.clock}")


def table(readings: Iterable[Shown], rows: Sequence[Row]) -> Table:
    """Return the live table, with the LEDs and the health of the units in its caption."""
    below = "\n".join(line for line in (lamps(rows), caption(rows)) if line)
    found = Table(caption=escape(below), padding=(0, 1, 0, 0))
    for column in COLUMNS:
        found.add_column(column, no_wrap=True)
    for one in sorted(readings, key=lambda one: one.device_id):
        cells = (one.device_id, one.power, one.energy, one.tariff, one.clock, str(one.count))
        found.add_row(*cells)
    return found


def caption(rows: Sequence[Row]) -> str:
    """Return one line: how many units are ready, and what is with the others."""
    others = [
        f"{row.name} is {row.state}" + (f": {row.reason}" if row.reason else "")
        for row in rows
        if not row.is_ready
    ]
    if others:
        return f"{len(rows) - len(others)} of {len(rows)} units ready; " + "; ".join(others)
    return f"{len(rows)} units ready - Ctrl-C ends"
