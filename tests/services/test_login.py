import tracemalloc
from base64 import b64encode
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, BrokenBarrierError

import pytest
from login import (
    PROXY,
    WRONG_PASSWORD_S,
    EditorLogin,
    client_address,
    credentials,
    is_cross_site,
)

CLIENT = "192.168.1.20"


def basic(user: str, password: str) -> str:
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()


def login(files: Path, environ: Mapping[str, str] | None = None) -> EditorLogin:
    Path(files, "CONFIG_USER").write_text("admin")
    Path(files, "CONFIG_PASSWORD").write_text("made once\n")
    return EditorLogin(environ or {}, files, lambda _: None)


def meeting_in(barrier: Barrier) -> Callable[[float], None]:
    def sleep(_: float) -> None:
        barrier.wait()

    return sleep


def do_two_wait_at_once(login: EditorLogin, clients: tuple[str, str]) -> bool:
    with ThreadPoolExecutor(2) as threads:
        guesses = [threads.submit(login.admits, basic("admin", "?"), client) for client in clients]
    try:
        return not any(guess.result() for guess in guesses)
    except BrokenBarrierError:
        return False


def test_the_gateways_own_login_is_admitted(tmp_path: Path) -> None:
    assert login(tmp_path).admits(basic("admin", "made once"), CLIENT)


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
    assert not login(tmp_path).admits(header, CLIENT)


def test_provisions_file_counts_because_a_variable_may_be_wrong(tmp_path: Path) -> None:
    editor = login(tmp_path, {"CONFIG_PASSWORD": "short"})
    assert editor.admits(basic("admin", "made once"), CLIENT)
    assert not editor.admits(basic("admin", "short"), CLIENT)


def test_a_variable_counts_until_there_is_a_file(tmp_path: Path) -> None:
    environ = {"CONFIG_USER": "admin", "CONFIG_PASSWORD": "Ünd:so"}
    editor = EditorLogin(environ, tmp_path / "not made yet", lambda _: None)
    assert editor.admits(basic("admin", "Ünd:so"), CLIENT)


def test_a_value_that_is_not_utf8_is_no_crash(tmp_path: Path) -> None:
    environ = {"CONFIG_USER": "admin", "CONFIG_PASSWORD": "\udcff"}
    editor = EditorLogin(environ, tmp_path / "not made yet", lambda _: None)
    assert not editor.admits(basic("admin", "?"), CLIENT)
    login(tmp_path)
    (tmp_path / "CONFIG_PASSWORD").write_bytes(b"\xff")
    assert not editor.admits(basic("admin", "?"), CLIENT)


def test_many_clients_need_no_more_memory_than_a_few(tmp_path: Path) -> None:
    editor = login(tmp_path)
    tracemalloc.start()
    for number in range(2000):
        editor.admits("Basic", f"2001:db8::{number:x}")
    growth, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert growth < 100_000


def test_an_empty_variable_does_not_count(tmp_path: Path) -> None:
    assert login(tmp_path, {"CONFIG_PASSWORD": ""}).admits(basic("admin", "made once"), CLIENT)


def test_nobody_is_admitted_before_there_is_a_login(tmp_path: Path) -> None:
    editor = EditorLogin({"CONFIG_USER": "admin"}, tmp_path / "not made yet", lambda _: None)
    assert not editor.admits(basic("admin", ""), CLIENT)
    assert not editor.admits(None, CLIENT)


def test_a_login_made_later_is_admitted_immediately(tmp_path: Path) -> None:
    editor = EditorLogin({}, tmp_path, lambda _: None)
    assert not editor.admits(basic("admin", "made once"), CLIENT)
    login(tmp_path)
    assert editor.admits(basic("admin", "made once"), CLIENT)


def test_a_wrong_password_takes_a_second_and_a_missing_one_no_time(tmp_path: Path) -> None:
    slept: list[float] = []
    editor = EditorLogin({}, tmp_path, slept.append)
    editor.admits(None, CLIENT)
    assert slept == []
    editor.admits(basic("admin", "?"), CLIENT)
    assert slept == [WRONG_PASSWORD_S]


def test_logins_of_one_client_wait_for_each_other(tmp_path: Path) -> None:
    meeting = Barrier(2, timeout=0.1)
    editor = EditorLogin({}, tmp_path, meeting_in(meeting))
    assert not do_two_wait_at_once(editor, (CLIENT, CLIENT))


def test_a_wrong_login_delays_no_other_client(tmp_path: Path) -> None:
    meeting = Barrier(2, timeout=5)
    editor = EditorLogin({}, tmp_path, meeting_in(meeting))
    assert do_two_wait_at_once(editor, (CLIENT, "192.168.1.21"))


def test_only_nginx_may_forward_for_another_client() -> None:
    assert client_address(PROXY, CLIENT) == CLIENT
    assert client_address(PROXY, None) == PROXY
    assert client_address(CLIENT, "192.168.1.21") == CLIENT


def test_the_case_of_the_scheme_is_ignored() -> None:
    assert credentials("BASIC YTpi") == b"a:b"


def test_a_request_from_another_sites_page_is_cross_site() -> None:
    assert is_cross_site("https://evil.example", "gateway.local")
    assert is_cross_site("null", "gateway.local")
    assert is_cross_site("https://evil.example", None)


def test_a_request_from_our_page_is_not_cross_site() -> None:
    assert not is_cross_site("https://gateway.local", "gateway.local")
    assert not is_cross_site("http://192.168.1.2:3218", "192.168.1.2:3218")
    assert not is_cross_site("https://[fd00::1]:8443", "[fd00::1]")
    assert not is_cross_site(None, "gateway.local")
