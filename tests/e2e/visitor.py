"""Somebody who uses Home Assistant in a browser: through nginx and TLS, logged in."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from websockets.sync.client import connect

from tests.deploy.client import PASSWORD, USER
from tests.deploy.lan import PROXY
from tests.deploy.site import Site

PAGE = f"https://{PROXY}/"
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
ANSWER_S = 10


class Visitor:
    """The owner, with CONFIG_USER and CONFIG_PASSWORD."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._token = ""
        begin = {"client_id": PAGE, "handler": ["homeassistant", None], "redirect_uri": PAGE}
        flow = self._post("/auth/login_flow", JSON, json.dumps(begin))
        login = {"client_id": PAGE, "username": USER, "password": PASSWORD}
        step = self._post(f"/auth/login_flow/{flow['flow_id']}", JSON, json.dumps(login))
        assert step["type"] == "create_entry", step
        code = {"grant_type": "authorization_code", "code": step["result"], "client_id": PAGE}
        self._token = self._post("/auth/token", FORM, urlencode(code))["access_token"]

    def state(self, entity: str) -> str:
        """Return an entity's state, empty while there is no such entity."""
        headers = {"Authorization": f"Bearer {self._token}"}
        answer = self._site.client().ask(f"/api/states/{entity}", headers)
        return str(json.loads(answer.body)["state"]) if answer.status == 200 else ""

    def command(self, command: str, **fields: object) -> Any:
        """Return the result of a command on the websocket."""
        client = self._site.client()
        plain = self._site.lan.connect(PROXY, 443)
        url = f"wss://{PROXY}/api/websocket"
        with connect(url, sock=plain, ssl=client.context(), server_hostname=PROXY) as websocket:
            assert json.loads(websocket.recv(ANSWER_S))["type"] == "auth_required"
            websocket.send(json.dumps({"type": "auth", "access_token": self._token}))
            assert json.loads(websocket.recv(ANSWER_S))["type"] == "auth_ok"
            websocket.send(json.dumps({"id": 1, "type": command, **fields}))
            answer = json.loads(websocket.recv(ANSWER_S))
        assert answer["success"], answer
        return answer["result"]

    def _post(self, path: str, kind: str, body: str) -> Any:
        headers = {"Content-Type": kind}
        answer = self._site.client().ask(path, headers, method="POST", body=body.encode())
        assert answer.status == 200, answer.body
        return json.loads(answer.body)
