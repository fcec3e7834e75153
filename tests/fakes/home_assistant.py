"""A fake Home Assistant 2026.10: onboarding, logins, and the setup of MQTT and ZHA.

It follows the real one's rules and records the requests. home_assistant_websocket.py has the
commands of its websocket.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode

from msgspec.json import decode as decode_json
from msgspec.json import encode as encode_json

from hems.clients.http import HttpResponse
from hems.errors import Unavailable
from tests.fakes.home_assistant_accounts import Accounts, Answer
from tests.fakes.zha import FakeZha

STEPS = ("user", "core_config", "analytics", "integration")
FLOWS = "/api/config/config_entries/flow"
REAUTH = "reauth-"
SECTION = {"set_client_cert", "set_ca_cert", "transport"}  # of MQTT's form: must be filled in
FIELDS = {"broker", "port", "protocol", "username", "password", "other_settings"}


@dataclass
class FakeHomeAssistant:
    """`broker` has who is let in there; `on_request` is called after each, with its number."""

    accounts: Accounts = field(default_factory=Accounts)
    done: list[str] = field(default_factory=list)
    broker: dict[str, str] = field(default_factory=dict)
    entries: list[dict[str, Any]] = field(default_factory=list)
    home: dict[str, Any] = field(default_factory=dict)
    refused: dict[str, set[str]] = field(default_factory=dict)  # values of the home's properties
    registry: list[dict[str, Any]] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=dict)  # names by id
    device_labels: dict[str, list[str]] = field(default_factory=dict)  # by the device's id
    restored: set[str] = field(default_factory=set)  # entities that no integration loads
    last_updated: str = "2023-11-14T22:00:00.000000+00:00"  # of every state
    readers: list[dict[str, Any]] = field(default_factory=list)  # users besides the owner
    counted: dict[str, dict[float, float]] = field(default_factory=dict)  # Wh by slot of 5 min
    persons: list[dict[str, Any]] = field(default_factory=list)
    rooms: list[dict[str, Any]] = field(default_factory=list)
    sums: list[str] = field(default_factory=list)
    energy: dict[str, Any] | None = None
    dashboards: dict[str, Any] = field(default_factory=dict)
    shared: dict[str, Any] = field(default_factory=dict)
    for_administrators: dict[str, bool] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    listed_users: list[dict[str, Any]] = field(default_factory=list)
    is_away: bool = False
    is_restarted: bool = False
    rubbish: str = ""  # a path that is answered with it
    history: list[str] = field(default_factory=list, compare=False)
    zha: FakeZha = field(default_factory=FakeZha)
    on_request: Callable[[int], None] = field(default=lambda number: None, compare=False)
    flows: set[str] = field(default_factory=set)

    def request(
        self,
        method: str,
        path: str,
        _timeout_s: float,
        headers: Mapping[str, str] | None = None,
        *,
        json: object = None,
        data: Mapping[str, str] | None = None,
    ) -> HttpResponse:
        """Respond in place of hems.clients.http.HttpClient.request."""
        body = urlencode(data).encode() if data else encode_json(json)
        return self.respond(method, path, headers or {}, body)

    def respond(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> HttpResponse:
        if self.is_away:
            raise Unavailable("Connection refused")
        status, content = self._answer(method, path, headers, body)
        self.note(f"{method} {path}: {status}")
        if self.rubbish == path:
            return HttpResponse(200, b'{"access_token": "secret-')
        return HttpResponse(status, encode_json(content))

    def energy_slots(self, entity_id: str, period: str) -> list[tuple[float, float]]:
        """Return the begin (unix s) and the energy (Wh) of each slot."""
        seconds = {"5minute": 300, "hour": 3600, "day": 86400}[period]
        slots: dict[float, float] = {}
        for at, wh in sorted(self.counted.get(entity_id, {}).items()):
            begin = at // seconds * seconds
            slots[begin] = slots.get(begin, 0.0) + wh
        return [*slots.items()]

    def note(self, what: str) -> None:
        self.history.append(what)
        self.on_request(len(self.history))

    def requests(self, *words: str) -> list[str]:
        """Return the requests that contain one of these words."""
        return [one for one in self.history if any(word in one for word in words)]

    def is_owned_by(self, name: str, password: str) -> None:
        """Make it look as if it had just started for the first time: with its owner."""
        self.accounts.users[name] = password
        self.done = ["user"]

    def refresh_token(self) -> str:
        """Return a new refresh token."""
        _, answer = self.accounts.token({"code": self.accounts.code()})
        assert isinstance(answer, dict)
        return str(answer["refresh_token"])

    def is_set_up_by(self, name: str, password: str) -> None:
        """Make it look as if a person had set it up."""
        self.accounts.users[name] = password
        self.done = list(STEPS)

    def waiting_flows(self) -> list[dict[str, Any]]:
        """Return a reauth flow for each entry that the broker does not let in."""
        return [
            {
                "flow_id": REAUTH + one["entry_id"],
                "handler": "mqtt",
                "context": {"source": "reauth", "entry_id": one["entry_id"]},
            }
            for one in self.entries
            if self.broker.get(one["username"]) != one["password"]
        ]

    def _answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        if self.accounts.is_banned:
            return 403, "Forbidden"
        if path == "/auth/token":
            fields = parse_qs(body.decode())
            return self.accounts.token({name: one[0] for name, one in fields.items()})
        order = decode_json(body or b"{}")
        if path.startswith("/auth/login_flow"):
            return self.accounts.login(path, order)
        token = headers.get("Authorization", "").removeprefix("Bearer ")
        if path.startswith("/api/onboarding"):
            return self._onboarding(path.removeprefix("/api/onboarding").strip("/"), token, order)
        return self._flow(method, path, order) if self.accounts.may(token) else (401, "")

    def _onboarding(self, step: str, token: str, order: dict[str, Any]) -> Answer:
        if not step:
            if self.is_restarted and set(self.done) == set(STEPS):
                return 404, "Not Found"
            return 200, [{"step": one, "done": one in self.done} for one in STEPS]
        if step.replace("users", "user") in self.done:
            return 403, {"message": f"{step} step already done"}
        assert step in STEPS[1:], "the owner is made before it listens"
        if not self.accounts.may(token):
            return 401, ""
        self.done.append(step)
        return 200, {}

    def _flow(self, method: str, path: str, order: dict[str, Any]) -> Answer:
        if path.startswith("/api/diagnostics/config_entry/"):
            return 200, {"data": self.zha.diagnostics(path.rpartition("/")[2])}
        flow_id = path.removeprefix(FLOWS).strip("/") or f"flow-{len(self.history)}"
        if self.zha.has_flow(flow_id) or (order or {}).get("handler") == "zha":
            return self._zha_flow(method, flow_id, order)
        if method == "DELETE":
            self.flows.remove(flow_id)
            return 200, {"message": "Flow aborted"}
        form: dict[str, object] = {"type": "form", "flow_id": flow_id, "errors": {}}
        return self._mqtt_flow(path, flow_id, form, order)

    def _mqtt_flow(
        self, path: str, flow_id: str, form: dict[str, object], order: dict[str, Any]
    ) -> Answer:
        if path == FLOWS:
            self.flows.add(flow_id)
            return 200, form
        if not flow_id.startswith(REAUTH):
            if not order.get("other_settings", {}).keys() >= SECTION:
                return 400, {"errors": {"other_settings": "required key not provided"}}
            if unknown := order.keys() - FIELDS:
                return 400, {"errors": dict.fromkeys(unknown, "not a valid option")}
        if self.broker.get(order["username"]) != order["password"]:
            word = "invalid_auth" if flow_id.startswith(REAUTH) else "cannot_connect"
            return 200, form | {"errors": {"base": word}}
        return 200, form | self._finished(flow_id, order)

    def _zha_flow(self, method: str, flow_id: str, order: dict[str, Any]) -> Answer:
        assert set(self.done) == set(STEPS), "before that ZHA erases a stick without a question"
        if not self.zha.has_flow(flow_id):
            return 200, self.zha.begin(flow_id)
        if method == "DELETE":
            del self.zha.flows[flow_id]
            return 200, {"message": "Flow aborted"}
        if method == "GET":
            step = self.zha.progress(flow_id)
            return (200, step) if step else (404, {"message": "Invalid flow specified"})
        return 200, self.zha.answer(flow_id, order)

    def _finished(self, flow_id: str, order: dict[str, Any]) -> dict[str, object]:
        for entry in self.entries:
            if flow_id == REAUTH + entry["entry_id"]:
                entry.update(order)
                return {"type": "abort", "reason": "reauth_successful"}
        assert not self.entries, "MQTT is set up once at the most"
        self.flows.remove(flow_id)
        self.entries.append(order | {"entry_id": flow_id, "title": order["broker"]})
        return {"type": "create_entry", "result": {"entry_id": flow_id}}
