"""Run every check of the watchdog once a period, then publish the results."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from hems.errors import ProtocolError, Unavailable
from hems.protocols.gateway import watchdog_report
from hems.system import files
from hems.worker_outage_log import Outage
from hems.worker_runtime import Context, GuardedStep, Step, every
from hems.workers.watchdog import watchdog_metrics
from hems.workers.watchdog.internet_check_and_reboot import InternetCheck
from hems.workers.watchdog.restart_log_file import RestartLog
from hems.workers.watchdog.running_containers import RunningContainers
from hems.workers.watchdog.service_repair import ServiceRepair
from hems.workers.watchdog.watchdog_problems import problems

LOOK_S = 2.0  # how soon a person's request is seen


@dataclass
class CheckRounds:
    """Check the internet first, because other workers wait for its state.

    `report_path` is the file with the report for other workers. `requests` are those of people.
    Without a Supervisor there are no `containers`.
    """

    internet: InternetCheck
    services: Sequence[ServiceRepair]
    others: Sequence[Step]
    restart_log: RestartLog
    report_path: Path
    period_s: float
    containers: RunningContainers | None = None
    requests: Step | None = None
    _outage: Outage = field(init=False)

    def __post_init__(self) -> None:
        self._outage = Outage("report")
        checks: tuple[Step, ...] = (self.internet, *self.others, *self.services)
        self._requests = [GuardedStep(self.requests)] if self.requests else []
        self._checks = [GuardedStep(check) for check in checks]
        self._round = [step for check in self._checks for step in (check, *self._requests)]

    def run(self, ctx: Context) -> None:
        """Make a round each period until a stop is requested; look for requests all the time."""
        due = ctx.clock.monotonic()
        self._resume(due)
        ctx.notify.ready()
        pause_s = min(LOOK_S, self.period_s) if self._requests else self.period_s
        for _ in every(pause_s, ctx):
            now = ctx.clock.monotonic()
            if self._take(self._requests, ctx) and now >= due:
                due = max(due + self.period_s, now)
                if self._take(self._round, ctx):
                    self._publish(ctx)

    def _take(self, steps: Iterable[GuardedStep], ctx: Context) -> bool:
        """Take each step, and report alive after it, as one may take action_timeout_s.

        Return false, and take no other, once a stop is requested.
        """
        for step in steps:
            step.step(ctx.clock.monotonic())
            ctx.notify.alive()
            if ctx.stop.wait(0):
                return False
        return True

    def _publish(self, ctx: Context) -> None:
        now = ctx.clock.monotonic()
        is_writable = self.restart_log.is_writable
        report = watchdog_metrics.report(
            self.internet, self.services, now, self.period_s, is_writable=is_writable
        )
        if report is None:
            return
        if self.containers is not None and self.containers.is_release_rejected:
            report = msgspec.structs.replace(report, is_release_rejected=True)
        try:
            files.replace(self.report_path, watchdog_report.encode(report))
        except Unavailable as error:
            self._outage.begin(str(error), now)
        else:
            self._outage.end(now)
        has_supervisor = self.internet.supervisor is not None
        metrics = watchdog_metrics.metrics(
            report, self._checks, self.restart_log.last, has_supervisor=has_supervisor
        )
        ctx.notify.status(watchdog_metrics.status(metrics))
        ctx.notify.metrics(msgspec.structs.asdict(metrics))
        ctx.notify.problems(list(problems(report, metrics.troubles)))

    def _resume(self, now: float) -> None:
        """Continue from the report of the watchdog before this one: a restart changes nothing else.

        Restarts of services count however old the report is, unless the machine has rebooted
        since: a watchdog that hangs and is killed must not restart a service for ever.
        """
        try:
            report = watchdog_report.decode(files.read(self.report_path))
        except (Unavailable, ProtocolError):
            return
        self.internet.history.resume(report, now)
        if report.written_at <= now:
            for service in self.services:
                is_given_up = service.name in report.given_up
                restarts = report.restarts.get(service.name, 0)
                service.health.resume(restarts, is_given_up=is_given_up)
