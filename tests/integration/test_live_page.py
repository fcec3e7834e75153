"""The desk's live page in Chromium, and what its server refuses."""

from __future__ import annotations

import shutil
import socket
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from dev.launcher.free_port import free_port
from dev.launcher.mqtt_reading_rows import ReadingRow
from dev.launcher.simulated_home_options import DeskHome
from dev.live_page.page_data import PageData
from dev.live_page.page_server import MAX_CONNECTIONS, TIMEOUT_S, LivePageServer
from hems.errors import Unavailable
from hems.supervision.health.health_row import HealthRow
from tests.integration.worker_process import eventually
from tests.required import required

pytestmark = pytest.mark.integration
UNIT = HealthRow("broker", "simple", "active", "", True, True, "", 0, "", "{}")
PROGRAM = "chromium"


@pytest.fixture
def server() -> Iterator[LivePageServer]:
    data = PageData(DeskHome(contract="tempo", speed=60, days=1, begin=int(time.time()) - 60))
    row = ReadingRow(
        "020000000001", "1687 VA", "30192.303 kWh", "<b>", "12:34:56", 7, time.monotonic()
    )
    data.update([row], [UNIT])
    with LivePageServer(free_port(None), data.document) as server:
        yield server


def status(server: LivePageServer, host: str = "", path: str = "/", method: str = "GET") -> int:
    connection = HTTPConnection("127.0.0.1", server.server_port, timeout=5)
    connection.request(method, path, headers={"Host": host} if host else {})
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.status


def test_only_pages_of_this_address_get_an_answer(server: LivePageServer) -> None:
    port = server.server_port
    assert status(server) == 200
    assert status(server, f"localhost:{port}", "/live.json") == 200
    for host in ("evil.example", f"evil.example:{port}", "127.0.0.1", f"127.0.0.2:{port}"):
        assert status(server, host, "/live.json") == 403
    assert status(server, path="/../page_server.py") == 404
    assert status(server, path="/page_server.py") == 404
    assert status(server, method="POST") == 501


def test_connections_that_say_nothing_keep_nobody_out_for_long(server: LivePageServer) -> None:
    silent = [socket.create_connection(("127.0.0.1", server.server_port)) for _ in range(40)]

    def held() -> int:
        return sum(not _is_closed(one) for one in silent)

    within_s = TIMEOUT_S - 1  # then the others are closed, too
    eventually(lambda: held() <= MAX_CONNECTIONS, within_s, "those above the limit are closed")
    for one in silent:
        one.close()
    eventually(lambda: status(server) == 200, 20, "the page answers again")


def _is_closed(connection: socket.socket) -> bool:
    connection.setblocking(False)
    try:
        return connection.recv(1) == b""
    except BlockingIOError:
        return False
    except ConnectionResetError:
        return True


def test_a_port_in_use_is_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(Unavailable, match=f"port {port}: Address already in use"):
            LivePageServer(port, lambda *_: b"")


@pytest.mark.parametrize("width", [390, 1280])
def test_a_browser_shows_the_home_and_says_when_the_desk_has_ended(
    server: LivePageServer, width: int, tmp_path: Path
) -> None:
    required("" if shutil.which(PROGRAM) else "not installed: chromium")
    from playwright.sync_api import ViewportSize, sync_playwright  # noqa: PLC0415

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which(PROGRAM), args=["--no-sandbox"]
        )
        page = chromium.new_page(viewport=ViewportSize(width=width, height=900))
        page.set_default_timeout(15_000)
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(server.url)
        page.wait_for_selector("#day polygon.used")
        assert page.locator("#tariffs .bar").count() == 6
        assert page.locator("#tariffs .bar.now").count() == 1
        assert page.locator("#meters tr td").nth(3).inner_text() == "<b>"
        assert "60 times as fast" in page.locator("#clock").inner_text()
        assert int(page.locator("#power").inner_text()) > 0
        overflow = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        assert not page.evaluate(overflow)
        assert said == []
        server.shutdown()
        server.server_close()
        page.wait_for_selector("#lost", state="visible")
        chromium.close()
