import os
import socket

import pytest
from pytest_mock import MockerFixture

from hems.errors import Unavailable
from hems.supervision.worker.listen_sockets import ListenSocket
from hems.system.network.tcp_listener import listening_socket

pytestmark = pytest.mark.integration
PASSED = "hems.system.network.tcp_listener.listen_sockets"


def test_an_address_that_is_not_here_yet_can_be_listened_on() -> None:
    with listening_socket("192.0.2.1", 0) as listener:
        assert listener.getsockname()[0] == "192.0.2.1"


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_port_that_is_taken_names_the_process(host: str) -> None:
    with listening_socket(host, 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Unavailable) as raised:
            listening_socket(host, port)
    assert f"port {port} on {host} is in use by " in str(raised.value)
    assert f"(pid {os.getpid()})" in str(raised.value)


def test_the_supervisors_socket_is_taken_over(mocker: MockerFixture) -> None:
    with socket.create_server(("127.0.0.1", 0)) as kept:
        mocker.patch(PASSED, return_value=[ListenSocket("d2l", kept)])
        assert listening_socket("127.0.0.1", kept.getsockname()[1]) is kept
        assert not kept.getblocking()


def test_a_supervisors_socket_for_another_address_is_closed(mocker: MockerFixture) -> None:
    kept = socket.create_server(("127.0.0.1", 0))
    mocker.patch(PASSED, return_value=[ListenSocket("d2l", kept)])
    with listening_socket("127.0.0.2", 0) as own:
        assert own.getsockname()[0] == "127.0.0.2"
    assert kept.fileno() == -1


def test_it_accepts_and_does_not_block() -> None:
    with listening_socket("127.0.0.1", 0) as listener:
        with pytest.raises(BlockingIOError):
            listener.accept()
        with socket.create_connection(listener.getsockname(), timeout=5):
            pass
