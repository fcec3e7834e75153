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
    found = state(owner)
    assert (found["Id"], found["ActiveState"], found["SubState"]) == ("led", "active", "running")
    assert (found["MainPID"], found["After"], found["Result"]) == ("42", "a b", "success")
    assert found["ActiveEnterTimestamp"] == "Fri 2027-01-15 07:59:55 UTC"
    assert found["ActiveEnterTimestampMonotonic"] == "1000000000"
    assert found["InactiveEnterTimestamp"] == ""


def test_a_unit_that_ended_has_its_result_and_status() -> None:
    owner = Owner(spec())
    owner.step()
    owner.now += 5
    owner.unit.exited(ProcessExit(signal=9), owner.now)
    found = state(owner)
    assert (found["ActiveState"], found["Result"]) == ("failed", "signal")
    assert (found["ExecMainCode"], found["ExecMainStatus"]) == ("2", "9")
    assert found["ActiveExitTimestampMonotonic"] == found["InactiveEnterTimestampMonotonic"]
    assert found["ActiveExitTimestampMonotonic"] == "1005000000"
    before = state(owner)["StateChangeTimestampMonotonic"]
    owner.unit.reset_failed()  # its time is not known
    assert state(owner)["StateChangeTimestampMonotonic"] == before


def test_every_phase_has_a_state_of_systemd() -> None:
    found = {phase: active_state(phase) for phase in UnitPhase}
    assert found[UnitPhase.WAITING] == found[UnitPhase.DEAD] == "inactive"
    assert found[UnitPhase.AUTO_RESTART] == found[UnitPhase.START] == "activating"
    assert found[UnitPhase.RELOAD_NOTIFY] == "reloading"
    assert found[UnitPhase.FINAL_SIGKILL] == "deactivating"


def test_settings_are_written_as_systemd_does() -> None:
    found = settings(spec("Type=notify WatchdogSec=90 KillSignal=SIGINT SocketMode=0600 Wants=x,y"))
    assert (found["WatchdogUSec"], found["RestartUSec"]) == ("1min 30s", "100ms")
    assert (found["TimeoutStartUSec"], found["NotifyAccess"]) == ("1min 30s", "main")
    assert (found["KillSignal"], found["SendSIGKILL"], found["SocketMode"]) == (
        "SIGINT",
        "yes",
        "0600",
    )
    assert (found["Wants"], found["FailureActionExitStatus"]) == ("x y", "[not set]")


def test_settings_have_no_secret() -> None:
    text = "Environment=PASSWORD=hush SetCredential=key:hush 'LoadCredential=x:/hush'"
    assert "hush" not in str(settings(spec(text)))
