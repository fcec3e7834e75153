"""The requests to the Supervisor; tests/integration/test_balena_client.py has its responses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pytest
from pytest_mock import MockerFixture

from hems.clients.balena.supervisor_api import BalenaSupervisor, SupervisorAccess
from hems.clients.http import HttpResponse

QUESTION_S, ACTION_S = 5.0, 60.0


@dataclass
class FakeHttp:
    """Records the requests in place of HttpClient, and answers that all is well."""

    orders: list[tuple[str, str, object]] = field(default_factory=list)
    timeouts_s: list[float] = field(default_factory=list)

    def request(
        self,
        method: str,
        path: str,
        timeout_s: float,
        headers: Mapping[str, str],
        json: object = None,
    ) -> HttpResponse:
        assert headers == {"Authorization": "Bearer key"}
        self.orders.append((method, path, json))
        self.timeouts_s.append(timeout_s)
        return HttpResponse(200, b'{"vpn":{"connected":true}}')


@pytest.fixture
def http(mocker: MockerFixture) -> FakeHttp:
    http = FakeHttp()
    mocker.patch("hems.clients.http.HttpClient.request", http.request)
    return http


@pytest.fixture
def supervisor() -> BalenaSupervisor:
    return BalenaSupervisor(SupervisorAccess("http://h", "key", 7, "home", QUESTION_S, ACTION_S))


@pytest.mark.parametrize(
    ("act", "path", "order"),
    [
        (
            lambda one: one.restart_service("mqtt"),
            "/v2/applications/7/restart-service",
            {"serviceName": "mqtt", "force": False},
        ),
        (
            lambda one: one.stop_service("mqtt"),
            "/v2/applications/7/stop-service",
            {"serviceName": "mqtt", "force": False},
        ),
        (lambda one: one.reboot(), "/v1/reboot", {"force": False}),
    ],
    ids=["restart", "stop", "reboot"],
)
def test_an_action_is_never_forced_and_has_the_time_it_takes(
    http: FakeHttp,
    supervisor: BalenaSupervisor,
    act: Callable[[BalenaSupervisor], None],
    path: str,
    order: dict[str, object],
) -> None:
    act(supervisor)
    assert http.orders == [("POST", path, order)]
    assert http.timeouts_s == [ACTION_S]


def test_a_question_has_less_time(http: FakeHttp, supervisor: BalenaSupervisor) -> None:
    assert supervisor.is_vpn_connected()
    assert http.timeouts_s == [QUESTION_S]
