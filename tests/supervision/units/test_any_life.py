"""Whatever happens, in whatever order, the unit's promises hold."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from hems.supervision.settings.exec_command import ExecCommand, ExecSettings
from hems.supervision.settings.unit_spec import RestartCondition, TimeoutMode, UnitSpec, UnitType
from hems.supervision.units.restart_policy import restart_delay_s
from hems.supervision.units.unit_phase import ENDING
from tests.supervision.records import records
from tests.supervision.units.owner import Owner

commands = st.lists(st.just(ExecCommand(("x",))), max_size=1).map(tuple)
specs = records(
    UnitSpec,
    name=st.just("x"),
    is_autostarted=st.booleans(),
    type=st.sampled_from(UnitType),
    watchdog_s=st.sampled_from([0.5, 3.0, float("inf")]),
    start_timeout_s=st.sampled_from([1.0, float("inf")]),
    abort_timeout_s=st.sampled_from([0.5, 2.0]),
    stop_timeout_s=st.sampled_from([0.5, 2.0]),
    start_failure_mode=st.sampled_from(TimeoutMode),
    stop_failure_mode=st.sampled_from(TimeoutMode),
    runtime_max_s=st.sampled_from([4.0, float("inf")]),
    remains_after_exit=st.booleans(),
    exec=records(
        ExecSettings,
        condition=commands,
        start_pre=commands,
        start_post=commands,
        reload=commands,
        stop=commands,
        stop_post=commands,
    ),
    restart=st.sampled_from(RestartCondition),
    restart_s=st.sampled_from([0.0, 0.1, 2.0]),
    prevent_codes=st.just(frozenset({78})),
    limit_burst=st.integers(1, 4),
    limit_interval_s=st.sampled_from([1.0, 10.0]),
)


class AnyLife(RuleBasedStateMachine):
    """The owner itself asserts that there is one process at most, and one to each command."""

    @initialize(spec=specs)
    def begin(self, spec: UnitSpec) -> None:
        self.owner = Owner(spec)
        self.resets = [self.owner.now]
        self.starts_at_stop: int | None = None

    @rule(seconds=st.sampled_from([0.0, 0.01, 0.3, 1.0, 5.0, 60.0]))
    def time_passes(self, seconds: float) -> None:
        self.owner.run(seconds)

    @precondition(lambda self: not self.owner.has_process)
    @rule()
    def start(self) -> None:
        self.owner.start()
        self.starts_at_stop = None

    @rule()
    def stop(self) -> None:
        self.owner.stop()
        self.starts_at_stop = len(self.owner.starts())

    @rule()
    def reset_failed(self) -> None:
        self.owner.unit.reset_failed()
        self.resets.append(len(self.owner.starts()))

    @rule(
        field=st.sampled_from(
            ["is_ready", "is_alive", "is_trigger", "is_stopping", "is_reloading", "extension_s"]
        )
    )
    def the_process_speaks(self, field: str) -> None:
        self.owner.notify(**{field: 5.0 if field == "extension_s" else True})

    @precondition(lambda self: self.owner.has_process)
    @rule(code=st.sampled_from([0, 1, 78]), signal=st.sampled_from([0, 9, 15]))
    def the_process_ends(self, code: int, signal: int) -> None:
        self.owner.exit(code, signal)
        self.owner.step()

    @precondition(lambda self: self.owner.control)
    @rule(code=st.sampled_from([0, 1, 255]), signal=st.sampled_from([0, 9, 15]))
    def the_command_ends(self, code: int, signal: int) -> None:
        self.owner.control_exit(code, signal)

    @rule()
    def reload(self) -> None:
        self.owner.unit.reload(self.owner.now)
        self.owner.step()

    @precondition(lambda self: self.owner.unit.spec.type is UnitType.EXEC)
    @rule()
    def the_program_runs(self) -> None:
        if self.owner.has_process:
            self.owner.unit.executed(self.owner.now)
            self.owner.step()

    @rule(obstacle=st.sampled_from(["", "requires y"]), hold=st.sampled_from(["", "y stopped"]))
    def the_others_change(self, obstacle: str, hold: str) -> None:
        self.owner.obstacle, self.owner.hold = obstacle, hold

    @invariant()
    def the_phase_tells_whether_there_is_a_process(self) -> None:
        has_process = self.owner.has_process or self.owner.control is not None
        assert self.owner.unit.is_running == has_process

    @invariant()
    def nothing_starts_after_a_stop_on_request(self) -> None:
        if self.starts_at_stop is not None:
            assert len(self.owner.starts()) == self.starts_at_stop

    @invariant()
    def the_start_limit_holds_between_resets(self) -> None:
        spec, starts = self.owner.spec, self.owner.starts()
        marks = [*(int(mark) for mark in self.resets[1:]), len(starts)]
        for begin, end in zip([0, *marks], marks, strict=False):
            for at in starts[begin:end]:
                near = [t for t in starts[begin:end] if at <= t < at + spec.limit_interval_s]
                assert len(near) <= spec.limit_burst

    @invariant()
    def what_is_due_is_in_the_future_once_looked_at(self) -> None:
        self.owner.step()
        assert self.owner.unit.deadline > self.owner.now

    @invariant()
    def every_ending_process_has_a_deadline_or_was_killed(self) -> None:
        unit = self.owner.unit
        if unit.phase in ENDING and unit.deadline == float("inf"):
            assert self.owner.commands[-1].name == "KILL"


TestAnyLife = AnyLife.TestCase
TestAnyLife.settings = settings(max_examples=60, stateful_step_count=40)


@given(
    first=st.sampled_from([0.1, 1.0, 10.0]),
    factor=st.sampled_from([2.0, 16.0, 600.0]),
    steps=st.integers(1, 8),
    crashes=st.integers(1, 15),
)
def test_a_crash_loop_follows_the_geometric_law(
    first: float, factor: float, steps: int, crashes: int
) -> None:
    spec = UnitSpec(
        "x",
        restart=RestartCondition.ALWAYS,
        restart_s=first,
        restart_steps=steps,
        restart_max_delay_s=first * factor,
        limit_burst=0,
    )
    owner = Owner(spec)
    owner.step()
    for _ in range(crashes):
        owner.exit(1)
        owner.run(owner.unit.deadline - owner.now)
    starts = owner.starts()
    gaps = [later - earlier for earlier, later in itertools.pairwise(starts)]
    assert gaps == pytest.approx([restart_delay_s(spec, count) for count in range(1, crashes + 1)])
