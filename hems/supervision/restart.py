"""Whether, when and how often a unit is started again: systemd.service(5), Restart= and below."""

from __future__ import annotations

import math
import os
import signal
from collections import deque
from dataclasses import dataclass
from enum import Enum

from hems.supervision.spec import Restart, Type, UnitSpec

CLEAN_SIGNALS = frozenset({signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGPIPE})


@dataclass(frozen=True)
class Exit:
    """How a process ended: by a signal, or with an exit code."""

    code: int = 0
    signal: int = 0

    @classmethod
    def from_status(cls, status: int) -> Exit:
        """Read the status of waitpid(2)."""
        if os.WIFSIGNALED(status):
            return cls(signal=os.WTERMSIG(status))
        return cls(code=os.waitstatus_to_exitcode(status))

    def __str__(self) -> str:
        if not self.signal:
            return f"exit status {self.code}"
        return f"killed by signal {self.signal} ({signal.strsignal(self.signal)})"


class Result(Enum):
    """Why a run ended, in systemd's words."""

    SUCCESS = "success"
    EXIT_CODE = "exit-code"
    SIGNAL = "signal"
    WATCHDOG = "watchdog"
    TIMEOUT = "timeout"
    PROTOCOL = "protocol"  # Type=notify ended well without ever saying READY=1
    RESOURCES = "resources"  # the process could not be made


_FAILURES = frozenset(Result) - {Result.SUCCESS}
_RESTARTED = {
    Restart.NO: frozenset[Result](),
    Restart.ON_SUCCESS: frozenset({Result.SUCCESS}),
    Restart.ON_FAILURE: _FAILURES,
    Restart.ON_ABNORMAL: _FAILURES - {Result.EXIT_CODE},
    Restart.ON_WATCHDOG: frozenset({Result.WATCHDOG}),
    Restart.ON_ABORT: frozenset({Result.SIGNAL}),
    Restart.ALWAYS: frozenset(Result),
}


def result_of(exit_: Exit, spec: UnitSpec, *, was_ready: bool) -> Result:
    """Judge an exit that supervision did not provoke."""
    if exit_.signal:
        is_clean = exit_.signal in CLEAN_SIGNALS and spec.type is not Type.ONESHOT
        failure = Result.SIGNAL
    else:
        is_clean = exit_.code in spec.success_codes
        failure = Result.EXIT_CODE
    if not is_clean:
        return failure
    if spec.type is Type.NOTIFY and not was_ready:
        return Result.PROTOCOL
    return Result.SUCCESS


def is_restarted(result: Result, exit_: Exit, spec: UnitSpec) -> bool:
    """Tell whether the unit starts again after a run that ended so."""
    is_prevented = not exit_.signal and exit_.code in spec.prevent_codes
    return result in _RESTARTED[spec.restart] and not is_prevented


def delay_s(spec: UnitSpec, attempt: int) -> float:
    """Return the wait before the restart number `attempt` (1 is the first) in a row.

    It grows from RestartSec to RestartMaxDelaySec in RestartSteps steps, geometrically.
    """
    if not spec.restart_steps or not spec.restart_s or attempt <= 1:
        return spec.restart_s
    steps = min(attempt - 1, spec.restart_steps)
    growth = math.pow(spec.restart_max_delay_s / spec.restart_s, steps / spec.restart_steps)
    return min(spec.restart_s * growth, spec.restart_max_delay_s)


class Restarts:
    """One unit's starts: how many were automatic, why, how long until the next, and the limit.

    A run longer than both StartLimitIntervalSec and the longest delay makes the delays begin again
    at RestartSec. systemd never does so by itself; here a crash a month must not come to cost the
    longest delay.
    """

    def __init__(self, spec: UnitSpec) -> None:
        self.count = 0
        self.reason = ""  # of the last one
        self._spec = spec
        self._in_a_row = 0
        self._starts: deque[float] = deque(maxlen=spec.limit_burst or 1)

    def admit(self, now: float) -> bool:
        """Count a start, unless it is one more than the limit allows."""
        burst, interval_s = self._spec.limit_burst, self._spec.limit_interval_s
        is_full = burst and len(self._starts) == burst
        if is_full and now - self._starts[0] < interval_s:
            return False
        self._starts.append(now)
        self.count += self._in_a_row > 0
        return True

    def schedule(self, reason: str, run_s: float) -> float:
        """Return the wait before the restart that follows a run of `run_s` seconds."""
        spec = self._spec
        longest = spec.restart_max_delay_s if spec.restart_steps else spec.restart_s
        if run_s > max(spec.limit_interval_s, longest):
            self._in_a_row = 0
        self._in_a_row += 1
        self.reason = reason
        return delay_s(spec, self._in_a_row)

    def begin_again(self) -> None:
        """Make the next delay RestartSec."""
        self._in_a_row = 0

    def forget(self) -> None:
        """Begin again and forget the starts that count for the limit."""
        self._in_a_row = 0
        self._starts.clear()
