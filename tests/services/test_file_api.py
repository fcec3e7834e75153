from pathlib import Path
from typing import cast
from urllib.parse import quote

import pytest
from config_folder import ConfigFolder
from configuration_check import ConfigurationCheck, Outcome
from file_api import MAX_TEXT, MAX_UPLOAD, FileApi
from file_replacement import version_of
from http_messages import Refused, Response, parse_head

NAME = "<img src=x onerror=alert(1)>.html"


class Check:
    def outcome(self) -> Outcome:
        return Outcome("valid", "")


@pytest.fixture
def api(tmp_path: Path) -> FileApi:
    return FileApi(ConfigFolder(tmp_path), cast(ConfigurationCheck, Check()))


def ask(
    api: FileApi, method: str, target: str, *headers: str, body: bytes = b"", marked: bool = True
) -> Response:
    """Send a request as it would arrive, and return the response."""
    lines = [f"{method} /api/{target} HTTP/1.1", f"Content-Length: {len(body)}", *headers]
    lines += ["X-Editor: 1"] if marked else []
    head = parse_head("\r\n".join([*lines, "", ""]).encode())
    api.require_allowed(head)
    return api.response(head, body)


def status(api: FileApi, method: str, target: str, *headers: str, body: bytes = b"") -> int:
    try:
        return ask(api, method, target, *headers, body=body).status
    except Refused as error:
        return error.status


def test_no_change_and_no_reading_without_the_header_that_other_sites_cannot_send(
    api: FileApi, tmp_path: Path
) -> None:
    (tmp_path / "a").write_text("1")
    for method, target in (
        ("GET", "folder?path="),
        ("GET", "file?path=a"),
        ("PUT", "file?path=b"),
        ("POST", "folder?path=c"),
        ("POST", "rename?path=a&to=d"),
        ("DELETE", "entry?path=a"),
        ("POST", "check?"),
    ):
        with pytest.raises(Refused) as refused:
            ask(api, method, target, "If-None-Match: *", marked=False)
        assert refused.value.status == 403
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_there_is_nothing_else(api: FileApi) -> None:
    for method, target in (
        ("POST", "file?path=a"),
        ("HEAD", "file?path=a"),
        ("OPTIONS", "file?path=a"),
        ("GET", "rename?path=a&to=b"),
        ("POST", "exec_command?command=id"),
        ("GET", "file/?path=a"),
    ):
        assert status(api, method, target) == 404


def test_a_file_is_sent_to_be_kept_never_shown(api: FileApi, tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("<script>")
    response = ask(api, "GET", f"download?path={quote(NAME)}", marked=False)
    text = response.head().decode()
    assert "Content-Type: application/octet-stream\r\n" in text
    assert f"Content-Disposition: attachment; filename*=UTF-8''{quote(NAME, safe='')}\r\n" in text
    assert "sandbox" in text
    assert "<" not in text
    assert response.file is not None
    response.file.close()


def test_a_name_that_is_not_utf8_can_be_used(api: FileApi, tmp_path: Path) -> None:
    assert status(api, "PUT", "file?path=%ff%22", "If-None-Match: *") == 200
    assert ask(api, "GET", "folder?path=").content.count(b'\\udcff\\"') == 1
    response = ask(api, "GET", "download?path=%ff%22")
    assert b"''%FF%22\r\n" in response.head()
    assert response.file is not None
    response.file.close()
    assert status(api, "DELETE", "entry?path=%ff%22") == 200
    assert list(tmp_path.iterdir()) == []


def test_the_size_of_bodies_and_texts_is_bounded(api: FileApi, tmp_path: Path) -> None:
    size = f"Content-Length: {MAX_UPLOAD + 1}\r\n\r\n"
    head = parse_head(f"PUT /api/file?path=a HTTP/1.1\r\nX-Editor: 1\r\n{size}".encode())
    with pytest.raises(Refused) as refused:
        api.require_allowed(head)
    assert refused.value.status == 413
    assert status(api, "POST", "check?", body=b"x") == 413
    (tmp_path / "a").write_bytes(b"a" * MAX_TEXT)
    assert status(api, "GET", "file?path=a") == 200
    (tmp_path / "a").write_bytes(b"a" * (MAX_TEXT + 1))
    assert status(api, "GET", "file?path=a") == 413
    (tmp_path / "a").write_bytes(b"\xff")
    assert status(api, "GET", "file?path=a") == 415


def test_each_failure_has_its_status(api: FileApi, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1")
    assert status(api, "GET", "file?path=b") == 404
    assert status(api, "GET", "file?path=../a") == 403
    assert status(api, "GET", "file") == 400
    assert status(api, "PUT", "file?path=a", "If-None-Match: *") == 412
    assert status(api, "PUT", "file?path=a", f"If-Match: {version_of(b'2')}") == 412
    assert status(api, "PUT", "file?path=a") == 428
    assert status(api, "PUT", "file?path=a", f"If-Match: {version_of(b'1')}") == 200
    assert status(api, "POST", "folder?path=a") == 409
    assert status(api, "GET", f"file?path={'a' * 300}") == 409
    assert ask(api, "POST", "check?").content == b'{"result": "valid", "message": ""}'
