"""Decide whether, when and how often a unit restarts: systemd.service(5), Restart= and below."""

from __future__ import annotations

import os
import signal
from collections import deque
from enum import Enum
from typing import NamedTuple

from hems.supervision.settings.unit_spec import NOTIFYING, RestartCondition, UnitSpec, UnitType
from hems.supervision.units.preparation_exit_statuses import PREPARATION_STEPS

CLEAN_SIGNALS = frozenset({signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGPIPE})


class ProcessExit(NamedTuple):
    """How a process ended: by a signal, or with an exit code."""

    code: int = 0
    signal: int = 0
    is_core_dumped: bool = False

    @classmethod
    def from_status(cls, status: int) -> ProcessExit:
        """Decode the status of waitpid(2)."""
        if os.WIFSIGNALED(status):
            return cls(signal=os.WTERMSIG(status), is_core_dumped=os.WCOREDUMP(status))
        return cls(code=os.waitstatus_to_exitcode(status))

    @property
    def status(self) -> int:
        """Return the exit code, or the negative number of the signal."""
        return -self.signal if self.signal else self.code

    def __str__(self) -> str:
        if not self.signal:
            step = PREPARATION_STEPS.get(self.code)
            return f"exit status {self.code}" + (f" ({step})" if step else "")
        return f"killed by signal {self.signal} ({signal.strsignal(self.signal)})"


class RunResult(Enum):
    """Why a run ended, in systemd's words."""

    SUCCESS = "success"
    EXIT_CODE = "exit-code"
    SIGNAL = "signal"
    CORE_DUMP = "core-dump"
    WATCHDOG = "watchdog"
    TIMEOUT = "timeout"
    PROTOCOL = "protocol"  # a Type=notify process exited with success but never sent READY=1
    RESOURCES = "resources"  # the process could not be created
    EXEC_CONDITION = "exec-condition"  # ExecCondition says that the unit need not run
    START_LIMIT_HIT = "start-limit-hit"
    SUPERVISION = "supervision"  # a mistake in the state machine; systemd has no word for it


_FAILURES = frozenset(RunResult) - {RunResult.SUCCESS, RunResult.EXEC_CONDITION}
_RESTARTED = {
    RestartCondition.NO: frozenset[RunResult](),
    RestartCondition.ON_SUCCESS: frozenset({RunResult.SUCCESS}),
    RestartCondition.ON_FAILURE: _FAILURES,
    RestartCondition.ON_ABNORMAL: _FAILURES - {RunResult.EXIT_CODE},
    RestartCondition.ON_WATCHDOG: frozenset({RunResult.WATCHDOG}),
    RestartCondition.ON_ABORT: frozenset({RunResult.SIGNAL, RunResult.CORE_DUMP}),
    RestartCondition.ALWAYS: frozenset(RunResult) - {RunResult.EXEC_CONDITION},
}


def result_of(exit_: ProcessExit, spec: UnitSpec, *, was_ready: bool) -> RunResult:
    """Return the result of a run that the process itself ended."""
    is_clean_signal = exit_.signal in CLEAN_SIGNALS and spec.type is not UnitType.ONESHOT
    if not is_clean_signal and exit_.status not in spec.success_codes:
        return _failure(exit_)
    if spec.type in NOTIFYING and not was_ready:
        return RunResult.PROTOCOL
    return RunResult.SUCCESS


def control_result_of(exit_: ProcessExit, spec: UnitSpec, *, is_condition: bool) -> RunResult:
    """Return the result of a control process: ExecStartPre and the like, or ExecCondition."""
    if exit_.status in spec.success_codes:
        return RunResult.SUCCESS
    is_skipped = is_condition and not exit_.signal and exit_.code < 255
    return RunResult.EXEC_CONDITION if is_skipped else _failure(exit_)


def _failure(exit_: ProcessExit) -> RunResult:
    if exit_.signal:
        return RunResult.CORE_DUMP if exit_.is_core_dumped else RunResult.SIGNAL
    return RunResult.EXIT_CODE


def is_restarted(result: RunResult, exit_: ProcessExit | None, spec: UnitSpec) -> bool:
    """Return whether the unit restarts after a run with this result.

    `exit_` is that of its main process, None if there was none.
    """
    if exit_ is not None and exit_.status in spec.prevent_codes:
        return False
    is_forced = exit_ is not None and exit_.status in spec.force_codes
    return is_forced or result in _RESTARTED[spec.restart]


def longest_delay_s(spec: UnitSpec) -> float:
    """Return the longest delay (s) before a restart."""
    return spec.restart_max_delay_s if spec.restart_steps and spec.restart_s else spec.restart_s


def restart_delay_s(spec: UnitSpec, failures: int) -> float:
    """Return the delay (s) before the restart after so many failures in a row, 1 or more.

    It grows geometrically from RestartSec to RestartMaxDelaySec in RestartSteps steps; without
    steps each is RestartSec.
    """
    longest_s = longest_delay_s(spec)
    step = min(failures - 1, spec.restart_steps)
    if step <= 0 or not spec.restart_s:
        return spec.restart_s
    ratio = longest_s / spec.restart_s
    return float(min(longest_s, spec.restart_s * ratio ** (step / spec.restart_steps)))


LOOP = 3  # failures in a row, each after a short run
SLOW_LOOP, SLOW_LOOP_S = 4, 3600.0  # failures in this time, each after a long run


class StartHistory:
    """The starts of one unit: their limit, the number of restarts, and the delay before the next.

    A run longer than both StartLimitIntervalSec and the longest delay resets the delay to
    RestartSec. systemd never does this: there, a unit that crashes once a month would in the end
    wait the longest delay each time.
    """

    def __init__(self, spec: UnitSpec) -> None:
        self.restarts = 0
        self.reason = ""  # for the last restart
        self._spec = spec
        self._failures = 0  # in a row
        self._starts: deque[float] = deque(maxlen=spec.limit_burst)  # monotonic seconds
        self._failed_at: deque[float] = deque(maxlen=SLOW_LOOP)  # after long runs

    def is_full(self, now: float) -> bool:
        """Return whether the limit forbids a start at monotonic `now` (s)."""
        burst, interval_s = self._spec.limit_burst, self._spec.limit_interval_s
        return 0 < burst == len(self._starts) and now - self._starts[0] < interval_s

    def admit(self, now: float) -> bool:
        """Count a start at monotonic `now` (s) and return True; False if the limit forbids it."""
        if self.is_full(now):
            return False
        self._starts.append(now)
        self.restarts += self._failures > 0
        return True

    def schedule(self, reason: str, run_s: float, now: float) -> float:
        """Return the delay (s) before the restart that follows a run of `run_s` seconds."""
        if self._is_long(run_s):
            self._failures = 0
            self._failed_at.append(now)
        self.reason = reason
        self._failures += 1
        return restart_delay_s(self._spec, self._failures)

    def is_loop(self, now: float, started_at: float | None) -> bool:
        """Return whether the unit keeps failing; its current run began at `started_at`, if any."""
        if len(self._failed_at) == SLOW_LOOP and now - self._failed_at[0] < SLOW_LOOP_S:
            return True
        is_stable = started_at is not None and self._is_long(now - started_at)
        return self._failures >= LOOP and not is_stable

    def reset_delay(self) -> None:
        """Reset the next delay to RestartSec: the next start is no restart."""
        self._failures = 0

    def forget(self) -> None:
        """Reset the delay and forget the starts that count towards the limit."""
        self._failures = 0
        self._starts.clear()
        self._failed_at.clear()

    def _is_long(self, run_s: float) -> bool:
        return run_s > max(self._spec.limit_interval_s, longest_delay_s(self._spec))
