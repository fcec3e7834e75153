"""Serve the file editor on port 3218: with a login, for /config only; it runs nothing."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import configuration_check
import connections
from config_folder import ConfigFolder
from configuration_check import ConfigurationCheck
from connections import Connections
from editor_page import EditorPage
from file_api import PREFIX, FileApi
from http_messages import Head, Refused, Response, json_response
from login import LoginCheck, OwnerLogin, require_same_site

HEALTH = "/healthz"
LOG_BURST, LOG_INTERVAL_S = 20, 60.0  # 1 460 lines a day, whatever anybody sends
LOG_WIDTH = 200


@dataclass(frozen=True)
class Settings:
    config: Path = Path("/config")
    secrets: Path = Path("/gateway/secrets")
    page: Path = Path("/opt/editor/page")
    port: int = 3218
    home_assistant: tuple[str, int] = configuration_check.ADDRESS


class BoundedLog:
    """Writes LOG_BURST lines at once, then one each LOG_INTERVAL_S (s), and counts the others."""

    def __init__(
        self, write: Callable[[str], object], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._write = write
        self._clock = clock
        self._used_until = 0.0  # the time at which the whole burst is back
        self._omitted = 0

    def line(self, text: str) -> None:
        now = self._clock()
        if self._used_until - now > (LOG_BURST - 1) * LOG_INTERVAL_S:
            self._omitted += 1
            return
        self._used_until = max(self._used_until, now) + LOG_INTERVAL_S
        omitted = f" ({self._omitted} lines omitted)" if self._omitted else ""
        self._omitted = 0
        self._write(f"{ascii(text)[1:-1][:LOG_WIDTH]}{omitted}\n")


class Editor:
    """What a client gets: nothing without the login, then the page and its API."""

    def __init__(self, login: LoginCheck, page: EditorPage, api: FileApi, log: BoundedLog) -> None:
        self._login = login
        self._page = page
        self._api = api
        self._log = log

    def early_response(self, head: Head, client: str) -> Response | None:
        """Return the response to a request without the login or a body. Raises Refused."""
        if head.path == HEALTH:
            return json_response({})
        authorization = head.headers.get("Authorization")
        refusal = self._login.refusal(authorization, client)
        if authorization is not None and refusal and refusal.status == 401:
            self._log.line(f"{client}: wrong login")
        if refusal or (refusal := self._page.response(head)):
            return refusal
        if not head.path.startswith(PREFIX):
            raise Refused(404, "There is no such page.")
        require_same_site(head.headers)
        self._api.require_allowed(head)
        return None

    def response(self, head: Head, body: bytes, client: str) -> Response:
        """Carry out a request for the API. Raises Refused."""
        response = self._api.response(head, body)
        if head.method != "GET":
            what = " ".join((head.path.removeprefix(PREFIX), *head.query.values()))
            self._log.line(f"{client}: {head.method} {what}")
        return response


async def serve(settings: Settings) -> None:
    """Serve until SIGTERM."""
    log = BoundedLog(sys.stdout.write)
    owner = OwnerLogin(os.environ, settings.secrets)
    check = ConfigurationCheck(owner, settings.home_assistant)
    api = FileApi(ConfigFolder(settings.config), check)
    editor = Editor(LoginCheck(owner), EditorPage(settings.page), api, log)
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(
        lambda _, context: log.line(f"bug: {context.get('exception')!r} {context['message']}")
    )
    stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    server = await asyncio.start_server(
        Connections(editor).serve,
        "0.0.0.0",
        settings.port,
        limit=connections.MAX_HEAD,
        backlog=connections.BACKLOG,
    )
    await stop.wait()
    server.close()


if __name__ == "__main__":
    asyncio.run(serve(Settings()))
