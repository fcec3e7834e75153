import signal
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hems.supervision.settings.unit_spec import RestartCondition, UnitSpec, UnitType
from hems.supervision.units.restart_policy import (
    LOOP,
    SLOW_LOOP,
    SLOW_LOOP_S,
    ProcessExit,
    RunResult,
    StartHistory,
    is_restarted,
    restart_delay_s,
    result_of,
)

GOOD, BAD = ProcessExit(0), ProcessExit(1)


def test_an_exit_is_read_from_the_status_of_waitpid() -> None:
    assert ProcessExit.from_status(3 << 8) == ProcessExit(code=3)
    assert ProcessExit.from_status(9) == ProcessExit(signal=9)
    assert ProcessExit.from_status(6 | 0x80) == ProcessExit(signal=6, is_core_dumped=True)


def test_an_exit_is_described_in_words_even_for_a_signal_without_a_name() -> None:
    assert str(ProcessExit(3)) == "exit status 3"
    assert str(ProcessExit(signal=9)) == "killed by signal 9 (Killed)"
    assert str(ProcessExit(signal=40)).startswith("killed by signal 40")


@pytest.mark.parametrize(
    ("type_", "exit_", "was_ready", "result"),
    [
        (UnitType.SIMPLE, GOOD, True, RunResult.SUCCESS),
        (UnitType.SIMPLE, BAD, True, RunResult.EXIT_CODE),
        (UnitType.SIMPLE, ProcessExit(3), True, RunResult.SUCCESS),  # success_codes
        (UnitType.SIMPLE, ProcessExit(signal=signal.SIGTERM), True, RunResult.SUCCESS),
        (UnitType.SIMPLE, ProcessExit(signal=signal.SIGSEGV), True, RunResult.SIGNAL),
        (UnitType.ONESHOT, ProcessExit(signal=signal.SIGTERM), False, RunResult.SIGNAL),
        (UnitType.ONESHOT, GOOD, False, RunResult.SUCCESS),
        (UnitType.NOTIFY, GOOD, False, RunResult.PROTOCOL),
        (UnitType.NOTIFY, GOOD, True, RunResult.SUCCESS),
        (UnitType.NOTIFY, BAD, False, RunResult.EXIT_CODE),
    ],
)
def test_an_exit_is_judged_as_systemd_does(
    type_: UnitType, exit_: ProcessExit, was_ready: bool, result: RunResult
) -> None:
    spec = UnitSpec("x", type=type_, success_codes=frozenset({0, 3}))
    assert result_of(exit_, spec, was_ready=was_ready) is result


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGPIPE])
def test_four_signals_are_a_success_except_for_a_oneshot(number: int) -> None:
    exit_ = ProcessExit(signal=number)
    simple, oneshot = UnitSpec("x"), UnitSpec("x", type=UnitType.ONESHOT)
    assert result_of(exit_, simple, was_ready=True) is RunResult.SUCCESS
    assert result_of(exit_, oneshot, was_ready=True) is RunResult.SIGNAL


RESTARTED = {  # the table of systemd.service(5), Restart=
    RunResult.SUCCESS: {"always", "on-success"},
    RunResult.EXIT_CODE: {"always", "on-failure"},
    RunResult.SIGNAL: {"always", "on-failure", "on-abnormal", "on-abort"},
    RunResult.TIMEOUT: {"always", "on-failure", "on-abnormal"},
    RunResult.WATCHDOG: {"always", "on-failure", "on-abnormal", "on-watchdog"},
}


@pytest.mark.parametrize("result", RESTARTED)
@pytest.mark.parametrize("restart", RestartCondition)
def test_the_policy_follows_systemds_table(result: RunResult, restart: RestartCondition) -> None:
    spec = UnitSpec("x", restart=restart)
    assert is_restarted(result, BAD, spec) == (restart.value in RESTARTED[result])


def test_a_prevented_exit_code_is_final_whatever_the_policy() -> None:
    spec = UnitSpec("x", restart=RestartCondition.ALWAYS, prevent_codes=frozenset({0, 78, 9}))
    assert not is_restarted(RunResult.EXIT_CODE, ProcessExit(78), spec)
    assert is_restarted(RunResult.SIGNAL, ProcessExit(signal=9), spec)


def test_the_delay_grows_geometrically_to_its_maximum() -> None:
    spec = UnitSpec("x", restart_s=10, restart_steps=4, restart_max_delay_s=160)
    assert [restart_delay_s(spec, failures) for failures in range(1, 7 + 1)] == pytest.approx(
        [10, 20, 40, 80, 160, 160, 160]
    )


@pytest.mark.parametrize("steps", [1, 2, 100])
def test_the_maximum_is_reached_after_exactly_so_many_steps(steps: int) -> None:
    spec = UnitSpec("x", restart_s=1, restart_steps=steps, restart_max_delay_s=60)
    assert restart_delay_s(spec, steps) < 59.9
    assert restart_delay_s(spec, steps + 1) == pytest.approx(60)


def test_without_steps_the_delay_stays() -> None:
    spec = UnitSpec("x", restart_s=3)
    assert [restart_delay_s(spec, failures) for failures in range(1, 9 + 1)] == [3] * 9


def test_a_delay_of_zero_stays_zero_with_steps_too() -> None:
    spec = UnitSpec("x", restart_s=0, restart_steps=2, restart_max_delay_s=9)
    assert [restart_delay_s(spec, failures) for failures in range(1, 3 + 1)] == [0, 0, 0]


@given(
    first=st.floats(0.001, 100),
    factor=st.floats(1.01, 1000),
    steps=st.integers(1, 20),
    attempt=st.integers(1, 10_000),
)
def test_delays_never_shrink_and_stay_within_their_bounds(
    first: float, factor: float, steps: int, attempt: int
) -> None:
    longest = first * factor
    spec = UnitSpec("x", restart_s=first, restart_steps=steps, restart_max_delay_s=longest)
    delays = [restart_delay_s(spec, number) for number in (attempt, attempt + 1)]
    assert first <= delays[0] <= delays[1] <= longest


@given(
    burst=st.integers(1, 6),
    interval=st.floats(0.1, 100),
    gaps=st.lists(st.floats(0, 50), max_size=60),
)
def test_never_more_starts_than_the_limit_in_any_interval(
    burst: int, interval: float, gaps: list[float]
) -> None:
    starts = StartHistory(UnitSpec("x", limit_burst=burst, limit_interval_s=interval))
    now, admitted = 0.0, []
    for gap in gaps:
        now += gap
        if starts.admit(now):
            admitted.append(now)
    for start in admitted:
        assert sum(start <= other < start + interval for other in admitted) <= burst


def test_a_start_is_admitted_exactly_one_interval_after_the_first_of_a_burst() -> None:
    starts = StartHistory(UnitSpec("x", limit_burst=2, limit_interval_s=10))
    times = [0, 5, 9.9, 10, 14.9, 15, 19.9, 20]  # refused starts do not count
    assert [now for now in times if starts.admit(now)] == [0, 5, 10, 15, 20]


@pytest.mark.parametrize("off", [{"limit_burst": 0}, {"limit_interval_s": 0.0}])
def test_zero_turns_the_limit_off(off: dict[str, float]) -> None:
    starts = StartHistory(UnitSpec("x", **off))  # type: ignore[arg-type]
    assert all(starts.admit(0.0) for _ in range(100))


def test_after_every_reset_starts_are_admitted_again() -> None:
    starts = StartHistory(UnitSpec("x", limit_burst=1))
    for _ in range(2):
        assert [starts.admit(0), starts.admit(1)] == [True, False]
        starts.forget()
    assert starts.admit(1)


GROWING = UnitSpec("x", restart_s=1, restart_steps=2, restart_max_delay_s=100, limit_interval_s=10)


def test_every_run_longer_than_the_longest_delay_resets_the_delay() -> None:
    starts = StartHistory(GROWING)
    for _ in range(2):
        delays = [starts.schedule("", run_s, 0) for run_s in (100.1, 0, 0, 100)]
        assert delays == pytest.approx([1, 10, 100, 100])


def test_every_run_longer_than_the_limits_interval_resets_the_delay() -> None:
    starts = StartHistory(GROWING._replace(limit_interval_s=200))
    for _ in range(2):
        delays = [starts.schedule("", run_s, 0) for run_s in (200.1, 200, 150)]
        assert delays == pytest.approx([1, 10, 100])


@pytest.mark.parametrize("reset", [StartHistory.reset_delay, StartHistory.forget])
def test_every_reset_makes_the_next_delay_the_first(reset: Callable[[StartHistory], None]) -> None:
    starts = StartHistory(GROWING)
    for _ in range(2):
        assert [starts.schedule("", 0, 0), starts.schedule("", 0, 0)] == pytest.approx([1, 10])
        reset(starts)


def test_only_automatic_starts_count_as_restarts() -> None:
    starts = StartHistory(UnitSpec("x", limit_burst=0))
    for restarts in (1, 2):
        starts.admit(0)
        starts.schedule(f"exit status {restarts}", 0, 0)
        starts.admit(1)
        starts.reset_delay()
        assert (starts.restarts, starts.reason) == (restarts, f"exit status {restarts}")


def test_a_refused_start_is_no_restart() -> None:
    starts = StartHistory(UnitSpec("x", limit_burst=1))
    starts.admit(0)
    starts.schedule("exit status 1", 0, 0)
    starts.admit(1)
    assert starts.restarts == 0


def test_four_failures_after_long_runs_are_a_loop_for_exactly_an_hour_and_until_a_reset() -> None:
    history = StartHistory(UnitSpec("x"))
    for begin in (0.0, 10 * SLOW_LOOP_S):
        for number in range(SLOW_LOOP):
            assert not history.is_loop(begin + number, None)
            history.schedule("exit status 1", SLOW_LOOP_S, begin + number)
        assert history.is_loop(begin + SLOW_LOOP_S - 1, None)
        assert not history.is_loop(begin + SLOW_LOOP_S, None)
        history.forget()
        assert not history.is_loop(begin + SLOW_LOOP_S - 1, None)


def test_three_failures_after_short_runs_are_a_loop_until_a_long_run() -> None:
    spec = UnitSpec("x")
    history = StartHistory(spec)
    for _ in range(2):
        for _ in range(LOOP - 1):
            history.schedule("exit status 1", 0.0, 0.0)
            assert not history.is_loop(0.0, None)
        history.schedule("exit status 1", 0.0, 0.0)
        long_s = max(spec.limit_interval_s, spec.restart_s)
        assert history.is_loop(long_s, 0.0)
        assert not history.is_loop(long_s + 1, 0.0)
        history.reset_delay()
