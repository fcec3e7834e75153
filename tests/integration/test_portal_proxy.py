"""The filter before a page that answers any origin, as wifi-connect's does; Chromium asks, too."""

from __future__ import annotations

import http.client
import json
import shutil
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from dev.launcher.free_port import free_port
from hems.system.network.portal_proxy import MOST_AT_ONCE, PortalProxy
from tests.required import required

pytestmark = pytest.mark.integration

HOME = "127.0.0.1"
CONNECT = json.dumps({"ssid": "evil", "passphrase": "evil-evil"}).encode()


class Anyones(BaseHTTPRequestHandler):
    """Answers any origin, and remembers what was to be connected."""

    connected: list[bytes]

    def do_GET(self) -> None:
        self._answer(b'[{"ssid": "Home"}]' if self.path == "/networks" else b"<html>portal</html>")

    def do_POST(self) -> None:
        self.connected.append(self.rfile.read(int(self.headers["Content-Length"])))
        self._answer(b"OK")

    def do_OPTIONS(self) -> None:
        self._answer(b"")

    def _answer(self, content: bytes) -> None:
        self.send_response(200)
        self.send_header("Access-Control-Allow-Origin", "*")
        self.send_header("Access-Control-Allow-Headers", "*")
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


class Portal:
    def __init__(self) -> None:
        self.connected: list[bytes] = []
        handler = type("Handler", (Anyones,), {"connected": self.connected})
        self._server = ThreadingHTTPServer((HOME, 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        self.port = free_port(None)
        self._proxy = PortalProxy(HOME, self.port, self._server.server_address[1])
        self.own = f"{HOME}:{self.port}"

    def ask(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection(HOME, self.port, timeout=5)
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, {"Host": self.own, **names})
        return connection.getresponse()

    def close(self) -> None:
        self._proxy.close()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def portal() -> Iterator[Portal]:
    one = Portal()
    yield one
    one.close()


def test_its_own_page_reads_the_networks_and_joins_one(portal: Portal) -> None:
    own = f"http://{portal.own}"
    assert portal.ask("GET", "/").read() == b"<html>portal</html>"
    assert portal.ask("GET", "/networks", Sec_Fetch_Site="same-origin").status == 200
    assert portal.ask("POST", "/connect", CONNECT, Origin=own).status == 200
    assert portal.ask("POST", "/connect", CONNECT, Referer=f"{own}/").status == 200
    assert portal.ask("POST", "/connect", CONNECT, Origin=f"http://{HOME}").status == 200
    assert portal.connected == [CONNECT] * 3


STRANGE = {
    "another site": {"Origin": "http://evil.example"},
    "a file": {"Origin": "null"},
    "its name within another": {"Origin": f"http://{HOME}.evil.example"},
    "https": {"Origin": f"https://{HOME}"},
    "a form of an old browser": {"Referer": "http://evil.example/x"},
    "nothing": {},
}


@pytest.mark.parametrize("headers", STRANGE.values(), ids=STRANGE.keys())
def test_another_page_joins_nothing(portal: Portal, headers: dict[str, str]) -> None:
    assert portal.ask("POST", "/connect", CONNECT, **headers).status == 403
    assert portal.connected == []


def test_nothing_is_shared_with_another_site(portal: Portal) -> None:
    answer = portal.ask("GET", "/networks")
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]
    crossed = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "no-cors"}
    assert portal.ask("GET", "/networks", None, **crossed).status == 403
    assert portal.ask("OPTIONS", "/connect", Origin="http://evil.example").status == 501


@pytest.mark.parametrize("host", ["connectivitycheck.gstatic.com", "evil.example", "", "[::1]"])
def test_another_name_is_led_to_the_page(portal: Portal, host: str) -> None:
    for method, body in (("GET", None), ("POST", CONNECT)):
        answer = portal.ask(method, "/networks", body, Host=host, Origin=f"http://{host}")
        assert (answer.status, answer.headers["Location"]) == (302, f"http://{HOME}/")
        assert b"Home" not in answer.read()
    assert portal.connected == []


def test_what_is_too_long_or_too_much_is_refused(portal: Portal) -> None:
    own = f"http://{portal.own}"
    assert portal.ask("POST", "/connect", b"x" * 20_000, Origin=own).status == 413
    silent = [socket.create_connection((HOME, portal.port)) for _ in range(3 * MOST_AT_ONCE)]
    assert threading.active_count() < MOST_AT_ONCE + 20
    for one in silent:
        one.close()


def test_a_browser_lets_no_other_site_in(portal: Portal) -> None:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    required("" if shutil.which("chromium") else "not installed: chromium")
    fetched = """async (url) => {
        const seen = []
        for (const [path, options] of [
            ["/networks", {}],
            ["/networks", {mode: "no-cors"}],
            ["/connect", {method: "POST", body: "{}"}],
            ["/connect", {method: "POST", body: "{}", mode: "no-cors"}],
            ["/connect", {method: "POST", body: "{}", headers: {"X-A": "1"}}],
        ]) {
            try { seen.push(await (await fetch(url + path, options)).text()) }
            catch (error) { seen.push("refused") }
        }
        return seen
    }"""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = chromium.new_page()
        page.goto(f"http://{portal.own}/")
        own = page.evaluate(fetched, f"http://{portal.own}")
        assert "Home" in own[0]
        assert len(portal.connected) == 3
        page.route("http://evil.example/", lambda route: route.fulfill(body="<html></html>"))
        page.goto("http://evil.example/")
        other = page.evaluate(fetched, f"http://{portal.own}")
        chromium.close()
    assert not [text for text in other if "Home" in text]
    assert len(portal.connected) == 3
