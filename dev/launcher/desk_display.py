"""Show on the terminal what bin/up does: lines while units start, then readings and LEDs.

A terminal gets one live view below the lines; anything else gets a line for each change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from dev.launcher.led_drawing import lamps
from dev.launcher.mqtt_reading_rows import ReadingRow
from dev.launcher.unit_changes_and_problems import problems, refused_frames
from hems.supervision.health.health_row import HealthRow
from hems.supervision.health.health_table import span

COLUMNS = ("dongle", "power", "energy", "tariff", "clock", "age", "readings")
TARIFF_WIDTH = 13
SHOWN_PROBLEMS = 4
HEADER, REST, MARGIN = 1, 1, 1  # lines: of the table, of what does not fit, of the terminal


class Display:
    """Use as a context manager, so that the terminal is left as it was."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False)
        self._live = Live(console=self._console, auto_refresh=False)
        self._counts: dict[str, int] = {}
        self._lines: dict[str, str] = {}

    def __enter__(self) -> Display:
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def say(self, line: str) -> None:
        """Print a line; the live view stays below it."""
        self._console.print(line, markup=False, emoji=False, soft_wrap=True)

    def end(self, line: str) -> None:
        """Leave the live view as it is and print a last line below it."""
        self._live.stop()
        self.say(line)

    def show(self, readings: Iterable[ReadingRow], rows: Sequence[HealthRow], now: float) -> None:
        """Show the newest readings and the units at monotonic `now` (s)."""
        if not self._console.is_terminal or self._console.is_dumb_terminal:
            self._say_changed("LEDs  ", "  ".join(lamps(rows)))
            self._say_changed("", refused_frames(rows))
            for one in readings:
                self._say_once(one)
            return
        self._live.start()
        view = live_view(list(readings), rows, now, self._console.height)
        self._live.update(view, refresh=True)

    def _say_changed(self, title: str, line: str) -> None:
        if line and line != self._lines.get(title):
            self._lines[title] = line
            self.say(f"{title}{line}")

    def _say_once(self, one: ReadingRow) -> None:
        if self._counts.get(one.device_id) != one.count:
            self._counts[one.device_id] = one.count
            cells = (one.device_id, one.power, one.energy, one.tariff, one.clock)
            self.say("  ".join(filter(None, cells)))


def live_view(
    readings: Sequence[ReadingRow], rows: Sequence[HealthRow], now: float, height: int
) -> Group:
    """Return the view for a terminal of `height` lines: readings, LEDs, frames, units."""
    below = [*lamps(rows), refused_frames(rows), *units(rows)]
    lines = [_line(one) for one in below if one]
    room = max(1, height - len(lines) - HEADER - REST - MARGIN)
    ordered = sorted(readings, key=lambda one: one.device_id)
    hidden = [_line(one) for one in rest(ordered[room:], now)]
    return Group(table(ordered[:room], now), *hidden, *lines)


def table(readings: Iterable[ReadingRow], now: float) -> Table:
    """Return one row for each meter; `age` is the time since its newest reading arrived."""
    view = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False)
    for column in COLUMNS:
        width = TARIFF_WIDTH if column == "tariff" else None
        view.add_column(column, no_wrap=True, max_width=width, overflow="ellipsis")
    for one in readings:
        age = span(now - one.received_at) if one.count else ""
        cells = (one.device_id, one.power, one.energy, one.tariff, one.clock, age, str(one.count))
        view.add_row(*cells)
    return view


def rest(readings: Sequence[ReadingRow], now: float) -> Iterator[str]:
    """Yield a line for the meters that do not fit on the screen, if there are any."""
    if readings:
        oldest = min(one.received_at for one in readings)
        yield f"and {len(readings)} more meters, whose oldest reading came {span(now - oldest)} ago"


def units(rows: Sequence[HealthRow]) -> list[str]:
    """Return how many units are ready, and what is wrong with the others."""
    complaints = problems(rows)
    hidden = len(complaints) - SHOWN_PROBLEMS
    ready = sum(row.is_ready for row in rows)
    return [
        f"{ready} of {len(rows)} units ready - Ctrl-C stops the desk",
        *complaints[:SHOWN_PROBLEMS],
        *([f"and {hidden} more"] if hidden > 0 else []),
    ]


def _line(line: str) -> Text:
    return Text(line, no_wrap=True, overflow="ellipsis")
