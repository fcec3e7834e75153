from types import SimpleNamespace

import icmplib
import pytest

from hems.clients.connectivity import reach_icmp
from hems.errors import Unavailable


class Kernel:
    """Lets pings pass that are as privileged as a test says; records how they were tried."""

    def __init__(self, *allowed: bool, is_alive: bool = True) -> None:
        self.allowed = allowed
        self.is_alive = is_alive
        self.tried: list[bool] = []

    def ping(self, address: str, *, privileged: bool, **_: object) -> SimpleNamespace:
        self.tried.append(privileged)
        if privileged not in self.allowed:
            raise icmplib.SocketPermissionError(privileged)
        return SimpleNamespace(is_alive=self.is_alive)


def reach(kernel: Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(icmplib, "ping", kernel.ping)
    reach_icmp("192.0.2.1", 1.0)


def test_a_ping_needs_no_privilege_where_the_kernel_allows_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kernel = Kernel(False, True)
    reach(kernel, monkeypatch)
    assert kernel.tried == [False]


def test_else_it_takes_a_raw_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = Kernel(True)
    reach(kernel, monkeypatch)
    assert kernel.tried == [False, True]


def test_a_ping_without_any_right_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Unavailable, match=r"ping 192\.0\.2\.1: Root privileges are required"):
        reach(Kernel(), monkeypatch)


def test_a_ping_that_nobody_answers_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Unavailable, match=r"ping 192\.0\.2\.1: no echo within 1 s"):
        reach(Kernel(False, is_alive=False), monkeypatch)
