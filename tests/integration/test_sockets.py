import os
import socket

import pytest

from hems.errors import Unavailable
from hems.system.sockets import listening_socket

pytestmark = pytest.mark.integration


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


def test_it_accepts_and_does_not_block() -> None:
    with listening_socket("127.0.0.1", 0) as listener:
        with pytest.raises(BlockingIOError):
            listener.accept()
        with socket.create_connection(listener.getsockname(), timeout=5):
            pass
