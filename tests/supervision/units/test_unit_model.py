"""Whatever happens, in whatever order, the state machine and the model agree."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from hems.supervision.settings.exec_command import ExecCommand, ExecSettings
from hems.supervision.settings.unit_spec import RestartCondition, UnitSpec, UnitType
from tests.supervision.records import records
from tests.supervision.units.owner import Owner
from tests.supervision.units.unit_model import UnitModel

NEVER = float("inf")
commands = st.lists(
    records(ExecCommand, argv=st.just(("x",)), may_fail=st.booleans()), max_size=2
).map(tuple)
specs = records(
    UnitSpec,
    name=st.just("x"),
    is_autostarted=st.just(False),
    type=st.sampled_from([UnitType.SIMPLE, UnitType.NOTIFY, UnitType.ONESHOT]),
    start_timeout_s=st.just(NEVER),
    stop_timeout_s=st.just(NEVER),
    remains_after_exit=st.booleans(),
    restart=st.sampled_from(
        [
            RestartCondition.NO,
            RestartCondition.ALWAYS,
            RestartCondition.ON_FAILURE,
            RestartCondition.ON_SUCCESS,
        ]
    ),
    restart_s=st.just(1.0),
    limit_burst=st.just(0),
    exec=records(
        ExecSettings,
        condition=commands,
        start_pre=commands,
        start_post=commands,
        stop=commands,
        stop_post=commands,
    ),
)


class AgreesWithModel(RuleBasedStateMachine):
    @initialize(spec=specs)
    def begin(self, spec: UnitSpec) -> None:
        self.owner, self.model = Owner(spec), UnitModel(spec)

    @rule()
    def start(self) -> None:
        self.owner.start()
        self.model.start()

    @rule()
    def stop(self) -> None:
        self.owner.stop()
        self.model.stop()

    @precondition(lambda self: self.model.phase == "auto-restart")
    @rule()
    def the_delay_is_over(self) -> None:
        self.owner.run(1.0)
        self.model.delay_is_over()

    @precondition(lambda self: self.model.has_main)
    @rule()
    def the_process_is_ready(self) -> None:
        self.owner.notify(is_ready=True)
        self.model.ready()

    @precondition(lambda self: self.model.has_main)
    @rule(is_ok=st.booleans())
    def the_process_ends(self, is_ok: bool) -> None:
        self.owner.exit(0 if is_ok else 1)
        self.owner.step()
        self.model.main_ends(is_ok=is_ok)

    @precondition(lambda self: self.model.control)
    @rule(is_ok=st.booleans())
    def the_command_ends(self, is_ok: bool) -> None:
        self.owner.control_exit(0 if is_ok else 1)
        self.model.control_ends(is_ok=is_ok)

    @invariant()
    def both_are_in_the_same_phase(self) -> None:
        unit, model = self.owner.unit, self.model
        assert unit.phase.value == model.phase
        assert (self.owner.has_process, self.owner.control) == (model.has_main, model.control)


TestAgreesWithModel = AgreesWithModel.TestCase
TestAgreesWithModel.settings = settings(max_examples=60, stateful_step_count=30)
