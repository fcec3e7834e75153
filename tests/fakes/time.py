"""Time that moves only when a worker waits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from hems.supervision.worker.problem import ReportedProblem
from hems.worker_runtime import Context


@dataclass
class FakeTime:
    """A clock and a stop in one: `wait` advances the clock, and the stop comes at `until`.

    As with the real stop, a wait ends when the stop comes, and after the stop every wait returns
    at once. `waits` has the timeout of every wait.
    """

    until: float = float("inf")
    now: float = 0.0
    epoch: float = 1_700_000_000.0
    synchronised: bool = True
    waits: list[float] = field(default_factory=list)

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return self.epoch + self.now

    def is_synchronised(self) -> bool:
        return self.synchronised

    def wait(self, timeout: float) -> bool:
        self.waits.append(timeout)
        self.now = max(self.now, min(self.now + timeout, self.until))
        return self.now >= self.until

    def pause(self, seconds: float) -> None:
        """Sleep, also after the stop."""
        self.now += seconds

    def fileno(self) -> int:
        raise AssertionError("no file descriptors in unit tests")


@dataclass
class FakeNotifier:
    """Records what a worker tells its supervisor, in order.

    A beat sends the latest metrics and problems; None: none were reported yet.
    """

    sent: list[str] = field(default_factory=list)
    latest_metrics: dict[str, object] = field(default_factory=dict)
    sent_metrics: dict[str, object] = field(default_factory=dict)
    latest_problems: tuple[ReportedProblem, ...] | None = None
    sent_problems: tuple[ReportedProblem, ...] | None = None

    def ready(self) -> None:
        self.sent.append("ready")
        self._send_latest()

    def alive(self) -> None:
        self.sent.append("alive")
        self._send_latest()

    def stopping(self) -> None:
        self.sent.append("stopping")

    def status(self, line: str) -> None:
        self.sent.append(f"status {line}")

    def metrics(self, values: Mapping[str, object]) -> None:
        self.latest_metrics = dict(values)

    def problems(self, current: Iterable[ReportedProblem]) -> None:
        self.latest_problems = tuple(current)

    def _send_latest(self) -> None:
        self.sent_metrics, self.sent_problems = self.latest_metrics, self.latest_problems


def context(until: float) -> tuple[Context, FakeTime, FakeNotifier]:
    time, notifier = FakeTime(until), FakeNotifier()
    return Context(time, time, notifier), time, notifier
