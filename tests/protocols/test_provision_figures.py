import msgspec
import pytest

from hems.protocols.health_report import HealthReport, UnitHealth, UnitState
from hems.protocols.provision_figures import ProvisionFigures, told
from hems.workers.provision.figures import Figures

WAITING = {"nginx": "it cannot be made: File exists", "restart of mqtt": "by hand"}


def report(figures: bytes) -> HealthReport:
    raw = msgspec.Raw(figures)
    return HealthReport(1, (UnitHealth("provision", UnitState.ACTIVE, "", True, 0, "", raw),))


def test_what_provision_tells_is_understood() -> None:
    own = Figures(1.0, (), WAITING, 5.0, "", has_supervisor=True)
    assert told(report(msgspec.json.encode(own))) == ProvisionFigures(
        WAITING, 5.0, has_supervisor=True
    )


@pytest.mark.parametrize("strange", [b"{}", b"null", b'{"waiting": 1}'])
def test_one_that_has_not_told_is_not_known(strange: bytes) -> None:
    assert told(report(strange)) is None


def test_it_is_stuck_after_ten_minutes() -> None:
    figures = ProvisionFigures({"nginx": "File exists"}, 100.0, has_supervisor=True)
    assert figures.stuck(699) == []
    assert figures.stuck(700) == ["nginx: File exists"]
    assert ProvisionFigures({}, None, has_supervisor=True).stuck(700) == []


def test_without_balena_a_restart_is_a_persons_work() -> None:
    first, second = ProvisionFigures(WAITING, 1.0, has_supervisor=True).undone()
    assert second == "restart of mqtt: by hand"
    assert ProvisionFigures(WAITING, 1.0, has_supervisor=False).undone() == [first]
