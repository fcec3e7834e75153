"""What a worker takes over from the supervisor."""

import os

import pytest
from pytest_mock import MockerFixture

from hems.supervision.worker.listen_sockets import listen_sockets, passed_descriptors


def set_variables(mocker: MockerFixture, **variables: str) -> None:
    names = ("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES")
    others = {name: value for name, value in os.environ.items() if name not in names}
    mocker.patch.dict(os.environ, {**others, **variables}, clear=True)


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"LISTEN_PID": "1", "LISTEN_FDS": "1"},
        {"LISTEN_PID": str(os.getpid())},
        {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "-1"},
        {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "0"},
        {"LISTEN_PID": "x", "LISTEN_FDS": "1"},
    ],
)
def test_without_descriptors_for_this_process_there_is_none(
    mocker: MockerFixture, variables: dict[str, str]
) -> None:
    set_variables(mocker, **variables)
    assert passed_descriptors() == []
    assert listen_sockets() == []


@pytest.mark.parametrize(
    ("names", "expected"),
    [("a:b", ["a", "b"]), ("a", ["a", "unknown"]), ("", ["unknown", "unknown"])],
)
def test_each_descriptor_has_its_name(
    mocker: MockerFixture, names: str, expected: list[str]
) -> None:
    set_variables(mocker, LISTEN_PID=str(os.getpid()), LISTEN_FDS="2", LISTEN_FDNAMES=names)
    set_inheritable = mocker.patch("os.set_inheritable")
    assert [one.name for one in passed_descriptors()] == expected
    assert [one.fileno for one in passed_descriptors()] == [3, 4]
    assert set_inheritable.mock_calls[:2] == [mocker.call(3, False), mocker.call(4, False)]
