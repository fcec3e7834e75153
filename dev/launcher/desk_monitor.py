"""Watch a running desk: show units and readings, and decide whether the desk works."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterable, Sequence

from dev.launcher.desk_display import Display
from dev.launcher.desk_plan import Plan
from dev.launcher.mqtt_reading_rows import BrokerLogin, Readings, missing_row
from dev.launcher.run_folder import full_disk, is_deleted
from dev.launcher.supervisord_client import SupervisordClient
from dev.launcher.unit_changes_and_problems import changes, problem
from dev.live_page.page_data import PageData
from hems.errors import Unavailable
from hems.supervision.health.health_row import HealthRow
from hems.supervision.units.unit_phase import HealthState
from hems.system.subprocesses import ProgramSession, last_lines
from hems.worker_runtime import Stop, stop_requested

STARTING_S, RUNNING_S = 0.05, 0.5  # between two rounds
STARTING_UP_S = 10.0  # then the readings are shown, even if a unit is not ready
CHECK_S = 45.0  # what is left of a minute is for the end
HOME_ASSISTANT_CHECK_S = 400.0  # its first start, a Zigbee network, five meters
HOPELESS_RESTARTS = 4


class DeskMonitor:
    """Watches `session`, the supervisord of `plan`, and reports to `display`.

    `dongle_ids` are a person's own, which have a row before their first reading; `page` is what
    a browser shows.
    """

    def __init__(
        self,
        plan: Plan,
        session: ProgramSession,
        display: Display,
        login: BrokerLogin,
        dongle_ids: Sequence[str] = (),
    ) -> None:
        self._plan = plan
        self._session = session
        self._display = display
        self._login = login
        self._dongle_ids = dongle_ids
        self.page = PageData(plan.home)
        self._supervisord = SupervisordClient(plan.run_dir)
        self._readings = Readings()
        self._started = time.monotonic()
        self._rows: dict[str, HealthRow] = {}
        self._has_started = False

    async def run(self, stop: Stop, *, is_check: bool) -> None:
        """Watch until `stop`; a check ends by itself once everything works.

        Raises Unavailable when supervisord ends, the run folder disappears, or the check fails.
        """
        stopping = asyncio.create_task(stop_requested(stop))
        following = asyncio.create_task(self._readings.follow(self._login))
        try:
            while not stopping.done():
                asking = asyncio.create_task(asyncio.to_thread(self._health))
                await asyncio.wait([stopping, asking], return_when=asyncio.FIRST_COMPLETED)
                if not asking.done():  # Ctrl-C is acknowledged before supervisord answers
                    asking.cancel()
                    break
                self._show(rows := asking.result())
                if is_check and self._is_done(rows):
                    return
                pause_s = RUNNING_S if self._has_started else STARTING_S
                await asyncio.wait([stopping], timeout=pause_s)
            self._display.end("stopping ...")
        finally:
            for task in (stopping, following):
                task.cancel()
            await asyncio.gather(stopping, following, return_exceptions=True)

    def _health(self) -> list[HealthRow]:
        """Return every unit's health, nothing while supervisord does not answer."""
        with contextlib.suppress(Unavailable):
            return self._supervisord.health()
        return []

    def _show(self, rows: list[HealthRow]) -> None:
        """Say what has changed and show the readings. Raises Unavailable when the desk is gone."""
        self._check_alive()
        for row in rows:
            for line in changes(self._rows.get(row.name), row):
                self._display.say(f"{self._age_s():6.2f} s  {line}")
            self._rows[row.name] = row
        self._has_started |= bool(rows) and all(row.is_ready for row in rows)
        self._has_started |= self._age_s() > STARTING_UP_S
        if self._has_started:
            now = time.monotonic()
            newest = self._readings.newest
            missing = [missing_row(one, now) for one in self._dongle_ids if one not in newest]
            self._display.show([*newest.values(), *missing], rows, now)
            self.page.update([*newest.values(), *missing], rows)

    def _check_alive(self) -> None:
        run_dir = self._plan.run_dir
        if is_deleted(run_dir):
            raise Unavailable(f"{run_dir} was deleted while the desk ran in it; start it again")
        code = self._session.exit_code()
        if code is not None:
            ended = f"supervisord ended with {code}:\n{self._log('desk')}"
            raise Unavailable(full_disk(run_dir) or ended)

    def _is_done(self, rows: list[HealthRow]) -> bool:
        """Return whether everything works. Raises Unavailable with the reason if it will not."""
        silent = [m for m in self._plan.meters if m.device_id not in self._readings.newest]
        if rows and not silent and all(row.is_healthy and row.is_ready for row in rows):
            line = "every meter has published a reading, every unit is healthy"
            self._display.say(f"{self._age_s():6.2f} s  {line}")
            return True
        is_hopeless = any(
            row.state == HealthState.FAILED.value or row.restarts >= HOPELESS_RESTARTS
            for row in rows
        )
        has_home_assistant = bool(self._plan.home_assistant_command)
        limit_s = HOME_ASSISTANT_CHECK_S if has_home_assistant else CHECK_S
        if is_hopeless or self._age_s() > limit_s:
            problems = [full_disk(self._plan.run_dir), *self._complaints(rows)]
            problems += [f"no reading of {meter.name} ({meter.device_id})" for meter in silent]
            raise Unavailable("\n".join(["the desk does not work:", *filter(None, problems)]))
        return False

    def _complaints(self, rows: list[HealthRow]) -> Iterable[str]:
        """Yield what is wrong with each unit, and the last lines of its log."""
        if not rows:
            yield f"supervisord does not answer:\n{self._log('desk')}"
        for row in rows:
            if not (row.is_healthy and row.is_ready):
                yield f"{problem(row)}\n{self._log(row.name)}"

    def _log(self, name: str) -> str:
        """Return the last lines of a unit's log, or of the desk's when it has none."""
        for path in (self._plan.log_dir / f"{name}.log", self._plan.log_dir / "desk.log"):
            if path.exists() and path.stat().st_size:
                return last_lines(path.read_text(encoding="utf-8", errors="replace"))
        return ""

    def _age_s(self) -> float:
        return time.monotonic() - self._started
