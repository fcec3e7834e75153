from hems.supervision.units.loop_delay_detector import TOLERANCE_S, LoopDelayDetector

LATE_S = 3.0


def test_a_loop_that_runs_in_time_is_not_held_up() -> None:
    detector = LoopDelayDetector()
    for now in (0.0, 1.0, 1.5):
        assert detector.wake(now) == 0
        assert detector.wait(now + TOLERANCE_S, now + 1) == 0


def test_a_wait_that_ends_too_late_counts_as_a_whole() -> None:
    detector = LoopDelayDetector()
    detector.wait(10.0, until=11.0)
    assert detector.wake(11.0 + LATE_S) == 1.0 + LATE_S


def test_work_that_takes_too_long_counts() -> None:
    detector = LoopDelayDetector()
    detector.wake(10.0)
    assert detector.wait(10.0 + LATE_S, until=14.0) == LATE_S


def test_every_hold_up_counts_once() -> None:
    detector = LoopDelayDetector()
    for start in (0.0, 100.0):
        detector.wait(start, until=start + 1)
        assert detector.wake(start + 1 + LATE_S) == 1 + LATE_S
        assert detector.wait(start + 4, until=start + 5) == 0
        assert detector.wait(start + 5, until=start + 6) == 0  # a round without any unit
        assert detector.wake(start + 6) == 0
        assert detector.wait(start + 9, until=start + 10) == LATE_S


def test_the_time_before_the_first_round_is_no_hold_up() -> None:
    assert LoopDelayDetector().wait(1e6, until=1e6 + 1) == 0
    assert LoopDelayDetector().wake(1e6) == 0
