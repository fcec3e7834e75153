"""Watch a desk: units becoming ready, readings arriving, and whether all is well."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterable

from hems.desk.display import Display
from hems.desk.gateway import Gateway
from hems.desk.plan import Plan
from hems.desk.readings import Login, Readings
from hems.errors import Unavailable
from hems.runtime import Stop, stop_requested
from hems.supervision.health import Row
from hems.supervision.phases import Phase
from hems.system.process import Session, last_lines

STARTING_S, RUNNING_S = 0.05, 0.5  # between two looks
STARTING_UP_S = 10.0  # then the readings are shown, whatever is not ready
CHECK_S = 45.0  # what is left of a minute is for the end
HOPELESS_RESTARTS = 4


class Watch:
    """Looks after `session`, the supervisord of `plan`, and tells `display`."""

    def __init__(self, plan: Plan, session: Session, display: Display, login: Login) -> None:
        self._plan = plan
        self._session = session
        self._display = display
        self._login = login
        self._gateway = Gateway(plan.run_dir)
        self._readings = Readings()
        self._started = time.monotonic()
        self._told: dict[str, str] = {}
        self._has_started = False

    async def run(self, stop: Stop, *, is_check: bool) -> None:
        """Watch until `stop`; a check ends by itself once everything works.

        Raises Unavailable when supervisord ends, or the check comes to a bad end.
        """
        stopping = asyncio.create_task(stop_requested(stop))
        following = asyncio.create_task(self._readings.follow(self._login))
        try:
            while not stopping.done():
                rows = self._rows()
                if is_check and self._is_done(rows):
                    return
                pause_s = RUNNING_S if self._has_started else STARTING_S
                await asyncio.wait([stopping], timeout=pause_s)
        finally:
            for task in (stopping, following):
                task.cancel()
            await asyncio.gather(stopping, following, return_exceptions=True)

    def _rows(self) -> list[Row]:
        """Return every unit's health and tell what has changed; nothing before it answers."""
        code = self._session.exit_code()
        if code is not None:
            raise Unavailable(f"supervisord ended with {code}:\n{self._log('desk')}")
        rows: list[Row] = []
        with contextlib.suppress(Unavailable):
            rows = self._gateway.health()
        for row in rows:
            self._tell(row)
        self._has_started |= bool(rows) and all(row.is_ready for row in rows)
        if self._has_started or self._age_s() > STARTING_UP_S:
            self._has_started = True  # in part: what does arrive is shown
            self._display.show(self._readings.newest.values(), rows)
        return rows

    def _tell(self, row: Row) -> None:
        """Print a line when the unit has become ready or unhealthy."""
        if not row.is_ready and row.is_healthy:
            return
        now = "ready" if row.is_ready else f"{row.state}: {row.reason}"
        if self._told.get(row.name) != now:
            self._told[row.name] = now
            self._display.say(f"{self._age_s():6.2f} s  {row.name} is {now}")

    def _is_done(self, rows: list[Row]) -> bool:
        """Tell whether all is well. Raises Unavailable with the reason if it will not be."""
        silent = [m for m in self._plan.meters if m.device_id not in self._readings.newest]
        if rows and not silent and all(row.is_healthy and row.is_ready for row in rows):
            self._display.say(
                f"{self._age_s():6.2f} s  every meter was read, every unit is healthy"
            )
            return True
        is_hopeless = any(
            row.state == Phase.FAILED.value or row.restarts >= HOPELESS_RESTARTS for row in rows
        )
        if is_hopeless or self._age_s() > CHECK_S:
            problems = [*self._complaints(rows)]
            problems += [f"no reading of {meter.name} ({meter.device_id})" for meter in silent]
            raise Unavailable("\n".join(["the desk does not work:", *problems]))
        return False

    def _complaints(self, rows: list[Row]) -> Iterable[str]:
        """Yield what is wrong with each unit, and the last lines of its log."""
        if not rows:
            yield f"supervisord does not answer:\n{self._log('desk')}"
        for row in rows:
            if not (row.is_healthy and row.is_ready):
                why = row.reason or row.restart_reason
                yield f"{row.name} is {row.state}: {why}\n{self._log(row.name)}"

    def _log(self, name: str) -> str:
        """Return the last lines of a unit's log, or of the desk's when it has none."""
        for path in (self._plan.log_dir / f"{name}.log", self._plan.log_dir / "desk.log"):
            if path.exists() and path.stat().st_size:
                return last_lines(path.read_text(encoding="utf-8", errors="replace"))
        return ""

    def _age_s(self) -> float:
        return time.monotonic() - self._started
