"""Whatever happens to units that depend on each other, in whatever order, their promises hold."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from hems.supervision.settings.unit_spec import RestartCondition
from hems.supervision.units.dependency_decisions import stop_obstacle
from tests.supervision.units.test_dependency_actions import Units

NAMES = ("a", "b", "c", "d")
KINDS = ("after", "requires", "wants", "binds_to", "part_of", "upholds", "on_failure", "on_success")
edges = st.dictionaries(
    st.sampled_from([(x, y) for i, x in enumerate(NAMES) for y in NAMES[:i]]),
    st.sets(st.sampled_from(KINDS), max_size=2),
    max_size=4,
)
names = st.sampled_from(NAMES)


class AnyUnits(RuleBasedStateMachine):
    """Each unit depends on earlier ones only, so there is no cycle."""

    @initialize(edges=edges, restart=st.sampled_from(RestartCondition), auto=st.booleans())
    def begin(
        self, edges: dict[tuple[str, str], set[str]], restart: RestartCondition, auto: bool
    ) -> None:
        specs = {}
        for name in NAMES:
            others = {
                kind: tuple(y for (x, y), kinds in edges.items() if x == name and kind in kinds)
                for kind in KINDS
            }
            specs[name] = {**others, "restart": restart, "is_autostarted": auto, "limit_burst": 9}
        self.units = Units(**specs)

    @rule(name=names)
    def start(self, name: str) -> None:
        self.units.start(name)

    @rule(some=st.sets(names, min_size=1))
    def stop(self, some: set[str]) -> None:
        self.units.stop(*some)

    @rule(name=names, code=st.sampled_from([0, 1]))
    def a_process_ends(self, name: str, code: int) -> None:
        if self.units.owners[name].has_process:
            self.units.exit(name, code)

    @rule(seconds=st.sampled_from([0.05, 0.2, 30.0]))
    def time_passes(self, seconds: float) -> None:
        self.units.step(seconds)

    @invariant()
    def a_unit_has_a_process_as_its_phase_says(self) -> None:
        for owner in self.units.owners.values():
            assert owner.unit.is_running == owner.has_process

    @invariant()
    def what_is_bound_to_a_unit_that_is_gone_ends_after_what_comes_after_it(self) -> None:
        for owner in self.units.owners.values():
            for name in owner.spec.binds_to:
                if not self.units.units[name].is_up:
                    is_up = owner.state in {"activating", "active", "reloading"}
                    assert not is_up or stop_obstacle(owner.unit, self.units.units)

    def teardown(self) -> None:
        """Everything stops, and nothing starts again unless a directive says so."""
        if not hasattr(self, "units"):
            return
        self.units.stop(*NAMES)
        for _ in NAMES:
            for name, owner in self.units.owners.items():
                if owner.has_process and owner.state == "deactivating":
                    self.units.exit(name, 0)
        owners = self.units.owners.values()
        is_final = not any(one.spec.upholds or one.spec.on_success for one in owners)
        assert not (is_final and any(owner.has_process for owner in owners))


TestAnyUnits = AnyUnits.TestCase
TestAnyUnits.settings = settings(max_examples=40, stateful_step_count=20)
