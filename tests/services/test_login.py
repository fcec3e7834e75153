import tracemalloc
from base64 import b64encode
from collections.abc import Mapping
from email.message import Message
from pathlib import Path

import pytest
from http_messages import Refused
from login import (
    BURST,
    PROXY,
    LoginCheck,
    OwnerLogin,
    client_address,
    credentials,
    require_same_site,
)

CLIENT, OTHER = "192.168.1.20", "192.168.1.21"


def basic(user: str, password: str) -> str:
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()


def login(files: Path, environ: Mapping[str, str] | None = None) -> LoginCheck:
    Path(files, "CONFIG_USER").write_text("admin")
    Path(files, "CONFIG_PASSWORD").write_text("made once\n")
    return check(environ or {}, files)


def check(environ: Mapping[str, str], files: Path) -> LoginCheck:
    return LoginCheck(OwnerLogin(environ, files), lambda: 0.0, salt="the same in each test")


def admits(editor: LoginCheck, header: str | None, client: str = CLIENT) -> bool:
    return editor.refusal(header, client) is None


def status(editor: LoginCheck, header: str | None, client: str = CLIENT) -> int:
    response = editor.refusal(header, client)
    return response.status if response else 200


def test_the_gateways_own_login_is_admitted(tmp_path: Path) -> None:
    assert admits(login(tmp_path), basic("admin", "made once"))


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
def test_every_other_login_is_refused(tmp_path: Path, header: str | None) -> None:
    assert not admits(login(tmp_path), header)


def test_provisions_file_counts_because_a_variable_may_be_wrong(tmp_path: Path) -> None:
    editor = login(tmp_path, {"CONFIG_PASSWORD": "short"})
    assert admits(editor, basic("admin", "made once"))
    assert not admits(editor, basic("admin", "short"))


def test_a_variable_counts_until_there_is_a_file(tmp_path: Path) -> None:
    environ = {"CONFIG_USER": "admin", "CONFIG_PASSWORD": "Ünd:so"}
    editor = check(environ, tmp_path / "not made yet")
    assert admits(editor, basic("admin", "Ünd:so"))


def test_a_value_that_is_not_utf8_is_no_crash(tmp_path: Path) -> None:
    environ = {"CONFIG_USER": "admin", "CONFIG_PASSWORD": "\udcff"}
    editor = check(environ, tmp_path / "not made yet")
    assert not admits(editor, basic("admin", "?"))
    login(tmp_path)
    (tmp_path / "CONFIG_PASSWORD").write_bytes(b"\xff")
    assert not admits(editor, basic("admin", "?"))


def test_many_clients_need_no_more_memory_than_a_few(tmp_path: Path) -> None:
    editor = login(tmp_path)
    tracemalloc.start()
    for number in range(2000):
        admits(editor, "Basic", f"2001:db8::{number:x}")
    growth, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert growth < 100_000


def test_an_empty_variable_does_not_count(tmp_path: Path) -> None:
    assert admits(login(tmp_path, {"CONFIG_PASSWORD": ""}), basic("admin", "made once"))


def test_nobody_is_admitted_before_there_is_a_login(tmp_path: Path) -> None:
    editor = check({"CONFIG_USER": "admin"}, tmp_path / "not made yet")
    assert not admits(editor, basic("admin", ""))
    assert not admits(editor, None)


def test_a_login_made_later_is_admitted_immediately(tmp_path: Path) -> None:
    editor = check({}, tmp_path)
    assert not admits(editor, basic("admin", "made once"))
    login(tmp_path)
    assert admits(editor, basic("admin", "made once"))


def test_wrong_logins_of_an_address_are_limited_and_nobody_is_banned(tmp_path: Path) -> None:
    now = 0.0
    login(tmp_path)
    editor = LoginCheck(OwnerLogin({}, tmp_path), lambda: now, salt="the same in each test")
    wrong, right = basic("admin", "?"), basic("admin", "made once")
    assert [status(editor, None) for _ in range(BURST + 1)] == [401] * (BURST + 1)  # no guesses
    for _ in range(2):  # all guesses come back
        assert [status(editor, wrong) for _ in range(BURST)] == [401] * BURST
        assert status(editor, wrong) == status(editor, right) == 429
        assert status(editor, right, OTHER) == 200
        now += 0.999
        assert status(editor, right) == 429
        now += 0.001
        assert [status(editor, wrong) for _ in range(2)] == [401, 429]
        now += 1
        assert status(editor, right) == 200
        now += BURST


def test_only_nginx_may_forward_for_another_client() -> None:
    assert client_address(PROXY, CLIENT) == CLIENT
    assert client_address(PROXY, None) == PROXY
    assert client_address(CLIENT, "192.168.1.21") == CLIENT


def test_the_case_of_the_scheme_is_ignored() -> None:
    assert credentials("BASIC YTpi") == b"a:b"


def headers(**values: str | None) -> Message:
    message = Message()
    for name, value in values.items():
        if value is not None:
            message[name.replace("_", "-")] = value
    return message


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("https://evil.example", "gateway.local"),
        ("null", "gateway.local"),
        ("https://evil.example", None),
        ("https://[", "gateway.local"),
        ("https://gateway.local.evil.example", "gateway.local"),
    ],
)
def test_a_request_from_another_sites_page_is_refused(origin: str, host: str | None) -> None:
    with pytest.raises(Refused):
        require_same_site(headers(Origin=origin, Host=host))


@pytest.mark.parametrize("site", ["cross-site", "same-site", "", "something new"])
def test_what_a_browser_calls_another_site_is_refused(site: str) -> None:
    with pytest.raises(Refused):
        require_same_site(headers(Sec_Fetch_Site=site, Host="gateway.local"))


@pytest.mark.parametrize(
    ("origin", "host", "site"),
    [
        ("https://gateway.local", "gateway.local", "same-origin"),
        ("http://192.168.1.2:3218", "192.168.1.2:3218", None),
        ("https://[fd00::1]:8443", "[fd00::1]", None),
        (None, "gateway.local", "none"),
    ],
)
def test_a_request_from_our_page_is_admitted(
    origin: str | None, host: str, site: str | None
) -> None:
    require_same_site(headers(Origin=origin, Host=host, Sec_Fetch_Site=site))
