"""Whatever happens, the machine is not rebooted more often than the back-off allows."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from hems.protocols.watchdog_state import Internet
from tests.workers.watchdog.machine import (
    FIRST_S,
    FORGOTTEN_S,
    LONGEST_S,
    RETRY_S,
    UPTIME_S,
    Answer,
    Machine,
)

OFFLINE = {Internet.LAN_ONLY, Internet.NO_LINK}


@dataclass
class Judge:
    """Knows the truth and the rules, and nothing of the code that follows them."""

    machine: Machine
    reboots: int = 0  # since the internet last stayed for FORGOTTEN_S
    offline_s: float = 0.0  # without a break, in this boot
    online_s: float = 0.0
    since_call_s: float = field(default=RETRY_S)

    def watch(self, seconds: float) -> None:
        machine = self.machine
        for _ in range(int(seconds // machine.period_s)):
            if machine.internet is not Internet.ONLINE:
                self.online_s = 0.0
            if machine.internet not in OFFLINE:
                self.offline_s = 0.0
            if self.online_s >= FORGOTTEN_S:
                self.reboots = 0
            before = len(machine.reboots)
            machine.run(machine.period_s)
            if len(machine.reboots) > before:
                self.reboots += 1
                self.start_again()
                continue
            self.pass_by(machine.period_s)

    def pass_by(self, seconds: float) -> None:
        self.since_call_s += seconds
        if self.machine.internet in OFFLINE:
            self.offline_s += seconds
        if self.machine.internet is Internet.ONLINE:
            self.online_s += seconds

    def start_again(self) -> None:
        self.offline_s = self.online_s = 0.0
        self.since_call_s = RETRY_S

    def judge(self) -> None:
        """Look at one request to reboot."""
        wait_s = min(LONGEST_S, FIRST_S * 2**self.reboots)
        assert self.offline_s >= wait_s, f"reboot {self.reboots + 1} after {self.offline_s} s"
        assert self.machine.uptime >= UPTIME_S
        assert self.since_call_s >= RETRY_S
        self.since_call_s = 0.0


Event = Callable[[Judge], None]


def see(internet: Internet, seconds: float) -> Event:
    def event(judge: Judge) -> None:
        judge.machine.internet = internet
        judge.watch(seconds)

    return event


def answering(answer: Answer) -> Event:
    return lambda judge: setattr(judge.machine, "answer", answer)


def restart_the_worker(seconds: float) -> Event:
    """Start it anew after so long, in which the internet stays as it is."""

    def event(judge: Judge) -> None:
        judge.pass_by(seconds)
        judge.machine.be_away(seconds)

    return event


def cut_the_power(judge: Judge) -> None:
    judge.machine.boot()
    judge.start_again()


def damage_the_record(judge: Judge) -> None:
    """Lose what tells when a reboot was last asked for; how many there were counts as many."""
    judge.machine.record.write_bytes(b"\0" * 20)
    judge.machine.start()
    judge.since_call_s = RETRY_S


EVENTS = st.one_of(
    st.builds(see, st.sampled_from(Internet), st.floats(60, 40_000)),
    st.builds(see, st.sampled_from(sorted(OFFLINE)), st.floats(1000, 200_000)),
    st.builds(see, st.just(Internet.ONLINE), st.floats(1000, FORGOTTEN_S)),
    st.builds(answering, st.sampled_from(Answer)),
    st.builds(restart_the_worker, st.floats(0, 4000)),
    st.sampled_from([cut_the_power, damage_the_record]),
)


@settings(deadline=None, max_examples=150)
@given(events=st.lists(EVENTS, max_size=25), period_s=st.sampled_from([30.0, 90.0, 600.0]))
def test_no_sequence_of_events_reboots_more_often_than_the_back_off_allows(
    events: list[Event], period_s: float
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        machine = Machine(Path(directory), period_s)
        judge = Judge(machine)
        machine.on_call = judge.judge
        for event in events:
            event(judge)
