from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path

import pytest
from login import Login, credentials, is_foreign


def basic(user: str, password: str) -> str:
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()


def login(files: Path, environ: Mapping[str, str] | None = None) -> Login:
    Path(files, "CONFIG_USER").write_text("admin")
    Path(files, "CONFIG_PASSWORD").write_text("made once\n")
    return Login(environ or {}, files)


def test_what_the_gateway_made_comes_in(tmp_path: Path) -> None:
    assert login(tmp_path).admits(basic("admin", "made once"))


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Basic",
        "Basic !!!",
        "Basic YWRtaW4",
        "Bearer YWRtaW46bWFkZSBvbmNl",
        basic("admin", ""),
        basic("admin", "made once "),
        basic("Admin", "made once"),
        basic("", ""),
    ],
)
def test_nobody_else_comes_in(tmp_path: Path, header: str | None) -> None:
    assert not login(tmp_path).admits(header)


def test_a_variable_counts_before_the_file(tmp_path: Path) -> None:
    one = login(tmp_path, {"CONFIG_PASSWORD": "Ünd:so"})
    assert one.admits(basic("admin", "Ünd:so"))
    assert not one.admits(basic("admin", "made once"))


def test_an_empty_variable_is_none(tmp_path: Path) -> None:
    assert login(tmp_path, {"CONFIG_PASSWORD": ""}).admits(basic("admin", "made once"))


def test_nobody_comes_in_before_there_is_a_login(tmp_path: Path) -> None:
    one = Login({"CONFIG_USER": "admin"}, tmp_path / "not made yet")
    assert not one.admits(basic("admin", ""))
    assert not one.admits(None)


def test_a_login_made_later_counts_at_once(tmp_path: Path) -> None:
    one = Login({}, tmp_path)
    assert not one.admits(basic("admin", "made once"))
    login(tmp_path)
    assert one.admits(basic("admin", "made once"))


def test_the_scheme_is_read_in_any_case() -> None:
    assert credentials("BASIC YTpi") == b"a:b"


def test_a_request_of_another_sites_page_is_foreign() -> None:
    assert is_foreign("https://evil.example", "gateway.local")
    assert is_foreign("null", "gateway.local")
    assert is_foreign("https://evil.example", None)


def test_a_request_of_the_own_page_is_not_foreign() -> None:
    assert not is_foreign("https://gateway.local", "gateway.local")
    assert not is_foreign("http://192.168.1.2:3218", "192.168.1.2:3218")
    assert not is_foreign("https://[fd00::1]:8443", "[fd00::1]")
    assert not is_foreign(None, "gateway.local")
