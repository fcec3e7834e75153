"""Whatever happens, the machine is not rebooted more often than the back-off allows."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from hems.protocols.gateway.watchdog_report import Internet
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
    offline_s: float = 0.0  # seen without a break, in this boot
    online_s: float = 0.0
    since_call_s: float = field(default=RETRY_S)

    def watch(self, looks: int) -> None:
        """Let the machine look so often at an internet that stays as it is."""
        for _ in range(looks):
            if self.machine.internet is not Internet.ONLINE:
                self.online_s = 0.0
            if self.machine.internet not in OFFLINE:
                self.offline_s = 0.0
            if self.online_s >= FORGOTTEN_S:
                self.reboots = 0
            before = len(self.machine.reboots)
            self.machine.run(self.machine.period_s)
            if len(self.machine.reboots) > before:
                self.reboots += 1
                self.start_again()
            else:
                self._pass_by()

    def _pass_by(self) -> None:
        self.since_call_s += self.machine.period_s
        if self.machine.internet in OFFLINE:
            self.offline_s += self.machine.period_s
        if self.machine.internet is Internet.ONLINE:
            self.online_s += self.machine.period_s

    def look_away(self, seconds: float) -> None:
        """Let so much time pass that nobody sees, and that ends no row but is part of none."""
        self.since_call_s += seconds

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


@dataclass(frozen=True)
class See:
    """See `internet` for so long, and once at least."""

    internet: Internet
    seconds: float

    def __call__(self, judge: Judge) -> None:
        judge.machine.internet = self.internet
        judge.watch(max(1, int(self.seconds // judge.machine.period_s)))


@dataclass(frozen=True)
class Answering:
    answer: Answer

    def __call__(self, judge: Judge) -> None:
        judge.machine.answer = self.answer


@dataclass(frozen=True)
class RestartTheWorker:
    """Start the watchdog again, after a time in which it did not run."""

    seconds: float

    def __call__(self, judge: Judge) -> None:
        judge.look_away(self.seconds)
        judge.machine.be_away(self.seconds)


@dataclass(frozen=True)
class CutThePower:
    def __call__(self, judge: Judge) -> None:
        judge.machine.boot()
        judge.start_again()


@dataclass(frozen=True)
class DamageTheRecord:
    """Lose what tells when a reboot was last asked for; how many there were counts as many."""

    def __call__(self, judge: Judge) -> None:
        judge.machine.record_path.write_bytes(b"\0" * 20)
        judge.machine.start()
        judge.since_call_s = RETRY_S


Event = Callable[[Judge], None]
EVENTS = st.one_of(
    st.builds(See, st.sampled_from(Internet), st.floats(1, 40_000)),
    st.builds(See, st.sampled_from(sorted(OFFLINE)), st.floats(1000, 200_000)),
    st.builds(See, st.just(Internet.ONLINE), st.floats(1000, FORGOTTEN_S)),
    st.builds(Answering, st.sampled_from(Answer)),
    st.builds(RestartTheWorker, st.floats(0, 4000)),
    st.builds(CutThePower),
    st.builds(DamageTheRecord),
)
PERIODS = st.sampled_from([20.0, 60.0])  # [watchdog] period_s is 60 s at most
RESTART_IN_AN_OUTAGE: list[Event] = [
    See(Internet.LAN_ONLY, 1000),
    See(Internet.ONLINE, 60),
    RestartTheWorker(600),
    See(Internet.LAN_ONLY, 1200),
]


@settings(max_examples=50)
@given(events=st.lists(EVENTS, max_size=25), period_s=PERIODS)
@example(events=RESTART_IN_AN_OUTAGE, period_s=60.0)
@example(events=RESTART_IN_AN_OUTAGE, period_s=10.0)
@example(
    events=[
        See(Internet.ONLINE, 1000),
        See(Internet.LAN_ONLY, 1500),
        RestartTheWorker(140),
        See(Internet.LAN_ONLY, 300),
    ],
    period_s=30.0,
)
def test_no_sequence_of_events_reboots_more_often_than_the_back_off_allows(
    events: list[Event], period_s: float
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        machine = Machine(Path(directory), period_s)
        judge = Judge(machine)
        machine.on_call = judge.judge
        for event in events:
            event(judge)
