import time

import pytest

from hems.errors import Unavailable
from hems.system.clock import TIME_ERROR, SystemClock


@pytest.mark.parametrize(("state", "is_synchronised"), [(0, True), (1, True), (TIME_ERROR, False)])
def test_the_kernels_word_counts(
    monkeypatch: pytest.MonkeyPatch, state: int, is_synchronised: bool
) -> None:
    clock = SystemClock()
    monkeypatch.setattr(clock, "_adjtimex", lambda _: state)
    assert clock.is_synchronised() is is_synchronised


def test_a_kernel_that_does_not_say_is_not_a_no(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SystemClock()
    monkeypatch.setattr(clock, "_adjtimex", lambda _: -1)
    with pytest.raises(Unavailable, match="adjtimex"):
        clock.is_synchronised()


def test_both_clocks_tell_seconds() -> None:
    clock = SystemClock()
    assert abs(clock.time() - time.time()) < 5
    assert abs(clock.monotonic() - time.monotonic()) < 5
