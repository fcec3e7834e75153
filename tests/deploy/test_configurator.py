"""The editor by itself: what it gives to whom."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.deploy.configurator import PASSWORD, USER, Configurator

pytestmark = pytest.mark.deploy
LARGEST_UPLOAD = 16_000_000
LOGIN = (USER, PASSWORD)
NEW = {"If-None-Match": "*"}
NAME, OLD = "configuration.yaml", "default_config:\n"
PATHS = ("/", "/api/file?path=configuration.yaml", "/app.js", "/style.css", "/api/folder?path=")
OUTSIDE = ("/etc/passwd", "../secrets/CONFIG_PASSWORD", "..", "outside/x", "escape", "a/../../x")


@pytest.fixture
def editor(editor_page: Path, configurator_files: Path) -> Iterator[Configurator]:
    one = Configurator(editor_page, configurator_files)
    Path(one.config, NAME).write_text(OLD)
    Path(one.config, "outside").symlink_to(configurator_files / "secrets")
    Path(one.config, "escape").symlink_to("/etc/hostname")
    one.start()
    try:
        yield one
    finally:
        one.stop()


@pytest.fixture
def ready(editor: Configurator) -> Configurator:
    editor.make_login()
    return editor


def get(editor: Configurator, path: str, password: str = PASSWORD) -> requests.Response:
    header = {"X-Editor": "1"}
    return requests.get(editor.url + path, auth=(USER, password), headers=header, timeout=10)


def version(editor: Configurator) -> str:
    text = editor.ask("GET", "file", path=NAME).json()["version"]
    assert isinstance(text, str)
    return text


@pytest.mark.parametrize("path", PATHS)
def test_without_the_login_nothing_is_served(editor: Configurator, path: str) -> None:
    assert requests.get(editor.url + path, auth=("", ""), timeout=10).status_code == 401
    editor.make_login()  # made later, it works without a restart
    answer = requests.get(editor.url + path, timeout=10)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")
    assert not answer.content
    answer = get(editor, path)
    assert answer.status_code == 200
    assert answer.content


def test_a_change_needs_the_login(ready: Configurator) -> None:
    url, headers = f"{ready.url}/api/file?path=new.yaml", {"X-Editor": "1", **NEW}
    answer = requests.put(url, b"a: 1", auth=(USER, "wrong"), headers=headers, timeout=10)
    assert answer.status_code == 401
    assert not Path(ready.config, "new.yaml").exists()


def test_guessing_is_slow_and_bans_nobody(ready: Configurator) -> None:
    started = time.monotonic()
    statuses = [get(ready, "/", f"guess {number}").status_code for number in range(40)]
    assert statuses[:10] == [401] * 10
    assert statuses.count(401) <= 11 + time.monotonic() - started
    assert requests.get(f"{ready.url}/healthz", timeout=10).status_code == 200
    deadline = time.monotonic() + 5
    while get(ready, "/").status_code != 200:
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_a_file_is_saved_with_its_mode_unless_it_changed_meanwhile(ready: Configurator) -> None:
    path = ready.config / NAME
    path.chmod(0o640)
    read = version(ready)
    assert ready.ask("PUT", "file", b"name: 1", {"If-Match": read}, path=NAME).status_code == 200
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("name: 1", 0o640)
    path.write_text("by another\n")
    answer = ready.ask("PUT", "file", b"name: 2", {"If-Match": read}, path=NAME)
    assert answer.status_code == 412
    assert "changed" in answer.json()["message"]
    assert path.read_text() == "by another\n"
    assert ready.ask("PUT", "file", b"name: 2", {"If-Match": "*"}, path=NAME).status_code == 200
    assert path.read_text() == "name: 2"
    assert ready.ask("PUT", "file", b"", path=NAME).status_code == 428


@pytest.mark.parametrize("name", OUTSIDE)
def test_nothing_outside_is_read_or_changed(ready: Configurator, name: str) -> None:
    secret = Path(ready.config.parent, "secrets/CONFIG_PASSWORD")
    before = secret.read_bytes()
    for answer in (
        ready.ask("GET", "file", path=name),
        ready.ask("GET", "download", path=name),
        ready.ask("GET", "folder", path=name),
        ready.ask("PUT", "file", b"", {"If-Match": "*"}, path=name),
        ready.ask("POST", "folder", path=f"{name}/new"),
        ready.ask("POST", "rename", path=NAME, to=f"{name}/new"),
    ):
        assert answer.status_code in {403, 404, 409}
        assert PASSWORD not in answer.text
    if name not in {"escape"}:  # a link itself may go
        assert ready.ask("DELETE", "entry", path=name).status_code in {403, 404}
    assert secret.read_bytes() == before
    assert {path.name for path in secret.parent.iterdir()} == {"CONFIG_USER", "CONFIG_PASSWORD"}
    assert Path(ready.config, NAME).read_text() == OLD


def test_what_is_no_file_is_not_read(ready: Configurator) -> None:
    os.mkfifo(ready.config / "fifo")
    assert ready.ask("GET", "file", path="fifo").status_code == 409
    assert ready.ask("GET", "download", path="fifo").status_code == 409
    assert ready.ask("PUT", "file", b"", {"If-Match": "*"}, path="fifo").status_code == 409


@pytest.mark.parametrize("name", ["home-assistant_v2.db", "home-assistant_v2.db-wal"])
def test_the_database_is_neither_shown_nor_touched(ready: Configurator, name: str) -> None:
    Path(ready.config, name).write_text("all of it")
    Path(ready.config, "link").symlink_to(name)
    entries = ready.ask("GET", "folder", path="").json()["entries"]
    assert name not in {entry["name"] for entry in entries}
    for path in (name, "link"):
        assert ready.ask("GET", "file", path=path).status_code == 403
        assert ready.ask("GET", "download", path=path).status_code == 403
        assert ready.ask("PUT", "file", b"", {"If-Match": "*"}, path=path).status_code == 403
    assert ready.ask("DELETE", "entry", path=name).status_code == 403
    assert Path(ready.config, name).read_text() == "all of it"


def test_files_and_folders_come_and_go(ready: Configurator) -> None:
    for answer in (
        ready.ask("POST", "folder", path="a/b"),
        ready.ask("PUT", "file", b"x: 1", NEW, path="a/b/é ü.yaml"),
        ready.ask("POST", "rename", path="a/b/é ü.yaml", to="a/c.yaml"),
        ready.ask("DELETE", "entry", path="a/b"),
    ):
        assert answer.status_code == 200, answer.text
    assert Path(ready.config, "a/c.yaml").read_text() == "x: 1"
    assert ready.ask("DELETE", "entry", path="a").status_code == 409  # it is not empty
    assert ready.ask("POST", "rename", path="a/c.yaml", to=NAME).status_code == 409
    assert ready.ask("PUT", "file", b"", NEW, path=NAME).status_code == 412
    assert Path(ready.config, NAME).read_text() == OLD


def test_any_file_goes_up_and_down_unchanged(ready: Configurator) -> None:
    content = bytes(range(256)) * 60_000
    assert ready.ask("PUT", "file", content, NEW, path="picture.svg").status_code == 200
    answer = ready.ask("GET", "download", path="picture.svg")
    assert answer.content == content
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].endswith("sandbox")
    assert ready.ask("GET", "file", path="picture.svg").status_code == 413
    Path(ready.config, "latin1.txt").write_bytes(b"\xe9")
    assert ready.ask("GET", "file", path="latin1.txt").status_code == 415


def test_an_upload_is_not_larger_than_the_memory_has_room_for(ready: Configurator) -> None:
    answer = ready.ask("PUT", "file", bytes(LARGEST_UPLOAD + 1), NEW, path="x")
    assert answer.status_code == 413
    assert not Path(ready.config, "x").exists()
    assert ready.ask("PUT", "file", bytes(LARGEST_UPLOAD), NEW, path="x").status_code == 200


def test_a_body_of_unknown_size_is_refused(ready: Configurator) -> None:
    url = f"{ready.url}/api/file?path=x"
    headers = {"X-Editor": "1", **NEW}
    answer = requests.put(url, iter([b"a"]), headers=headers, auth=LOGIN, timeout=10)
    assert answer.status_code == 411


@pytest.mark.parametrize("name", ["exec_command", "save", "gitadd", "", "../api/file"])
def test_there_are_no_other_functions(ready: Configurator, name: str) -> None:
    answer = ready.ask("POST", name, command="touch ran")
    assert answer.status_code == 404
    assert not Path(ready.config, "ran").exists()


def test_a_path_does_not_leave_the_pages_folder(ready: Configurator) -> None:
    for path in ("/../package.json", "/%2e%2e/package.json", "/index.html", "//app.js"):
        prepared = requests.Request("GET", ready.url, auth=LOGIN).prepare()
        prepared.url = ready.url + path
        with requests.Session() as session:
            assert session.send(prepared, timeout=10).status_code == 404


def test_the_page_is_compressed_and_kept_by_the_browser(ready: Configurator) -> None:
    answer = get(ready, "/app.js")
    assert answer.headers["Content-Encoding"] == "gzip"
    tag = {"If-None-Match": answer.headers["ETag"]}
    assert requests.get(f"{ready.url}/app.js", headers=tag, auth=LOGIN).status_code == 304


def test_without_home_assistant_the_check_says_so(ready: Configurator) -> None:
    verdict = ready.ask("POST", "check").json()
    assert verdict == {"result": "unknown", "message": "Home Assistant does not answer."}


def test_the_password_is_neither_in_the_log_nor_on_the_command_line(ready: Configurator) -> None:
    assert get(ready, "/").status_code == 200
    get(ready, "/", "wrong")
    assert "wrong login" in ready.log()
    assert PASSWORD not in ready.log()
    assert PASSWORD not in ready.command_line()


def test_the_log_is_bounded_whatever_is_sent(ready: Configurator) -> None:
    def attack() -> None:
        for number in range(40):
            get(ready, f"/{'x' * 200}", f"guess {number}")
            ready.ask("PUT", "file", b"", {"If-Match": "*"}, path="\n" + "x" * 240)
            with socket.create_connection(("127.0.0.1", ready.port)) as raw:
                raw.sendall(b"\xff" * 2000 + b"\r\n\r\n")
                raw.recv(1000)

    threads = [threading.Thread(target=attack) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ready.log().splitlines()) <= 22
    assert len(ready.log()) < 8000


def test_it_ends_at_once_when_told_to(ready: Configurator) -> None:
    assert ready.stop() == 0
