import pytest
from pytest_mock import MockerFixture

from hems.clients.internet import reachability_probes
from hems.doctor.check_interface import note, ok
from hems.doctor.checks.services import probe
from hems.doctor.repair_commands import RepairCommands


@pytest.mark.parametrize("url", ["http://127.0.0.1:48484/simulated/influxdb", "tcp://127.0.0.1:1"])
def test_the_finding_names_the_probed_url(url: str, mocker: MockerFixture) -> None:
    mocker.patch.object(reachability_probes, "reach_http")
    mocker.patch.object(reachability_probes, "reach_tcp")
    assert probe("influxdb", url, RepairCommands()) == [ok(f"{url} answers")]


def test_a_service_without_a_probe_is_a_note_with_the_reason() -> None:
    expected = note("not probed: its probe in the settings is empty")
    assert probe("nginx-reverse-proxy", "", RepairCommands()) == [expected]
