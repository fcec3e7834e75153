from pathlib import Path
from typing import Any

import pytest
from pytest_mock import MockerFixture

from dev.launcher import run_folder
from dev.launcher.commands import send_meter_readings
from dev.simulator.d2l_dongle import ClockAnswer, SimulatedDongle
from hems.errors import ConfigError, Unavailable

OPTIONS: dict[str, Any] = {
    "host": None,
    "port": None,
    "device_id": "0" * 12,
    "key": "1" * 32,
    "iv": "2" * 32,
    "kind": "standard",
    "fault": None,
    "interval_s": 1.0,
    "count": 1,
    "run_dir": Path("/nowhere"),
}
NO_DONGLE = {"device_id": None, "key": None, "iv": None}


@pytest.fixture
def servers(mocker: MockerFixture) -> list[tuple[str, int]]:
    """Return the servers that frames went to."""
    servers: list[tuple[str, int]] = []

    def push(dongle: SimulatedDongle, unix_time: int) -> ClockAnswer:
        servers.append(dongle.server)
        return ClockAnswer(unix_time, 0.001)

    mocker.patch.object(SimulatedDongle, "push", push)
    mocker.patch.object(send_meter_readings, "SignalStop")
    mocker.patch.object(send_meter_readings, "is_running", return_value=False)
    mocker.patch.dict("os.environ", {"D2L_DEVICES": ""})
    return servers


@pytest.fixture
def desk(mocker: MockerFixture, tmp_path: Path) -> Path:
    """Return the folder of a desk that runs."""
    mocker.patch.object(send_meter_readings, "is_running", lambda path: path == tmp_path)
    variables = {"HEMS_EESMART_D2L_HOST": "0.0.0.0", "HEMS_EESMART_D2L_PORT": "21001"}
    mocker.patch.object(send_meter_readings, "variables", return_value=variables)
    (tmp_path / run_folder.DEVICES).write_text(f"{'3' * 12}:{'4' * 32}:{'5' * 32}\n")
    return tmp_path


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"interval_s": 0.0}, "--interval 0"),
        ({"interval_s": float("nan")}, "--interval nan"),
        ({"interval_s": 1e9}, "--interval 1000000000"),
        ({"count": -1}, "--count -1"),
        ({"port": 0}, "--port 0: expected 1 to 65535"),
        ({"port": 65_536}, "--port 65536"),
        ({"key": None}, "belong together"),
        ({"key": "ab"}, "the key has 2 hex digits, expected 32"),
        ({"iv": "x" * 32}, "the IV has 32 characters that are not hex digits"),
        ({"device_id": "1"}, "the id has 1 character"),
    ],
)
def test_a_wrong_option_is_named(options: dict[str, object], problem: str) -> None:
    with pytest.raises(ConfigError, match=problem):
        send_meter_readings.run(**(OPTIONS | options))


def test_a_frame_goes_to_the_desks_real_port(servers: list[tuple[str, int]], desk: Path) -> None:
    send_meter_readings.run(**(OPTIONS | NO_DONGLE | {"run_dir": desk}))
    assert servers == [("127.0.0.1", 21001)]


@pytest.mark.parametrize(
    ("options", "server"),
    [
        ({"port": 7}, ("127.0.0.1", 7)),
        ({"host": "127.0.0.1"}, ("127.0.0.1", 21001)),
        ({"host": "192.0.2.1"}, ("192.0.2.1", 7845)),
        ({"host": "192.0.2.1", "port": 7}, ("192.0.2.1", 7)),
    ],
)
def test_an_option_takes_precedence_over_the_desk(
    servers: list[tuple[str, int]], desk: Path, options: dict[str, object], server: tuple[str, int]
) -> None:
    send_meter_readings.run(**(OPTIONS | {"run_dir": desk} | options))
    assert servers == [server]


def test_a_fault_that_the_meter_cannot_have_is_refused(servers: list[tuple[str, int]]) -> None:
    """HISTORIQUE has no clock that could be degraded."""
    wrong = {"kind": "historique-base", "fault": "clock-degraded"}
    with pytest.raises(ConfigError, match="--fault clock-degraded: a meter of --kind historique-b"):
        send_meter_readings.run(**(OPTIONS | wrong))
    assert servers == []
    send_meter_readings.run(**(OPTIONS | wrong | {"kind": "standard-base"}))
    assert len(servers) == 1


def test_without_a_desk_the_workers_usual_port_is_tried(servers: list[tuple[str, int]]) -> None:
    send_meter_readings.run(**OPTIONS)
    assert servers == [("127.0.0.1", 7846)]


def test_files_of_a_desk_that_has_ended_do_not_count(
    servers: list[tuple[str, int]], desk: Path, mocker: MockerFixture
) -> None:
    mocker.patch.object(send_meter_readings, "is_running", return_value=False)
    with pytest.raises(Unavailable, match="no gateway runs in"):
        send_meter_readings.run(**(OPTIONS | NO_DONGLE | {"run_dir": desk}))
    assert servers == []
