import http.client
import json
from pathlib import Path
from typing import Any

import pytest
from configuration_check import ConfigurationCheck, Outcome
from http_messages import Refused
from login import OwnerLogin
from pytest_mock import MockerFixture

PASSWORD = "Ünd so"


class Response:
    def __init__(self, status: int, content: bytes) -> None:
        self.status = status
        self._content = content

    def read(self, size: int) -> bytes:
        return self._content[:size]


class HomeAssistant:
    """Plays Home Assistant's side of HTTP; `responses` replaces some of its responses."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.bodies: list[bytes] = []
        self.responses: dict[str, tuple[int, bytes] | Exception] = {}
        self.verdict: dict[str, Any] = {"result": "valid", "errors": None, "warnings": None}

    def connection(self, host: str, port: int, timeout: float) -> "HomeAssistant":
        return self

    def request(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> None:
        assert method == "POST"
        assert headers.get("Authorization", "Bearer access") == "Bearer access"
        self.paths.append(path)
        self.bodies.append(body)

    def getresponse(self) -> Response:
        path = self.paths[-1]
        if path in self.responses:
            response = self.responses[path]
            if isinstance(response, Exception):
                raise response
            return Response(*response)
        return Response(200, json.dumps(self._content(path)).encode())

    def _content(self, path: str) -> object:
        if path == "/auth/login_flow/f":
            is_right = json.loads(self.bodies[-1])["password"] == PASSWORD
            return {"type": "create_entry", "result": "c"} if is_right else {"type": "form"}
        return {
            "/auth/login_flow": {"type": "form", "flow_id": "f"},
            "/auth/token": {"access_token": "access", "refresh_token": "refresh"},
            "/auth/revoke": None,
            "/api/config/core/check_config": self.verdict,
        }[path]

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def home_assistant(mocker: MockerFixture) -> HomeAssistant:
    played = HomeAssistant()
    mocker.patch.object(http.client, "HTTPConnection", played.connection)
    return played


@pytest.fixture
def check(tmp_path: Path, home_assistant: HomeAssistant) -> ConfigurationCheck:
    Path(tmp_path, "CONFIG_USER").write_text("admin")
    Path(tmp_path, "CONFIG_PASSWORD").write_text(PASSWORD)
    return ConfigurationCheck(OwnerLogin({}, tmp_path))


@pytest.mark.parametrize(
    ("verdict", "outcome"),
    [
        ({"result": "valid", "errors": None, "warnings": None}, Outcome("valid", "")),
        ({"result": "valid", "errors": None, "warnings": "w"}, Outcome("warning", "w")),
        ({"result": "invalid", "errors": "e", "warnings": "w"}, Outcome("invalid", "e\nw")),
    ],
    ids=["valid", "warning", "invalid"],
)
def test_what_home_assistant_finds_is_told_and_no_session_stays(
    check: ConfigurationCheck,
    home_assistant: HomeAssistant,
    verdict: dict[str, Any],
    outcome: Outcome,
) -> None:
    home_assistant.verdict = verdict
    assert check.outcome() == outcome
    assert home_assistant.paths[-1] == "/auth/revoke"
    assert home_assistant.bodies[-1] == b"token=refresh"


def test_a_refused_login_is_sent_once_until_it_changes(
    check: ConfigurationCheck, home_assistant: HomeAssistant, tmp_path: Path
) -> None:
    for password in ("wrong 1", "wrong 2"):
        Path(tmp_path, "CONFIG_PASSWORD").write_text(password)
        home_assistant.paths.clear()
        for _ in range(3):
            result, message = check.outcome()
            assert (result, message[:22]) == ("unknown", "Home Assistant refuses")
        assert home_assistant.paths == ["/auth/login_flow", "/auth/login_flow/f"]
    Path(tmp_path, "CONFIG_PASSWORD").write_text(PASSWORD)
    assert check.outcome().result == "valid"


@pytest.mark.parametrize(
    "path",
    ["/auth/login_flow", "/auth/login_flow/f", "/auth/token", "/api/config/core/check_config"],
)
@pytest.mark.parametrize(
    "response",
    [
        (403, b"banned"),
        (200, b"<html>"),
        (200, b"[]"),
        (200, b"null"),
        (200, b"{}"),
        (200, b"\xff"),
        ConnectionRefusedError(),
        TimeoutError(),
        http.client.BadStatusLine(""),
    ],
    ids=["403", "html", "list", "null", "empty", "bytes", "refused", "slow", "no http"],
)
def test_every_failure_is_told_and_the_next_check_may_succeed(
    check: ConfigurationCheck,
    home_assistant: HomeAssistant,
    path: str,
    response: tuple[int, bytes] | Exception,
) -> None:
    for _ in range(2):
        home_assistant.paths.clear()
        home_assistant.responses[path] = response
        assert check.outcome().result == "unknown"
        if "/auth/token" in home_assistant.paths and path != "/auth/token":
            assert home_assistant.paths[-1] == "/auth/revoke"
        home_assistant.responses.clear()
        assert check.outcome() == Outcome("valid", "")


def test_without_a_login_nothing_is_sent(tmp_path: Path, home_assistant: HomeAssistant) -> None:
    check = ConfigurationCheck(OwnerLogin({}, tmp_path))
    assert check.outcome() == Outcome("unknown", "There is no CONFIG_PASSWORD yet.")
    assert home_assistant.paths == []


def test_only_one_check_runs_at_a_time(
    check: ConfigurationCheck, home_assistant: HomeAssistant, mocker: MockerFixture
) -> None:
    refused: list[int] = []

    def second() -> Response:
        with pytest.raises(Refused) as error:
            check.outcome()
        refused.append(error.value.status)
        return Response(200, b"{}")

    mocker.patch.object(home_assistant, "getresponse", second)
    check.outcome()
    assert refused[0] == 409
