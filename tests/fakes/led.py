"""The led worker's surroundings in virtual time: lamps, a log, peers, and a background."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from typing import Any

from hems.clients.internet.reachability import Reachability
from hems.errors import Unavailable
from hems.protocols.gateway.watchdog_report import Internet, WatchdogState, encode
from hems.supervision.health.health_json import HealthEncoder
from hems.supervision.health.health_row import HealthRow
from hems.supervision.health.problem_list import ListedProblem
from hems.system.gpio import LampOutputs
from hems.system.log_follower import LogFollower
from hems.system.user_command_file import CommandReader
from hems.worker_runtime import Clock
from hems.workers.led.status_probes import Monotonic, StatusProbes

ERROR_LINE = "2026-11-23 08:37:16.991 ERROR (MainThread) [homeassistant.components.zha] gone"
INFO_LINE = "2026-11-23 08:37:17.000 INFO (MainThread) [homeassistant.core] ERROR is just a word"


class FakeLamps(LampOutputs):
    """LEDs that record when each is switched; a closed one must not be touched."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.history: dict[int, list[tuple[float, bool]]] = {17: [], 27: [], 22: []}
        self.is_closed = False

    def set(self, line: int, *, is_lit: bool) -> None:
        assert not self.is_closed, "a released line was driven"
        self.history[line].append((round(self._clock.monotonic(), 3), is_lit))

    def close(self) -> None:
        self.is_closed = True

    def is_lit(self, line: int) -> bool:
        return bool(self.history[line]) and self.history[line][-1][1]


@dataclass
class FakeLog(LogFollower):
    """Gives what was written since, at most `at_once` lines a look; None: there is no file."""

    written: list[str] | None = field(default_factory=list)
    at_once: int = 1000
    has_more: bool = False
    is_closed: bool = False

    def lines(self) -> list[str]:
        if self.written is None:
            raise Unavailable("home-assistant.log: No such file or directory")
        read, self.written = self.written[: self.at_once], self.written[self.at_once :]
        self.has_more = bool(self.written)
        return read

    def close(self) -> None:
        self.is_closed = True


@dataclass
class FakeWorld:
    """What the peers would find; `status`, `state` and `health` None: no answer, no file."""

    status: int | None = 200
    echoes: bool = True
    state: WatchdogState | None = None
    health: bytes | None = None
    internet: Internet = Internet.ONLINE

    def probes(self) -> StatusProbes:
        return StatusProbes(
            self._http_status,
            lambda: _require(self.echoes),
            self._read_watchdog,
            self._read_health,
            self._check_internet,
        )

    def hear(self, now: float, internet: Internet, *problems: str) -> None:
        """Let the watchdog and supervisord write their reports at `now`."""
        self.state = WatchdogState(now, 90.0, internet, now)
        self.health = health_report(now, *problems)

    def _http_status(self) -> int:
        if self.status is None:
            raise Unavailable("172.18.4.2:8123: Connection refused")
        return self.status

    def _check_internet(self, _monotonic: Monotonic) -> Reachability:
        return Reachability(self.internet, "")

    def _read_health(self) -> bytes:
        if self.health is None:
            raise Unavailable("health.json cannot be read: No such file or directory")
        return self.health

    def _read_watchdog(self) -> bytes:
        if self.state is None:
            raise Unavailable("watchdog.json cannot be read: No such file or directory")
        return encode(self.state)


def health_report(now: float, *problems: str) -> bytes:
    """Return supervisord's report at `now`, with problems of these titles."""
    listed = tuple(
        ListedProblem("a-kind", title, title, "2027-01-15T08:00:00+00:00", "", "", "operator", at)
        for at, title in enumerate(problems)
    )
    row = HealthRow("led", "notify", "active", "", True, True, "", 0, "", "{}", listed)
    return HealthEncoder().report([row], now).encode()


def _require(holds: bool) -> None:
    if not holds:
        raise Unavailable("no answer")


class NoCommands(CommandReader):
    """No file of commands, but what a test appends to `given`."""

    def __init__(self) -> None:
        self.given: list[str] = []

    def take(self, now: float) -> dict[str, str]:
        taken, self.given = dict.fromkeys(self.given, "PRESS"), []
        return taken


class Immediately(Executor):
    """A background that has done everything at once."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - as the real ones do
            future.set_exception(error)
        return future


class Never(Executor):
    """A background on which everything hangs."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        return Future()
