"""What is asked of the Supervisor; tests/integration/test_balena_client.py has its answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import msgspec
import pytest

from hems.clients.balena import Access, BalenaSupervisor

QUESTION_S, ACTION_S = 5.0, 60.0


@dataclass
class Line:
    """The connection: keeps what was sent, and says that it is done."""

    orders: list[tuple[str, object]] = field(default_factory=list)
    patience_s: list[float] = field(default_factory=list)

    def exchange(
        self,
        _address: tuple[str, int],
        target: str,
        _headers: Mapping[str, str],
        body: bytes,
        timeout_s: float,
    ) -> tuple[int, bytes]:
        self.orders.append((target, msgspec.json.decode(body or b"null")))
        self.patience_s.append(timeout_s)
        return 200, b'{"vpn":{"connected":true}}'


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Line:
    line = Line()
    monkeypatch.setattr("hems.clients.balena.exchange", line.exchange)
    return line


@pytest.fixture
def supervisor() -> BalenaSupervisor:
    return BalenaSupervisor(Access("http://h", "key", 7, "home", QUESTION_S, ACTION_S))


@pytest.mark.parametrize(
    ("act", "target", "order"),
    [
        (
            lambda one: one.restart_service("mqtt"),
            "POST /v2/applications/7/restart-service",
            {"serviceName": "mqtt", "force": False},
        ),
        (
            lambda one: one.stop_service("mqtt"),
            "POST /v2/applications/7/stop-service",
            {"serviceName": "mqtt", "force": False},
        ),
        (lambda one: one.reboot(), "POST /v1/reboot", {"force": False}),
    ],
    ids=["restart", "stop", "reboot"],
)
def test_an_action_is_never_forced_and_has_the_time_it_takes(
    line: Line,
    supervisor: BalenaSupervisor,
    act: Callable[[BalenaSupervisor], None],
    target: str,
    order: dict[str, object],
) -> None:
    act(supervisor)
    assert line.orders == [(target, order)]
    assert line.patience_s == [ACTION_S]


def test_a_question_is_not_waited_for_as_long(line: Line, supervisor: BalenaSupervisor) -> None:
    assert supervisor.is_vpn_connected()
    assert line.patience_s == [QUESTION_S]
