"""The editor by itself: what it gives to whom."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.deploy.configurator import PASSWORD, USER, Configurator, Installed

pytestmark = pytest.mark.deploy
LARGEST_UPLOAD = 16_000_000
LOGIN = (USER, PASSWORD)
PATHS = ("/", "/api/file?filename=configuration.yaml", "/ace/ace.js", "/style.css")


@pytest.fixture
def editor(installed_configurator: Installed, configurator_files: Path) -> Iterator[Configurator]:
    one = Configurator(installed_configurator, configurator_files)
    Path(one.config, "configuration.yaml").write_text("default_config:\n")
    one.start()
    try:
        yield one
    finally:
        one.stop()


@pytest.fixture
def ready(editor: Configurator) -> Configurator:
    editor.make_login()
    return editor


def get(editor: Configurator, path: str) -> requests.Response:
    return requests.get(editor.url + path, auth=LOGIN, timeout=10)


def post(editor: Configurator, path: str, /, **data: str) -> requests.Response:
    return requests.post(editor.url + path, data, auth=LOGIN, timeout=10)


def upload(editor: Configurator, name: str, content: bytes) -> requests.Response:
    """Send a file as the page does; requests leaves a path in its name."""
    files: dict[str, tuple[str | None, bytes | str]] = {
        "file": (name, content),
        "path": (None, str(editor.config)),
    }
    return requests.post(f"{editor.url}/api/upload", files=files, auth=LOGIN, timeout=10)


@pytest.mark.parametrize("path", PATHS)
def test_nothing_is_served_before_there_is_a_login(editor: Configurator, path: str) -> None:
    assert requests.get(editor.url + path, auth=("", ""), timeout=10).status_code == 401


def test_a_login_that_is_made_later_works_without_a_restart(editor: Configurator) -> None:
    assert get(editor, "/").status_code == 401
    editor.make_login()
    assert get(editor, "/").status_code == 200


@pytest.mark.parametrize("path", PATHS)
def test_without_the_login_nothing_is_served(ready: Configurator, path: str) -> None:
    answer = requests.get(ready.url + path, timeout=10)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")
    assert not answer.content


@pytest.mark.parametrize("path", PATHS)
def test_with_the_login_everything_is_served(ready: Configurator, path: str) -> None:
    answer = get(ready, path)
    assert answer.status_code == 200
    assert answer.content


def test_a_change_needs_the_login(ready: Configurator) -> None:
    new = {"filename": str(ready.config / "new.yaml"), "text": "a: 1"}
    answer = requests.post(f"{ready.url}/api/save", new, auth=(USER, "wrong"), timeout=10)
    assert answer.status_code == 401
    assert not Path(ready.config, "new.yaml").exists()


def test_many_wrong_passwords_ban_nobody(ready: Configurator) -> None:
    for _ in range(4):
        assert requests.get(ready.url, auth=(USER, "wrong"), timeout=10).status_code == 401
    assert get(ready, "/").status_code == 200


def test_a_file_is_saved(ready: Configurator) -> None:
    path = ready.config / "configuration.yaml"
    answer = post(ready, "/api/save", filename=str(path), text="name: é\n")
    assert answer.json()["error"] is False
    assert path.read_text() == "name: é\n"


@pytest.mark.parametrize("name", ["/etc/passwd", "../secrets/CONFIG_PASSWORD"])
def test_files_outside_are_not_read(ready: Configurator, name: str) -> None:
    assert get(ready, f"/api/file?filename={name}").text == "Access denied."


@pytest.mark.parametrize("name", ["/tmp/x", "../secrets/x", "../secrets/CONFIG_PASSWORD"])
def test_files_outside_are_not_changed(ready: Configurator, name: str) -> None:
    before = [path.read_bytes() for path in sorted(ready.config.parent.glob("secrets/*"))]
    for answer in (
        post(ready, "/api/save", filename=name, text=""),
        post(ready, "/api/rename", src="configuration.yaml", dstfilename=name),
        post(ready, "/api/delete", path=name),
        post(ready, "/api/newfile", path="", name=name),
        post(ready, "/api/newfolder", path="", name=name),
        upload(ready, name, b""),
    ):
        assert answer.json() == {"error": True, "message": "Access denied.", "path": ""}
    assert [path.read_bytes() for path in sorted(ready.config.parent.glob("secrets/*"))] == before


def test_a_file_is_uploaded(ready: Configurator) -> None:
    content = bytes(range(256)) * 10_000
    assert upload(ready, "picture.png", content).json()["error"] is False
    assert Path(ready.config, "picture.png").read_bytes() == content


def test_an_upload_is_not_larger_than_the_memory_has_room_for(ready: Configurator) -> None:
    assert upload(ready, "x", bytes(LARGEST_UPLOAD)).status_code == 413
    assert not Path(ready.config, "x").exists()


def test_a_form_that_lacks_something_is_told_so(ready: Configurator) -> None:
    assert post(ready, "/api/save", filename="x").json()["message"] == "'text'"


@pytest.mark.parametrize("name", ["exec_command", "banned_ips", "gitadd", "push"])
def test_commands_git_and_bans_are_refused(ready: Configurator, name: str) -> None:
    assert post(ready, f"/api/{name}", command="touch ran").status_code == 403
    assert not Path(ready.config, "ran").exists()


def test_another_sites_page_cannot_change_a_file(ready: Configurator) -> None:
    answer = requests.post(
        f"{ready.url}/api/save",
        {"filename": str(ready.config / "configuration.yaml"), "text": "owned"},
        auth=LOGIN,
        headers={"Origin": "https://evil.example"},
        timeout=10,
    )
    assert answer.status_code == 403
    assert Path(ready.config, "configuration.yaml").read_text() == "default_config:\n"


def test_the_page_loads_only_files_that_are_there(ready: Configurator) -> None:
    page = get(ready, "/").text
    assert "cdnjs" not in page
    for name in ("ace/ext-modelist.js", "ace/mode-yaml.js", "materialize/css/materialize.min.css"):
        assert get(ready, f"/{name}").status_code == 200
    assert get(ready, "/mdi/css/materialdesignicons.min.css").headers["Content-Type"] == "text/css"


def test_a_path_does_not_leave_the_pages_directory(ready: Configurator) -> None:
    prepared = requests.Request("GET", ready.url, auth=LOGIN).prepare()
    prepared.url = f"{ready.url}/ace/../../package.json"
    with requests.Session() as session:
        assert session.send(prepared, timeout=10).status_code == 404


def test_the_password_is_neither_in_the_log_nor_on_the_command_line(ready: Configurator) -> None:
    assert get(ready, "/").status_code == 200
    assert PASSWORD not in ready.log()
    assert PASSWORD not in ready.command_line()


def test_it_ends_at_once_when_told_to(ready: Configurator) -> None:
    assert ready.stop() == 0
