"""Attacks on the editor: script in the gateway's origin, and connections that say nothing."""

from __future__ import annotations

import contextlib
import re
import resource
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from tests.deploy.client import Client, basic
from tests.deploy.configurator import Configurator
from tests.deploy.editor_page import ADDRESS, said, shows, type_over, visit
from tests.deploy.lan import CLIENT, CONFIGURATOR, OTHER_CLIENT, PROXY
from tests.deploy.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.deploy
NAME, OLD = "configuration.yaml", "default_config:\n"
SCRIPT = "document.title='owned'"
TAG = f"</script>\"'><img src=x onerror={SCRIPT}><script>{SCRIPT}</script>"
CALL = f"');{SCRIPT};//"
WRITE = {"X-Editor": "1", "If-Match": "*"}
CONNECTIONS = 1000
LOGIN = f"Authorization: {basic()['Authorization']}"
SAVE_S = 2.0


TARGETS = [
    *(f"?{name}={quote(text)}" for name in ("loadfile", "path") for text in (TAG, CALL)),
    f"?{quote(TAG)}",
    f"?a#{TAG}",
    f"?b#loadfile={quote(CALL)}",
    f"?c#javascript:{SCRIPT}",
]


def test_an_address_runs_no_script(gateway: Site, editor: Configurator) -> None:
    def act(page: Page) -> None:
        for target in TARGETS:
            page.goto(ADDRESS + target)
            page.wait_for_selector(f"text={NAME}")
            assert page.title() == "File editor"

    assert visit(gateway, act).console == []


@pytest.mark.parametrize(
    "path",
    [quote(TAG), f"api/file?path={quote(TAG)}", f"api/download?path={quote(TAG)}", "..%2f" + "x"],
)
def test_no_response_repeats_what_was_asked(
    gateway: Site, editor: Configurator, client: Client, path: str
) -> None:
    for header in (basic(), {**basic(), **WRITE}, {}):
        answer = client.ask(f"/configurator/{path}", {**header, "Referer": TAG, "X-Editor": TAG})
        assert answer.status >= 400
        assert b"onerror" not in answer.body + str(answer.headers).encode()
        assert b"<script" not in answer.body


def test_every_response_has_a_policy_that_runs_nothing_of_others(
    gateway: Site, editor: Configurator, client: Client
) -> None:
    Path(editor.config, "a.html").write_text("<script>1</script>")
    responses = {
        (path, str(method)): client.ask(f"/configurator/{path}", headers, method=method)
        for path in ("", "x", "app.js", "style.css", "icon.svg", "api/download?path=a.html", "%20")
        for method in ("GET", "POST", "TRACE", "OPTIONS")
        for headers in (basic(), {})
    }
    responses["no editor", ""] = client.ask("/configurator", basic())
    editor.stop()
    responses["gone", ""] = client.ask("/configurator/", basic())
    assert responses["gone", ""].status == 502
    for answer in responses.values():
        policies = answer.headers.get_all("Content-Security-Policy")
        assert len(policies or []) == 1
        assert policies is not None
        assert "default-src 'none'" in policies[0]
        assert "unsafe" not in policies[0]
        assert re.search("frame-ancestors 'none'", policies[0])
        assert answer.headers.get_all("X-Content-Type-Options") == ["nosniff"]


NAMES = [
    "<img src=x onerror=document.title='owned'>.yaml",
    f"{CALL.replace('/', '')}.yaml",
    "\"><svg onload=document.title='owned'>",
    "javascript:document.title='owned'",
    "a\n<b>\u202efdp.yaml",
]


def test_a_files_name_is_only_a_name(gateway: Site, editor: Configurator) -> None:
    for number, name in enumerate(NAMES):
        for path in (editor.config / name, editor.config / f"{number}" / name):
            path.parent.mkdir(exist_ok=True)
            path.write_text("a: 1\n")

    def use(page: Page, folder: str, name: str) -> None:
        page.get_by_role("button", name=folder, exact=True).click()
        page.locator("#tree ul button.file").click()
        shows(page, "#title", f"{folder}/")
        assert page.locator("#title").text_content() == f"{folder}/{name}"
        type_over(page, "a: 2\n")
        page.get_by_role("button", name="Save", exact=True).click()
        said(page, f"Saved {folder}/")
        page.locator("#tree ul button[aria-label^='Actions']").click()
        page.once("dialog", lambda dialog: dialog.accept())
        page.get_by_role("button", name="Delete").click()
        said(page, f"Deleted {folder}/")
        page.get_by_role("button", name=folder, exact=True).click()

    def act(page: Page) -> None:
        for number, name in enumerate(NAMES):
            use(page, str(number), name)
            assert page.locator("img, svg, b").count() == 0
            assert "owned" not in page.title().split("=")[0]

    assert visit(gateway, act).console == []
    assert not list(editor.config.glob("?/*"))


DOCUMENTS = {
    "a.svg": f'<svg xmlns="http://www.w3.org/2000/svg" onload="{SCRIPT}"></svg>',
    "b.svg": f'<svg xmlns="http://www.w3.org/2000/svg"><script>{SCRIPT}</script></svg>',
    "a.html": f"<!doctype html><title>a</title><script>{SCRIPT}</script>",
    "a.xml": f'<x xmlns="http://www.w3.org/1999/xhtml"><script>{SCRIPT}</script></x>',
    "a.js": SCRIPT,
    "a.pdf": "%PDF-1.4",
}
EMBED = """address => {
    for (const [tag, name] of [["script", "src"], ["iframe", "src"], ["object", "data"]]) {
        const made = document.createElement(tag);
        try { made[name] = address; document.body.append(made) } catch { /* refused already */ }
    }
}"""


def test_a_file_that_is_opened_directly_is_kept_not_shown(
    gateway: Site, editor: Configurator
) -> None:
    def act(page: Page) -> None:
        for name, text in DOCUMENTS.items():
            Path(editor.config, name).write_text(text)
            address = f"{ADDRESS}api/download?path={name}"
            starting = pytest.raises(Exception, match="Download is starting")
            with page.expect_download() as download, starting:
                page.goto(address)
            assert Path(download.value.path()).read_text() == text
            # Nor does a page of the same origin run it.
            page.evaluate(EMBED, address)
            page.wait_for_timeout(200)
            assert page.title() == "File editor"

    visit(gateway, act)


def test_the_page_itself_can_run_nothing_that_is_written_into_it(
    gateway: Site, editor: Configurator
) -> None:
    """Even a mistake in our own page would not run script: the browser refuses."""

    def act(page: Page) -> None:
        for script in (
            "t => { document.body.innerHTML = t }",
            "t => { document.body.insertAdjacentHTML('beforeend', t) }",
            "t => { new DOMParser().parseFromString(t, 'text/html') }",
            "t => { setTimeout(t) }",
        ):
            with pytest.raises(Exception, match=r"Trusted|Content Security Policy|EvalError"):
                page.evaluate(script, TAG)
        page.evaluate("() => { location.href = 'javascript:document.title=`owned`' }")
        page.wait_for_timeout(300)
        assert page.title() == "File editor"

    visit(gateway, act)


CROSS_SITE = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site", "Origin": f"https://{PROXY}"},
]


@pytest.mark.parametrize("headers", CROSS_SITE, ids=range(4))
def test_another_sites_page_changes_and_reads_nothing(
    gateway: Site, editor: Configurator, client: Client, headers: dict[str, str]
) -> None:
    for method, path in (
        ("PUT", f"api/file?path={NAME}"),
        ("POST", "api/folder?path=a"),
        ("POST", f"api/rename?path={NAME}&to=b"),
        ("DELETE", f"api/entry?path={NAME}"),
        ("POST", "api/check"),
        ("GET", f"api/file?path={NAME}"),
        ("GET", f"api/download?path={NAME}"),
    ):
        sent = {**basic(), **WRITE, **headers}
        answer = client.ask(f"/configurator/{path}", sent, method=method, body=b"")
        assert answer.status == 403
        assert "Access-Control-Allow-Origin" not in answer.headers
    for method in ("POST", "PUT"):  # a form of another site cannot send our header
        sent = {**basic(), "If-Match": "*", "Content-Type": "text/plain"}
        answer = client.ask(f"/configurator/api/file?path={NAME}", sent, method=method, body=b"x")
        assert answer.status in {403, 404}
    assert {path.name: path.read_text() for path in editor.config.iterdir()} == {NAME: OLD}


HALVES = {
    "nothing": b"",
    "one byte": b"G",
    "half a head": b"PUT /api/file?path=x HTTP/1.1\r\nHost: a\r\nX-Header: ",
    "half a body": b"PUT /api/file?path=x HTTP/1.1\r\nContent-Length: 9000000\r\n\r\n" + b"a" * 100,
    "half a body with the password": b"PUT /api/file?path=x HTTP/1.1\r\nX-Editor: 1\r\n"
    b"If-None-Match: *\r\nContent-Length: 9000000\r\n" + LOGIN.encode() + b"\r\n\r\n",
}


@contextmanager
def held(
    gateway: Site, address: tuple[str, int], sources: list[str], half: bytes
) -> Iterator[None]:
    """Hold CONNECTIONS that each sent `half` of a request."""
    with ExitStack() as stack:

        def connect() -> None:
            for number in range(CONNECTIONS):
                source = (sources[number % len(sources)], 0)
                one = socket.create_connection(address, 10, source_address=source)
                stack.enter_context(one)
                with contextlib.suppress(OSError):  # it may have been closed already
                    one.sendall(half)

        gateway.lan.house.call(connect, 60)
        yield


def memory_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def threads(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/task").iterdir()))


@pytest.mark.parametrize("kind", HALVES)
@pytest.mark.parametrize("door", ["directly", "by nginx"])
def test_a_thousand_half_requests_keep_nobody_from_saving(
    gateway: Site, editor: Configurator, kind: str, door: str
) -> None:
    half = HALVES[kind]
    address, sources = (CONFIGURATOR, 3218), [CLIENT]
    if door == "by nginx":
        address, half = (PROXY, 80), half.replace(b" /api", b" /configurator/api")
        # a tunnel's request: over HTTP, but not redirected
        half = half.replace(
            b" HTTP/1.1\r\n", b" HTTP/1.1\r\nHost: a\r\nX-Forwarded-Proto: https\r\n"
        )
    family = gateway.client(OTHER_CLIENT)
    with held(gateway, address, sources, half):
        for number in range(3):
            started = time.monotonic()
            path, text = f"/configurator/api/file?path={NAME}", f"a: {number}\n"
            answer = family.ask(path, {**basic(), **WRITE}, method="PUT", body=text.encode())
            assert answer.status == 200
            assert time.monotonic() - started < SAVE_S
            assert Path(editor.config, NAME).read_text() == text
        assert threads(editor.pid) <= 6
        assert memory_mb(editor.pid) < 70


def test_many_addresses_keep_nobody_from_saving(gateway: Site, editor: Configurator) -> None:
    addresses = [f"192.0.2.{number}" for number in range(20, 80)]
    for address in addresses:
        gateway.lan.house.run("ip", "address", "replace", f"{address}/32", "dev", "lo")
    family = gateway.client(OTHER_CLIENT)
    with held(gateway, (CONFIGURATOR, 3218), addresses, b"GET"):
        started = time.monotonic()
        path = f"/configurator/api/file?path={NAME}"
        answer = family.ask(path, {**basic(), **WRITE}, method="PUT", body=b"a: 1\n")
        assert answer.status == 200
        assert time.monotonic() - started < SAVE_S


def test_a_silent_connection_is_closed_within_seconds(gateway: Site, editor: Configurator) -> None:
    started = time.monotonic()
    with ExitStack() as stack:
        silent = [stack.enter_context(gateway.lan.connect(CONFIGURATOR, 3218)) for _ in range(3)]
        silent[1].sendall(b"GET / HTTP/1.1\r\n")
        silent[2].sendall(b"GET / HTTP/1.1\r\nX: ")
        for one in silent:
            with contextlib.suppress(ConnectionResetError):
                assert one.recv(100) == b""
            assert time.monotonic() - started < 8


def test_a_slow_body_is_given_up(gateway: Site, editor: Configurator) -> None:
    with gateway.lan.connect(CONFIGURATOR, 3218) as one:
        one.sendall(HALVES["half a body with the password"])
        started = time.monotonic()
        one.settimeout(1)
        with contextlib.suppress(OSError):
            while time.monotonic() - started < 40:
                one.sendall(b"a")
                with contextlib.suppress(TimeoutError):
                    if one.recv(100) == b"":
                        break
        assert time.monotonic() - started < 30
    assert not Path(editor.config, "x").exists()


def test_a_slow_reader_holds_little(gateway: Site, editor: Configurator) -> None:
    Path(editor.config, "large").write_bytes(bytes(100_000_000))
    request = f"GET /api/download?path=large HTTP/1.1\r\n{LOGIN}\r\n\r\n"
    with ExitStack() as stack:
        for _ in range(8):
            one = stack.enter_context(gateway.lan.connect(CONFIGURATOR, 3218))
            one.sendall(request.encode())
        time.sleep(2)
        assert memory_mb(editor.pid) < 70
        ninth = stack.enter_context(gateway.lan.connect(CONFIGURATOR, 3218))
        ninth.sendall(request.encode())
        ninth.settimeout(5)
        assert b" 429 " in ninth.recv(100)


def test_guesses_by_many_connections_are_limited(gateway: Site, editor: Configurator) -> None:
    statuses = []
    started = time.monotonic()
    for number in range(100):
        with gateway.lan.connect(CONFIGURATOR, 3218) as one:
            wrong = basic(password=f"guess {number}")["Authorization"]
            one.sendall(f"GET / HTTP/1.1\r\nAuthorization: {wrong}\r\n\r\n".encode())
            statuses.append(one.recv(12)[-3:])
    assert statuses.count(b"401") <= 11 + time.monotonic() - started
    with gateway.lan.connect(CONFIGURATOR, 3218, OTHER_CLIENT) as other:
        other.sendall(
            f"GET / HTTP/1.1\r\nAuthorization: {basic()['Authorization']}\r\n\r\n".encode()
        )
        assert other.recv(12).endswith(b"200")
