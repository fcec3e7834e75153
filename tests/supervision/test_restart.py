import signal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hems.supervision.restart import Exit, Restarts, Result, delay_s, is_restarted, result_of
from hems.supervision.spec import Restart, Type, UnitSpec

GOOD, BAD = Exit(0), Exit(1)


def test_an_exit_is_read_from_the_status_of_waitpid() -> None:
    assert Exit.from_status(3 << 8) == Exit(code=3)
    assert Exit.from_status(9) == Exit(signal=9)
    assert Exit.from_status(6 | 0x80) == Exit(signal=6)  # with a core dump


def test_an_exit_is_described_in_words_even_for_a_signal_without_a_name() -> None:
    assert str(Exit(3)) == "exit status 3"
    assert str(Exit(signal=9)) == "killed by signal 9 (Killed)"
    assert str(Exit(signal=40)).startswith("killed by signal 40")


@pytest.mark.parametrize(
    ("type_", "exit_", "was_ready", "result"),
    [
        (Type.SIMPLE, GOOD, True, Result.SUCCESS),
        (Type.SIMPLE, BAD, True, Result.EXIT_CODE),
        (Type.SIMPLE, Exit(3), True, Result.SUCCESS),  # success_codes
        (Type.SIMPLE, Exit(signal=signal.SIGTERM), True, Result.SUCCESS),
        (Type.SIMPLE, Exit(signal=signal.SIGSEGV), True, Result.SIGNAL),
        (Type.ONESHOT, Exit(signal=signal.SIGTERM), False, Result.SIGNAL),
        (Type.ONESHOT, GOOD, False, Result.SUCCESS),
        (Type.NOTIFY, GOOD, False, Result.PROTOCOL),
        (Type.NOTIFY, GOOD, True, Result.SUCCESS),
        (Type.NOTIFY, BAD, False, Result.EXIT_CODE),
    ],
)
def test_an_exit_is_judged_as_systemd_does(
    type_: Type, exit_: Exit, was_ready: bool, result: Result
) -> None:
    spec = UnitSpec("x", type=type_, success_codes=frozenset({0, 3}))
    assert result_of(exit_, spec, was_ready=was_ready) is result


RESTARTED = {  # the table of systemd.service(5), Restart=
    Result.SUCCESS: {"always", "on-success"},
    Result.EXIT_CODE: {"always", "on-failure"},
    Result.SIGNAL: {"always", "on-failure", "on-abnormal", "on-abort"},
    Result.TIMEOUT: {"always", "on-failure", "on-abnormal"},
    Result.WATCHDOG: {"always", "on-failure", "on-abnormal", "on-watchdog"},
}


@pytest.mark.parametrize("result", RESTARTED)
@pytest.mark.parametrize("restart", Restart)
def test_the_policy_follows_systemds_table(result: Result, restart: Restart) -> None:
    spec = UnitSpec("x", restart=restart)
    assert is_restarted(result, BAD, spec) == (restart.value in RESTARTED[result])


def test_a_prevented_exit_code_is_final_whatever_the_policy() -> None:
    spec = UnitSpec("x", restart=Restart.ALWAYS, prevent_codes=frozenset({78, 9}))
    assert not is_restarted(Result.EXIT_CODE, Exit(78), spec)
    assert is_restarted(Result.SIGNAL, Exit(signal=9), spec)


def test_the_delay_grows_geometrically_to_its_maximum() -> None:
    spec = UnitSpec("x", restart_s=10, restart_steps=4, restart_max_delay_s=160)
    delays = [delay_s(spec, attempt) for attempt in range(1, 8)]
    assert delays == pytest.approx([10, 20, 40, 80, 160, 160, 160])


def test_without_steps_the_delay_stays() -> None:
    assert [delay_s(UnitSpec("x", restart_s=3), attempt) for attempt in (1, 2, 9)] == [3, 3, 3]


@given(
    first=st.floats(0.001, 100),
    factor=st.floats(1.01, 1000),
    steps=st.integers(1, 20),
    attempt=st.integers(1, 10_000),
)
def test_delays_never_shrink_and_stay_within_their_bounds(
    first: float, factor: float, steps: int, attempt: int
) -> None:
    most = first * factor
    spec = UnitSpec("x", restart_s=first, restart_steps=steps, restart_max_delay_s=most)
    delay = delay_s(spec, attempt)
    assert first <= delay <= most
    assert delay <= delay_s(spec, attempt + 1) or delay == pytest.approx(most)


@given(
    burst=st.integers(1, 6),
    interval=st.floats(0.1, 100),
    gaps=st.lists(st.floats(0, 50), max_size=60),
)
def test_never_more_starts_than_the_limit_in_any_interval(
    burst: int, interval: float, gaps: list[float]
) -> None:
    restarts = Restarts(UnitSpec("x", limit_burst=burst, limit_interval_s=interval))
    now, admitted = 0.0, []
    for gap in gaps:
        now += gap
        if restarts.admit(now):
            admitted.append(now)
    for start in admitted:
        assert sum(start <= other < start + interval for other in admitted) <= burst


@pytest.mark.parametrize("off", [{"limit_burst": 0}, {"limit_interval_s": 0.0}])
def test_zero_turns_the_limit_off(off: dict[str, float]) -> None:
    restarts = Restarts(UnitSpec("x", **off))  # type: ignore[arg-type]
    assert all(restarts.admit(0.0) for _ in range(100))


def test_forgetting_admits_starts_again() -> None:
    restarts = Restarts(UnitSpec("x", limit_burst=1))
    assert [restarts.admit(0), restarts.admit(1)] == [True, False]
    restarts.forget()
    assert restarts.admit(1)


def test_a_long_run_makes_the_delays_begin_again() -> None:
    spec = UnitSpec("x", restart_s=1, restart_steps=2, restart_max_delay_s=100)
    restarts = Restarts(spec)
    assert [restarts.schedule("", run) for run in (0, 0, 0, 99)] == pytest.approx([1, 10, 100, 100])
    assert restarts.schedule("", 101) == 1


def test_only_automatic_starts_count_as_restarts() -> None:
    restarts = Restarts(UnitSpec("x"))
    restarts.admit(0)
    restarts.schedule("exit status 1", 0)
    restarts.admit(1)
    restarts.begin_again()
    restarts.admit(2)
    assert (restarts.count, restarts.reason) == (1, "exit status 1")
