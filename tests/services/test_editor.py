from pathlib import Path
from typing import cast

import pytest
from config_folder import ConfigFolder
from configuration_check import ConfigurationCheck
from editor import LOG_BURST, LOG_INTERVAL_S, BoundedLog, Editor
from editor_page import EditorPage
from file_api import FileApi
from http_messages import Head, Refused, Response, parse_head
from login import LoginCheck, OwnerLogin

from tests.services.test_login import CLIENT, basic

LOGIN = f"Authorization: {basic('admin', 'made once')}"
PAGE = '<link href="style.css" nonce="{nonce}"><script src="app.js" nonce="{nonce}"></script>'


@pytest.fixture
def written() -> list[str]:
    return []


@pytest.fixture
def editor(tmp_path: Path, written: list[str]) -> Editor:
    page = tmp_path / "page"
    page.mkdir()
    for name, text in (("index.html", PAGE), ("app.js", "1"), ("style.css", "")):
        Path(page, name).write_text(text)
    Path(tmp_path, "CONFIG_USER").write_text("admin")
    Path(tmp_path, "CONFIG_PASSWORD").write_text("made once")
    login = LoginCheck(OwnerLogin({}, tmp_path), lambda: 0.0)
    api = FileApi(ConfigFolder(tmp_path), cast(ConfigurationCheck, None))
    return Editor(login, EditorPage(page), api, BoundedLog(written.append, lambda: 0.0))


def head(target: str, *headers: str, method: str = "GET") -> Head:
    return parse_head("\r\n".join([f"{method} {target} HTTP/1.1", *headers, "", ""]).encode())


def early(editor: Editor, target: str, *headers: str, method: str = "GET") -> Response | None:
    return editor.early_response(head(target, *headers, method=method), CLIENT)


def policy(response: Response | None) -> str:
    assert response is not None
    return response.headers["Content-Security-Policy"]


def test_the_page_is_the_same_for_every_request_but_for_its_nonce(editor: Editor) -> None:
    pages = []
    for target in ("/", "/?loadfile=%22%3E%3Cscript%3E", "/?a=</script>"):
        response = early(
            editor, target, LOGIN, "Referer: https://a/<script>", "X-Forwarded-Host: <"
        )
        assert response is not None
        nonce = policy(response).partition("'nonce-")[2].partition("'")[0]
        assert len(nonce) >= 22
        pages.append((nonce, response.content))
    assert len({nonce for nonce, _ in pages}) == 3
    assert {page.decode().replace(nonce, "{nonce}") for nonce, page in pages} == {PAGE}


def test_the_page_runs_only_what_carries_its_nonce(editor: Editor) -> None:
    rules = dict(
        rule.strip().split(" ", 1) for rule in policy(early(editor, "/", LOGIN)).split(";")
    )
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    assert rules["frame-ancestors"] == rules["trusted-types"] == "'none'"
    assert rules["script-src"] == rules["style-src"]
    assert rules["script-src"].startswith("'nonce-")
    assert "unsafe" not in str(rules)


def test_without_the_login_only_the_health_is_served(editor: Editor) -> None:
    for target in ("/", "/app.js", "/index.html", "/api/file?path=app.js", "/x", "/healthz/"):
        response = early(editor, target)
        assert response is not None
        assert (response.status, response.content) == (401, b"")
    early(editor, "/", f"Authorization: {basic('admin', '?')}")
    response = early(editor, "/healthz")
    assert response is not None
    assert (response.status, response.content) == (200, b"{}")


def test_a_wrong_login_is_logged_without_what_was_sent(editor: Editor, written: list[str]) -> None:
    early(editor, "/s3cret", f"Authorization: {basic('admin', 's3cret')}")
    assert written == [f"{CLIENT}: wrong login\n"]


@pytest.mark.parametrize("target", ["/index.html", "/../app.js", "//app.js", "/app.js/", "/x"])
def test_there_is_no_other_page(editor: Editor, target: str) -> None:
    with pytest.raises(Refused) as refused:
        early(editor, target, LOGIN)
    assert refused.value.status == 404


def test_the_files_of_the_page_are_kept_by_browsers(editor: Editor) -> None:
    response = early(editor, "/app.js", LOGIN)
    assert response is not None
    assert response.headers["Content-Type"].startswith("text/javascript")
    assert response.content == b"1"
    kept = early(editor, "/app.js", LOGIN, f"If-None-Match: {response.headers['ETag']}")
    assert kept is not None
    assert (kept.status, kept.content) == (304, b"")
    compressed = early(editor, "/app.js", LOGIN, "Accept-Encoding: br, gzip")
    assert compressed is not None
    assert compressed.content.startswith(b"\x1f\x8b")


def test_another_site_gets_nothing_from_the_api(editor: Editor) -> None:
    target, own = "/api/file?path=app.js", "X-Editor: 1"
    assert early(editor, target, LOGIN, own, "Sec-Fetch-Site: same-origin") is None
    for header in ("Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site", "Origin: null"):
        for method in ("GET", "PUT", "POST"):
            with pytest.raises(Refused) as refused:
                early(editor, target, LOGIN, own, header, "Host: gateway", method=method)
            assert refused.value.status == 403


def test_a_change_is_logged_in_one_line(editor: Editor, written: list[str]) -> None:
    change = head("/api/file?path=a%0Ab%ff", "If-None-Match: *", method="PUT")
    assert editor.response(change, b"", CLIENT).status == 200
    assert written == [f"{CLIENT}: PUT file a\\nb\\udcff\n"]


def test_a_page_without_a_nonce_is_a_mistake_of_the_build(tmp_path: Path) -> None:
    Path(tmp_path, "index.html").write_text("<script src=app.js>")
    with pytest.raises(ValueError, match="nonce"):
        EditorPage(tmp_path)


def test_the_log_has_a_limit_and_says_what_it_left_out() -> None:
    lines: list[str] = []
    now = 0.0
    log = BoundedLog(lines.append, lambda: now)
    for _ in range(2):  # it recovers entirely
        for _ in range(LOG_BURST + 5):
            log.line("x" * 1000)
        assert len(lines) == LOG_BURST
        assert max(map(len, lines)) < 250
        now += LOG_INTERVAL_S
        log.line("y")
        assert lines.pop() == "y (5 lines omitted)\n"
        lines.clear()
        now += LOG_BURST * LOG_INTERVAL_S
