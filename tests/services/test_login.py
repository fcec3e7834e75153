from base64 import b64encode
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, BrokenBarrierError

import pytest
from login import PROXY, WRONG_PASSWORD_S, Login, credentials, is_foreign, visitor

VISITOR = "192.168.1.20"


def basic(user: str, password: str) -> str:
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()


def login(files: Path, environ: Mapping[str, str] | None = None) -> Login:
    Path(files, "CONFIG_USER").write_text("admin")
    Path(files, "CONFIG_PASSWORD").write_text("made once\n")
    return Login(environ or {}, files, lambda _: None)


def meeting_in(barrier: Barrier) -> Callable[[float], None]:
    def sleep(_: float) -> None:
        barrier.wait()

    return sleep


def do_two_wait_at_once(login: Login, visitors: tuple[str, str]) -> bool:
    with ThreadPoolExecutor(2) as threads:
        guesses = [threads.submit(login.admits, basic("admin", "?"), one) for one in visitors]
    try:
        return not any(guess.result() for guess in guesses)
    except BrokenBarrierError:
        return False


def test_what_the_gateway_made_comes_in(tmp_path: Path) -> None:
    assert login(tmp_path).admits(basic("admin", "made once"), VISITOR)


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
    assert not login(tmp_path).admits(header, VISITOR)


def test_a_variable_counts_before_the_file(tmp_path: Path) -> None:
    one = login(tmp_path, {"CONFIG_PASSWORD": "Ünd:so"})
    assert one.admits(basic("admin", "Ünd:so"), VISITOR)
    assert not one.admits(basic("admin", "made once"), VISITOR)


def test_an_empty_variable_is_none(tmp_path: Path) -> None:
    assert login(tmp_path, {"CONFIG_PASSWORD": ""}).admits(basic("admin", "made once"), VISITOR)


def test_nobody_comes_in_before_there_is_a_login(tmp_path: Path) -> None:
    one = Login({"CONFIG_USER": "admin"}, tmp_path / "not made yet", lambda _: None)
    assert not one.admits(basic("admin", ""), VISITOR)
    assert not one.admits(None, VISITOR)


def test_a_login_made_later_counts_at_once(tmp_path: Path) -> None:
    one = Login({}, tmp_path, lambda _: None)
    assert not one.admits(basic("admin", "made once"), VISITOR)
    login(tmp_path)
    assert one.admits(basic("admin", "made once"), VISITOR)


def test_a_wrong_password_costs_a_second_and_none_costs_nothing(tmp_path: Path) -> None:
    slept: list[float] = []
    one = Login({}, tmp_path, slept.append)
    one.admits(None, VISITOR)
    assert slept == []
    one.admits(basic("admin", "?"), VISITOR)
    assert slept == [WRONG_PASSWORD_S]


def test_guesses_of_one_visitor_wait_for_each_other(tmp_path: Path) -> None:
    meeting = Barrier(2, timeout=0.1)
    one = Login({}, tmp_path, meeting_in(meeting))
    assert not do_two_wait_at_once(one, (VISITOR, VISITOR))


def test_a_guess_keeps_no_other_visitor_waiting(tmp_path: Path) -> None:
    meeting = Barrier(2, timeout=5)
    one = Login({}, tmp_path, meeting_in(meeting))
    assert do_two_wait_at_once(one, (VISITOR, "192.168.1.21"))


def test_nginx_alone_is_believed_for_whom_it_asks() -> None:
    assert visitor(PROXY, VISITOR) == VISITOR
    assert visitor(PROXY, None) == PROXY
    assert visitor(VISITOR, "192.168.1.21") == VISITOR


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
