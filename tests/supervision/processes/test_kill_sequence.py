import signal
from typing import Any

import pytest

from hems.supervision.processes.kill_sequence import SIGKILL_S, KillSequence
from hems.supervision.settings.kill_directives import KillMode, KillSettings


class Group:
    """Processes that end by the signals in `deadly`."""

    def __init__(self, *deadly: signal.Signals) -> None:
        self.received: list[signal.Signals] = []
        self._deadly = deadly

    def others(self) -> set[int]:
        return set() if set(self._deadly) & set(self.received) else {7}

    def signal_others(self, *numbers: signal.Signals) -> None:
        self.received += numbers

    def kill_all(self, number: signal.Signals) -> None:
        self.received.append(number)


def sequence(group: Group, mode: KillMode, **settings: Any) -> KillSequence:
    kill = KillSettings(mode, **settings)
    return KillSequence(kill, signal.SIGTERM, group)  # type: ignore[arg-type]


def test_a_control_group_gets_its_stop_signal_once() -> None:
    group = Group(signal.SIGTERM)
    end = sequence(group, KillMode.CONTROL_GROUP, sends_hangup=True)
    end.stop(0.0)
    assert end.main_ended() == 0
    end.stop(1.0)
    assert group.received == [signal.SIGTERM, signal.SIGCONT, signal.SIGHUP]
    assert not end.remaining(1.0)


def test_mixed_gets_sigkill_after_the_main_process() -> None:
    group = Group(signal.SIGKILL)
    end = sequence(group, KillMode.MIXED)
    end.stop(0.0)
    assert group.received == []
    assert end.main_ended() == 1
    assert group.received == []
    end.stop(1.0)
    assert group.received == [signal.SIGKILL]
    assert not end.remaining(1.0)


def test_process_signals_nobody_else_and_waits_for_nobody() -> None:
    group = Group()
    end = sequence(group, KillMode.PROCESS)
    end.stop(0.0)
    assert end.main_ended() == 0
    end.kill(2.0)
    assert group.received == []
    assert not end.remaining(1.0)


def test_a_process_that_sigkill_does_not_end_is_given_up() -> None:
    group = Group()
    end = sequence(group, KillMode.CONTROL_GROUP)
    assert end.main_ended() == 1
    end.stop(1.0)
    assert end.remaining(100.0)
    end.kill(100.0)
    assert end.remaining(100.0 + SIGKILL_S - 0.1)
    assert not end.remaining(100.0 + SIGKILL_S)


def test_without_sigkill_the_rest_is_left_alone_when_its_time_is_over() -> None:
    group = Group()
    end = sequence(group, KillMode.CONTROL_GROUP, sends_kill=False)
    assert end.main_ended() == 1
    end.stop(1.0)
    end.kill(10.0)
    assert signal.SIGKILL not in group.received
    assert not end.remaining(10.0)


@pytest.mark.parametrize("is_running", [True, False])
def test_sigkill_is_repeated_for_what_was_forked_meanwhile(is_running: bool) -> None:
    group = Group() if is_running else Group(signal.SIGKILL)
    end = sequence(group, KillMode.CONTROL_GROUP)
    end.kill(1.0)
    end.remaining(1.1)
    assert group.received.count(signal.SIGKILL) == 2
