"""Who may open which page, and how many passwords an address may try."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.deploy import influx_page
from tests.deploy.client import Client, basic
from tests.deploy.flooding import ATTACKERS, add_attackers
from tests.deploy.influx_page import APP, Influxd
from tests.deploy.lan import CLIENT, CONFIGURATOR, HOME_ASSISTANT, INFLUXDB, OTHER_CLIENT
from tests.deploy.peers import Peer, Reply, peer
from tests.deploy.site import Site

pytestmark = pytest.mark.deploy

NOBODY: dict[str, str] = {}
WRONG = basic(password="wrong")
TOKEN, BEARER = ({"Authorization": one} for one in ("Token t0ken", "Bearer t0ken"))
SIGNIN = basic(influx_page.USER, influx_page.PASSWORD)


@pytest.fixture(scope="module")
def behind(gateway: Site, influxd: Peer) -> Iterator[dict[str, Peer]]:
    """Return the three services, by name."""
    with (
        peer(gateway.lan, HOME_ASSISTANT, 8123, lambda _: Reply(b"ok")) as home_assistant,
        peer(gateway.lan, CONFIGURATOR, 3218, lambda _: Reply(b"ok")) as configurator,
    ):
        yield {"/": home_assistant, "/influx/": influxd, "/configurator/": configurator}


PROTECTED = ("/influx/", "/influx/orgs/1", "/influx/health", "/configurator/", "/configurator/x.js")


@pytest.mark.parametrize("path", PROTECTED)
@pytest.mark.parametrize("credentials", [NOBODY, WRONG, TOKEN], ids=["nobody", "wrong", "token"])
def test_without_the_gateways_password_nothing_is_shown(
    client: Client, behind: dict[str, Peer], path: str, credentials: dict[str, str]
) -> None:
    before = {name: len(one.requests) for name, one in behind.items()}
    answer = client.ask(path, credentials)
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="SmartCORE"'
    assert {name: len(one.requests) for name, one in behind.items()} == before


@pytest.mark.parametrize("path", PROTECTED)
def test_with_it_everything_is(client: Client, behind: dict[str, Peer], path: str) -> None:
    assert client.ask(path, basic()).status == 200


@pytest.mark.parametrize("path", ["/", "/api/states", "/auth/token", f"/influx/{APP}"])
@pytest.mark.parametrize("credentials", [NOBODY, WRONG], ids=["nobody", "wrong"])
def test_what_has_its_own_login_or_no_secret_asks_for_no_password(
    client: Client, behind: dict[str, Peer], path: str, credentials: dict[str, str]
) -> None:
    assert client.ask(path, credentials).status == 200


def test_home_assistants_token_reaches_it(client: Client, behind: dict[str, Peer]) -> None:
    client.ask("/api/states", BEARER)
    assert behind["/"].requests[-1].headers["Authorization"] == BEARER["Authorization"]


@pytest.mark.parametrize("credentials", [NOBODY, WRONG, basic()], ids=["nobody", "wrong", "right"])
def test_influxdbs_api_does_not_take_the_gateways_password(
    client: Client, influxd: Peer, credentials: dict[str, str]
) -> None:
    answer = client.ask("/influx/api/v2/me", credentials)
    assert answer.status == 401
    assert "WWW-Authenticate" not in answer.headers  # it is InfluxDB that refuses


@pytest.mark.parametrize("credentials", [TOKEN, BEARER], ids=["token", "bearer"])
def test_tokens_reach_influxdb(client: Client, influxd: Peer, credentials: dict[str, str]) -> None:
    client.ask("/influx/api/v2/me", credentials)
    assert influxd.requests[-1].headers["Authorization"] == credentials["Authorization"]


@pytest.mark.parametrize("path", ["/influx/", f"/influx/{APP}", "/influx/api/v2/me"])
def test_no_password_reaches_influxdb(client: Client, influxd: Peer, path: str) -> None:
    client.ask(path, basic())
    assert "Authorization" not in influxd.requests[-1].headers


def test_but_its_own_when_somebody_signs_in(client: Client, influxd: Peer) -> None:
    assert client.ask("/influx/api/v2/signin", SIGNIN, method="POST").status == 204


def test_the_editor_gets_the_password_too(client: Client, behind: dict[str, Peer]) -> None:
    client.ask("/configurator/", basic())
    expected = basic()["Authorization"]
    assert behind["/configurator/"].requests[-1].headers["Authorization"] == expected


@pytest.mark.parametrize("path", ["/configurator/", "/influx/", "/influx/api/v2/signin"])
def test_guessing_is_slowed_down(fresh: Site, path: str) -> None:
    """A gateway of its own: to each address 121 guesses are free, then one a second."""
    fresh.provision(NGINX_HTTPS_REDIRECT="false")
    fresh.nginx.start()  # guesses in plain HTTP are quick
    with peer(fresh.lan, INFLUXDB, 8086, Influxd()):
        guesser, other = fresh.client(OTHER_CLIENT), fresh.client(CLIENT)
        started = time.monotonic()
        statuses: list[int] = []
        while statuses.count(429) <= 10 and len(statuses) < 400:  # a busy machine guesses slowly
            guess = basic(password=f"guess {len(statuses)}")
            statuses.append(guesser.ask(path, guess, method="POST", tls=False).status)
        assert set(statuses[:121]) == {401}
        assert statuses.count(429) > 10
        assert statuses.count(401) <= 121 + 1 + time.monotonic() - started  # one more each second
        assert guesser.ask("/influx/", NOBODY).status == 401  # that is no guess
        assert guesser.ask(f"/influx/{APP}", basic()).status == 200
        assert other.ask(path, WRONG, method="POST").status == 401


@pytest.mark.parametrize("path", ["/auth/login_flow", "/auth/login_flow/0123"])
def test_so_are_home_assistants_logins_and_nothing_else_of_it(fresh: Site, path: str) -> None:
    fresh.provision(NGINX_HTTPS_REDIRECT="false")
    fresh.nginx.start()
    with peer(fresh.lan, HOME_ASSISTANT, 8123, lambda _: Reply(b"ok")):
        stranger, family = fresh.client(OTHER_CLIENT), fresh.client(CLIENT)
        started = time.monotonic()
        statuses: list[int] = []
        while statuses.count(429) <= 10 and len(statuses) < 300:
            statuses.append(stranger.ask(path, method="POST", tls=False).status)
        assert set(statuses[:61]) == {200}
        assert statuses.count(429) > 10
        assert statuses.count(200) <= 61 + 1 + time.monotonic() - started
        assert stranger.ask("/auth/token", method="POST", tls=False).status == 200
        assert stranger.ask("/auth/authorize", tls=False).status == 200
        assert family.ask(path, method="POST", tls=False).status == 200


@pytest.mark.parametrize(
    ("path", "each", "together"), [("/configurator/", 110, 241), ("/auth/login_flow", 55, 181)]
)
def test_many_addresses_guess_no_faster_than_a_few(
    fresh: Site, path: str, each: int, together: int
) -> None:
    fresh.provision(NGINX_HTTPS_REDIRECT="false")
    fresh.nginx.start()
    add_attackers(fresh)
    with peer(fresh.lan, HOME_ASSISTANT, 8123, lambda _: Reply(b"ok")):
        started = time.monotonic()
        statuses: list[int] = []
        for address in ATTACKERS[:5]:
            guesser = fresh.client(address)
            for number in range(each):
                guess = basic(password=f"guess {number}")
                statuses.append(guesser.ask(path, guess, method="POST", tls=False).status)
        elapsed_s = time.monotonic() - started
        assert 429 not in statuses[: 2 * each]  # nor has one address shut out the other
        assert len(statuses) - statuses.count(429) <= together + 1 + 5 * elapsed_s
        assert statuses.count(429) > 10
