"""Time that moves only when a worker waits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hems.runtime import Context


@dataclass
class FakeTime:
    """Clock and Stop in one: wait() advances the clock, then stops at `until`."""

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
        self.now += timeout
        return self.now >= self.until

    def fileno(self) -> int:
        raise AssertionError("no file descriptors in unit tests")


@dataclass
class FakeNotifier:
    """Records what a worker tells its supervisor, in order."""

    sent: list[str] = field(default_factory=list)
    figures: dict[str, object] = field(default_factory=dict)

    def ready(self) -> None:
        self.sent.append("ready")

    def alive(self) -> None:
        self.sent.append("alive")

    def stopping(self) -> None:
        self.sent.append("stopping")

    def status(self, line: str) -> None:
        self.sent.append(f"status {line}")

    def state(self, figures: Mapping[str, object]) -> None:
        self.figures = dict(figures)


def context(until: float) -> tuple[Context, FakeTime, FakeNotifier]:
    time, notifier = FakeTime(until), FakeNotifier()
    return Context(time, time, notifier), time, notifier
