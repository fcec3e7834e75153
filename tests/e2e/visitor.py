"""Somebody who uses Home Assistant in a browser: through nginx and TLS, logged in."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any
from urllib.parse import urlencode

from websockets.asyncio.client import connect

from tests.deploy.client import PASSWORD, USER
from tests.deploy.lan import PROXY
from tests.deploy.site import Site

PAGE = f"https://{PROXY}/"
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
MISSING = ("not_found", "config_not_found")
ANSWER_S, LARGEST = 10, 16 << 20
RENEW_S = 20 * 60  # Home Assistant's access tokens last for half an hour


class Visitor:
    """The owner, with CONFIG_USER and CONFIG_PASSWORD, or another user."""

    def __init__(self, site: Site, user: str = USER, password: str = PASSWORD) -> None:
        self._site = site
        self._access, self._renewed_at = "", 0.0
        begin = {"client_id": PAGE, "handler": ["homeassistant", None], "redirect_uri": PAGE}
        flow = self._post("/auth/login_flow", JSON, json.dumps(begin))
        login = {"client_id": PAGE, "username": user, "password": password}
        step = self._post(f"/auth/login_flow/{flow['flow_id']}", JSON, json.dumps(login))
        assert step["type"] == "create_entry", step
        code = {"grant_type": "authorization_code", "code": step["result"], "client_id": PAGE}
        tokens = self._post("/auth/token", FORM, urlencode(code))
        self._refresh = tokens["refresh_token"]
        self._keep(tokens["access_token"])

    @property
    def token(self) -> str:
        """An access token that lasts for some minutes at least."""
        if time.monotonic() - self._renewed_at > RENEW_S:
            again = {
                "grant_type": "refresh_token",
                "refresh_token": self._refresh,
                "client_id": PAGE,
            }
            self._keep(self._post("/auth/token", FORM, urlencode(again))["access_token"])
        return self._access

    def _keep(self, token: str) -> None:
        self._access, self._renewed_at = token, time.monotonic()

    def state(self, entity: str) -> str:
        """Return an entity's state, empty while there is no such entity."""
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = self._site.client().ask(f"/api/states/{entity}", headers)
        return str(json.loads(answer.body)["state"]) if answer.status == 200 else ""

    def get(self, path: str) -> bytes:
        """Return what there is at a path of Home Assistant."""
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = self._site.client().ask(path, headers)
        assert answer.status == 200, answer.body
        return answer.body

    def may(self, command: str, **fields: object) -> bool:
        """Return whether a command is answered; just after its start many are not known yet."""
        return bool(asyncio.run(self._answer({"id": 1, "type": command, **fields}))["success"])

    def command(self, command: str, **fields: object) -> Any:
        """Return the result of a command on the websocket, None for what is not there."""
        answer = asyncio.run(self._answer({"id": 1, "type": command, **fields}))
        if answer["success"]:
            return answer["result"]
        assert answer["error"]["code"] in MISSING, answer
        return None

    def tell(self, command: str, **fields: object) -> None:
        """Send a command that Home Assistant carries out without an answer."""
        ping = {"id": 2, "type": "ping"}
        answer = asyncio.run(self._answer({"id": 1, "type": command, **fields}, ping))
        assert answer["type"] == "pong", answer

    def repair(self, domain: str, issue: str, choice: str) -> None:
        """Make a choice in the dialogue of a repair."""
        flows = "/api/repairs/issues/fix"
        begin = {"handler": domain, "issue_id": issue}
        step = self._post(flows, JSON, json.dumps(begin))
        assert choice in step["menu_options"], step
        end = self._post(f"{flows}/{step['flow_id']}", JSON, json.dumps({"next_step_id": choice}))
        assert end["type"] == "create_entry", end

    async def _answer(self, *orders: dict[str, object]) -> Any:
        """Return the first answer to any of `orders`."""
        # Not websockets' other client: its two threads share a TLS connection, which is safe in
        # Python 3.13 and later only.
        socket = self._site.lan.connect(PROXY, 443)
        context = self._site.client().context()
        url = f"wss://{PROXY}/api/websocket"
        async with (
            asyncio.timeout(ANSWER_S),
            connect(
                url, sock=socket, ssl=context, server_hostname=PROXY, max_size=LARGEST
            ) as websocket,
        ):
            assert json.loads(await websocket.recv())["type"] == "auth_required"
            await websocket.send(json.dumps({"type": "auth", "access_token": self.token}))
            assert json.loads(await websocket.recv())["type"] == "auth_ok"
            for order in orders:
                await websocket.send(json.dumps(order))
            return json.loads(await websocket.recv())

    def _post(self, path: str, kind: str, body: str) -> Any:
        headers = {"Content-Type": kind}
        if kind == JSON and self._renewed_at:  # who asks for a token has none
            headers["Authorization"] = f"Bearer {self.token}"
        answer = self._site.client().ask(path, headers, method="POST", body=body.encode())
        assert answer.status == 200, answer.body
        return json.loads(answer.body)
