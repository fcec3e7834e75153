import signal
from typing import Any

from hems.supervision.settings.unit_spec import RestartCondition, UnitSpec, UnitType
from hems.supervision.units import dependency_actions
from hems.supervision.units.dependency_actions import StartOutcome
from hems.supervision.units.unit_phase import UnitCommand
from tests.supervision.units.owner import Owner


class Units:
    """Several units, whose owners see each other as supervisord's do."""

    def __init__(self, **specs: dict[str, Any]) -> None:
        self.owners = {name: Owner(UnitSpec(name, **spec)) for name, spec in specs.items()}
        self.units = {name: owner.unit for name, owner in self.owners.items()}
        self.now = 1000.0
        self.step()

    def step(self, seconds: float = 0.0) -> None:
        """Let time pass, then let each unit act until nothing changes."""
        self.now += seconds
        for _ in range(4):
            for owner in self.owners.values():
                unit, owner.now = owner.unit, self.now
                dependency_actions.advance(unit, self.units, self.now)
                owner.carry_out()
                if owner.triggers:
                    owner.triggers = 0
                    dependency_actions.trigger(unit, self.units, self.now)

    def start(self, name: str) -> None:
        dependency_actions.start(self.units[name], self.units, self.now)
        self.step()

    def stop(self, *names: str) -> None:
        for name in names:
            self.units[name].stop(self.now)
        self.step()

    def exit(self, name: str, code: int = 0, number: int = 0) -> None:
        self.owners[name].exit(code, number)
        self.step()

    def ends(self, name: str) -> None:
        """Let the process end after its stop signal."""
        assert self.owners[name].commands[-1] is UnitCommand.STOP
        self.exit(name, number=signal.SIGTERM)

    @property
    def states(self) -> dict[str, str]:
        return {name: owner.state for name, owner in self.owners.items()}


IDLE = {"is_autostarted": False}


def test_a_start_takes_along_what_the_unit_requires_and_wants() -> None:
    units = Units(
        a={**IDLE, "requires": ("b",), "wants": ("c",)}, b={**IDLE, "wants": ("d",)}, c=IDLE, d=IDLE
    )
    units.start("a")
    assert set(units.states.values()) == {"active"}


def test_what_is_wanted_may_fail() -> None:
    units = Units(a={**IDLE, "wants": ("b",)}, b=IDLE)
    units.start("a")
    units.exit("b", 1)
    assert units.states == {"a": "active", "b": "failed"}


def test_a_start_at_boot_takes_along_what_was_not_stopped_on_request() -> None:
    units = Units(a={"wants": ("b", "c")}, b=IDLE, c=IDLE)
    units.stop("c")
    dependency_actions.start_at_boot(units.units["a"], units.units, units.now)
    units.step()
    assert units.states == {"a": "active", "b": "active", "c": "inactive"}


def test_a_start_of_a_unit_in_back_off_starts_it_now() -> None:
    units = Units(a={"restart_s": 60.0, "restart": RestartCondition.ALWAYS})
    units.exit("a", 1)
    assert units.states["a"] == "auto-restart"
    units.start("a")
    assert units.states["a"] == "active"


def test_units_stop_in_the_reverse_order_of_after_and_the_others_at_once() -> None:
    units = Units(base={}, x={"after": ("base",)}, y={"requires": ("base",)}, alone={})
    units.stop("base", "x", "y", "alone")
    stopped = {"x": "deactivating", "y": "deactivating", "alone": "deactivating"}
    assert units.states == {"base": "active", **stopped}
    units.ends("x")
    assert units.states["base"] == "active"
    units.ends("y")
    assert units.states["base"] == "deactivating"


def test_a_stop_waits_only_for_units_that_stop_too() -> None:
    units = Units(base={}, x={"after": ("base",)})
    units.stop("base")
    assert units.states == {"base": "deactivating", "x": "active"}


def test_a_stop_takes_along_what_requires_the_unit_first() -> None:
    units = Units(base={}, y={"requires": ("base",)}, z={"requires": ("y",)})
    units.stop("base")
    assert units.states == {"base": "active", "y": "active", "z": "deactivating"}
    for name in ("z", "y", "base"):
        units.ends(name)
    assert units.states == {"base": "inactive", "y": "waiting", "z": "waiting"}
    units.start("base")
    assert set(units.states.values()) == {"active"}


def test_what_was_stopped_first_waits_while_the_unit_that_it_requires_still_stops() -> None:
    units = Units(base={}, fast={"requires": ("base",)}, slow={"requires": ("base",)})
    units.stop("base")
    units.ends("fast")
    assert units.states == {"base": "active", "fast": "waiting", "slow": "deactivating"}
    units.ends("slow")
    units.ends("base")
    assert units.states == {"base": "inactive", "fast": "waiting", "slow": "waiting"}


def test_two_units_that_come_after_each_other_during_an_update_stop() -> None:
    units = Units(a={"after": ("b",)}, b={})
    units.units["b"].spec = units.units["b"].spec._replace(after=("a",))
    units.stop("a", "b")
    assert units.states == {"a": "deactivating", "b": "deactivating"}


def test_a_unit_that_is_bound_stops_when_the_other_crashes() -> None:
    units = Units(a={}, b={"binds_to": ("a",)}, c={"requires": ("a",)})
    units.exit("a", 1)
    assert units.states == {"a": "failed", "b": "deactivating", "c": "active"}
    units.ends("b")
    assert units.states["b"] == "waiting"
    units.start("a")
    assert units.states["b"] == "active"


def test_a_part_stops_with_the_whole_and_can_be_started_alone() -> None:
    units = Units(whole={}, part={"part_of": ("whole",)})
    units.stop("whole")
    units.ends("part")
    units.ends("whole") if units.states["whole"] == "deactivating" else None
    assert units.states == {"whole": "inactive", "part": "waiting"}
    units.now += 1
    units.start("part")
    assert units.states == {"whole": "inactive", "part": "active"}


def test_a_part_starts_again_with_the_whole() -> None:
    units = Units(whole={}, part={"part_of": ("whole",)})
    for _ in range(2):
        units.stop("whole")
        units.ends("whole")
        units.ends("part")
        units.now += 1
        units.start("whole")
        assert units.states == {"whole": "active", "part": "active"}


def test_what_is_upheld_starts_again_after_its_delay_even_after_a_stop() -> None:
    units = Units(a={"upholds": ("b",)}, b={**IDLE, "restart_s": 5.0, "limit_burst": 2})
    assert units.states["b"] == "active"
    units.stop("b")
    units.ends("b")
    assert units.states["b"] == "inactive"
    units.step(5)
    assert units.states["b"] == "active"
    units.exit("b", 1)
    units.step(5)
    assert units.states["b"] == "active"  # 10 s after the first start


def test_what_is_upheld_stays_within_its_start_limit() -> None:
    units = Units(a={"upholds": ("b",)}, b={**IDLE, "restart_s": 0.0, "limit_burst": 3})
    for _ in range(5):
        if units.states["b"] == "active":
            units.exit("b", 1)
    assert len(units.owners["b"].starts()) == 3
    units.step(10)
    assert units.states["b"] == "active"


def test_a_start_stops_what_conflicts_with_it_and_waits_for_its_end() -> None:
    units = Units(day={}, night={**IDLE, "conflicts": ("day",)})
    units.start("night")
    assert units.states == {"day": "deactivating", "night": "waiting"}
    units.ends("day")
    assert units.states == {"day": "inactive", "night": "active"}
    units.start("day")
    units.ends("night")
    assert units.states == {"day": "active", "night": "inactive"}


def test_on_failure_starts_a_unit_when_another_has_failed_for_good() -> None:
    units = Units(a={"on_failure": ("alarm",), "on_success": ("party",)}, alarm=IDLE, party=IDLE)
    units.exit("a", 1)
    assert units.states == {"a": "failed", "alarm": "active", "party": "inactive"}
    assert units.units["alarm"].trigger == {
        "MONITOR_UNIT": "a",
        "MONITOR_SERVICE_RESULT": "exit-code",
        "MONITOR_EXIT_CODE": "exited",
        "MONITOR_EXIT_STATUS": "1",
    }
    units.stop("alarm")
    units.ends("alarm")
    units.start("alarm")
    assert units.units["alarm"].trigger == {}


def test_on_success_starts_a_unit_when_another_has_ended_well() -> None:
    units = Units(a={"on_failure": ("alarm",), "on_success": ("party",)}, alarm=IDLE, party=IDLE)
    units.exit("a", 0)
    assert units.states == {"a": "exited", "alarm": "inactive", "party": "active"}


def test_a_restart_is_no_failure() -> None:
    units = Units(
        a={"on_failure": ("alarm",), "restart": RestartCondition.ALWAYS, "limit_burst": 2},
        alarm=IDLE,
    )
    units.exit("a", 1)
    assert units.states["alarm"] == "inactive"
    units.step(1)
    units.exit("a", 1)
    units.step(1)
    assert units.states == {"a": "failed", "alarm": "active"}  # the start limit


def test_a_start_that_has_failed_says_why_as_things_are_now() -> None:
    units = Units(a={"requires": ("b",)}, b={"type": UnitType.NOTIFY, **IDLE})
    units.start("a")
    a = units.units["a"]
    assert dependency_actions.start_outcome(a, units.units) is StartOutcome.PENDING
    units.owners["b"].exit(1)  # and `a` has not looked since
    assert a.reason == "requires b, which is activating"
    assert dependency_actions.start_outcome(a, units.units) is StartOutcome.FAILED
    assert dependency_actions.start_problem(a, units.units) == "requires b, which is failed"
    assert dependency_actions.start_problem(units.units["b"], units.units) == "exit status 1"


def test_a_start_is_up_once_the_unit_is_or_its_oneshot_runs() -> None:
    units = Units(a={}, once={"type": UnitType.ONESHOT}, idle=IDLE)
    for name, outcome in (("a", "up"), ("once", "up"), ("idle", "failed")):
        assert dependency_actions.start_outcome(units.units[name], units.units).value == outcome


def test_units_that_start_each_other_on_failure_end_at_their_start_limit() -> None:
    settings = {"limit_burst": 2, "limit_interval_s": 9.0, **IDLE}
    units = Units(a={"on_failure": ("b",), **settings}, b={"on_failure": ("a",), **settings})
    units.start("a")
    for name in ("a", "b", "a", "b"):
        units.exit(name, 1)
    assert units.states == {"a": "failed", "b": "failed"}
    assert [owner.triggers for owner in units.owners.values()] == [0, 0]
    units.start("a")  # refused again, which is no news
    assert units.states == {"a": "failed", "b": "failed"}
    assert len(units.owners["b"].starts()) == 2
