import signal

import pytest

from hems.supervision.errors import InvalidConfiguration
from hems.supervision.settings.directive_parser import parse
from hems.supervision.settings.kill_directives import KillMode, KillSettings
from hems.supervision.settings.unit_spec import UnitSpec

BASE = UnitSpec("led", stop_timeout_s=7)


def test_a_stop_ends_the_control_group_unless_said_otherwise() -> None:
    spec = parse("", BASE)
    assert spec.kill == KillSettings(KillMode.CONTROL_GROUP)
    assert (spec.stop_timeout_s, spec.abort_timeout_s) == (7, 7)


def test_every_directive_is_read() -> None:
    spec = parse(
        "KillMode=mixed KillSignal=SIGINT SendSIGHUP=yes SendSIGKILL=no FinalKillSignal=QUIT "
        "WatchdogSignal=6 TimeoutStopSec=2min",
        BASE,
    )
    assert spec.kill == KillSettings(
        KillMode.MIXED, signal.SIGINT, True, False, signal.SIGQUIT, signal.SIGABRT
    )
    assert (spec.stop_timeout_s, spec.abort_timeout_s) == (120, 120)


@pytest.mark.parametrize("text", ["KillSignal=SIGNOTHING", "KillSignal=0", "KillSignal="])
def test_a_signal_that_does_not_exist_is_refused(text: str) -> None:
    with pytest.raises(InvalidConfiguration, match="expected a signal such as SIGTERM"):
        parse(text, BASE)


def test_kill_mode_none_is_refused() -> None:
    with pytest.raises(InvalidConfiguration, match="expected control-group or mixed or process"):
        parse("KillMode=none", BASE)
