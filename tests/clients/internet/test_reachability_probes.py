from __future__ import annotations

from dataclasses import dataclass, field
from types import TracebackType

import icmplib
import pytest
from pytest_mock import MockerFixture

from hems.clients.internet.reachability_probes import reach_icmp
from hems.errors import Unavailable

ADDRESS = "192.0.2.1"
ECHO, UNREACHABLE = 0, 3


@dataclass
class Kernel:
    """Gives sockets that are as privileged as a test allows; records what was sent.

    `source` and `kind` are of the reply; without a `source` there is none.
    """

    allowed: tuple[bool, ...] = (False,)
    source: str | None = ADDRESS
    kind: int = ECHO
    tried: list[bool] = field(default_factory=list)
    sent: list[icmplib.ICMPRequest] = field(default_factory=list)

    def socket(self, *, privileged: bool) -> Kernel:
        self.tried.append(privileged)
        if privileged not in self.allowed:
            raise icmplib.SocketPermissionError(privileged)
        return self

    def __enter__(self) -> Kernel:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
        pass

    def send(self, request: icmplib.ICMPRequest) -> None:
        self.sent.append(request)

    def receive(self, request: icmplib.ICMPRequest, timeout: float) -> icmplib.ICMPReply:
        if self.source is None:
            raise icmplib.TimeoutExceeded(timeout)
        return icmplib.ICMPReply(
            self.source, 4, request.id, request.sequence, self.kind, 0, 64, 0.0
        )


@pytest.fixture
def kernel(mocker: MockerFixture) -> Kernel:
    kernel = Kernel()
    for name in ("ICMPv4Socket", "ICMPv6Socket"):
        mocker.patch.object(icmplib, name, kernel.socket)
    return kernel


def test_a_ping_needs_no_privilege_where_the_kernel_allows_it(kernel: Kernel) -> None:
    kernel.allowed = (False, True)
    reach_icmp(ADDRESS, 1.0)
    assert kernel.tried == [False]


def test_else_it_takes_a_raw_socket(kernel: Kernel) -> None:
    kernel.allowed = (True,)
    reach_icmp(ADDRESS, 1.0)
    assert kernel.tried == [False, True]


def test_a_ping_without_any_right_is_unavailable(kernel: Kernel) -> None:
    kernel.allowed = ()
    with pytest.raises(Unavailable, match=r"ping 192\.0\.2\.1: Root privileges are required"):
        reach_icmp(ADDRESS, 1.0)


def test_a_ping_that_nobody_answers_is_unavailable(kernel: Kernel) -> None:
    kernel.source = None
    with pytest.raises(Unavailable, match=r"ping 192\.0\.2\.1: no echo within 1 s"):
        reach_icmp(ADDRESS, 1.0)


def test_a_routers_word_that_there_is_no_way_is_no_echo(kernel: Kernel) -> None:
    kernel.source, kernel.kind = "10.0.0.1", UNREACHABLE
    with pytest.raises(Unavailable, match=r"ping 192\.0\.2\.1: "):
        reach_icmp(ADDRESS, 1.0)


def test_an_echo_from_somebody_else_is_not_the_one_that_was_asked_for(kernel: Kernel) -> None:
    kernel.source = "172.18.4.2"
    with pytest.raises(Unavailable, match=r"found an echo from 172\.18\.4\.2"):
        reach_icmp(ADDRESS, 1.0)


def test_an_address_may_be_written_in_several_ways(kernel: Kernel) -> None:
    kernel.source = "2001:db8::1"
    reach_icmp("2001:0db8:0:0::1", 1.0)


def test_forked_workers_do_not_ping_under_the_same_numbers(
    kernel: Kernel, mocker: MockerFixture
) -> None:
    for _ in range(9):
        mocker.patch.object(icmplib.utils, "_current_id", 7)  # as it was when they were forked
        reach_icmp(ADDRESS, 1.0)
    assert len({request.id for request in kernel.sent}) > 1
