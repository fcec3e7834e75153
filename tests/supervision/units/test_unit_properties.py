from hems.supervision.settings import directive_parser
from hems.supervision.settings.unit_spec import UnitSpec
from hems.supervision.units import unit_properties
from hems.supervision.units.restart_policy import ProcessExit
from hems.supervision.units.unit_phase import UnitPhase, active_state
from hems.supervision.units.unit_properties import settings
from tests.supervision.units.owner import Owner

EPOCH = 1_800_000_000.0  # Fri 2027-01-15 08:00:00 UTC


def spec(text: str = "") -> UnitSpec:
    return directive_parser.parse(text, UnitSpec("led"))


def state(owner: Owner, wall: float = EPOCH) -> dict[str, str]:
    return unit_properties.state(owner.unit, 42, owner.now, wall)


def test_a_unit_that_is_up_has_its_times() -> None:
    owner = Owner(spec("After=a,b"))
    owner.step()
    owner.now += 5
    properties = state(owner)
    assert (properties["Id"], properties["ActiveState"], properties["SubState"]) == (
        "led",
        "active",
        "running",
    )
    assert (properties["MainPID"], properties["After"], properties["Result"]) == (
        "42",
        "a b",
        "success",
    )
    assert properties["ActiveEnterTimestamp"] == "Fri 2027-01-15 07:59:55 UTC"
    assert properties["ActiveEnterTimestampMonotonic"] == "1000000000"
    assert properties["InactiveEnterTimestamp"] == ""


def test_a_unit_that_ended_has_its_result_and_status() -> None:
    owner = Owner(spec())
    owner.step()
    owner.now += 5
    owner.unit.exited(ProcessExit(signal=9), owner.now)
    properties = state(owner)
    assert (properties["ActiveState"], properties["Result"]) == ("failed", "signal")
    assert (properties["ExecMainCode"], properties["ExecMainStatus"]) == ("2", "9")
    assert (
        properties["ActiveExitTimestampMonotonic"] == properties["InactiveEnterTimestampMonotonic"]
    )
    assert properties["ActiveExitTimestampMonotonic"] == "1005000000"
    before = state(owner)["StateChangeTimestampMonotonic"]
    owner.unit.reset_failed()  # its time is not known
    assert state(owner)["StateChangeTimestampMonotonic"] == before


def test_every_phase_has_a_state_of_systemd() -> None:
    states = {phase: active_state(phase) for phase in UnitPhase}
    assert states[UnitPhase.WAITING] == states[UnitPhase.DEAD] == "inactive"
    assert states[UnitPhase.AUTO_RESTART] == states[UnitPhase.START] == "activating"
    assert states[UnitPhase.RELOAD_NOTIFY] == "reloading"
    assert states[UnitPhase.FINAL_SIGKILL] == "deactivating"


def test_settings_are_written_as_systemd_does() -> None:
    properties = settings(
        spec("Type=notify WatchdogSec=90 KillSignal=SIGINT SocketMode=0600 Wants=x,y")
    )
    assert (properties["WatchdogUSec"], properties["RestartUSec"]) == ("1min 30s", "100ms")
    assert (properties["TimeoutStartUSec"], properties["NotifyAccess"]) == ("1min 30s", "main")
    assert (properties["KillSignal"], properties["SendSIGKILL"], properties["SocketMode"]) == (
        "SIGINT",
        "yes",
        "0600",
    )
    assert (properties["Wants"], properties["FailureActionExitStatus"]) == ("x y", "[not set]")


def test_settings_have_no_secret() -> None:
    text = "Environment=PASSWORD=hush SetCredential=key:hush 'LoadCredential=x:/hush'"
    assert "hush" not in str(settings(spec(text)))
