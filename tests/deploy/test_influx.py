"""InfluxDB's page and API below /influx/."""

from __future__ import annotations

import gzip
import re

import pytest

from tests.deploy import influx_page
from tests.deploy.client import Client, basic
from tests.deploy.influx_page import APP, CHUNK, JSON, PICTURE, SESSION, STYLE, Influxd
from tests.deploy.peers import Peer
from tests.deploy.site import Site

pytestmark = pytest.mark.deploy

TOKEN = {"Authorization": influx_page.TOKEN}


def text(client: Client, path: str) -> str:
    answer = client.ask(path, basic())
    assert answer.status == 200
    return answer.body.decode()


@pytest.mark.parametrize("path", ["/influx/", "/influx/signin", "/influx/orgs/1/data-explorer"])
def test_every_view_is_the_page_with_all_addresses_below_influx(
    client: Client, influxd: Peer, path: str
) -> None:
    page = text(client, path)
    assert re.findall(r' (?:href|src)="([^"]*)"', page) == [
        "/influx/",
        "/influx/favicon.ico",
        f"/influx/{STYLE}",
        f"/influx/{APP}",
    ]
    assert 'data-basepath="/influx"' in page


@pytest.mark.parametrize("letter", ["n", "e", "a", "__webpack_require__", "$"])
def test_the_public_path_is_found_whatever_the_letter(
    gateway: Site, client: Client, influxd: Peer, letter: str
) -> None:
    influxd.respond = Influxd(letter)
    script = text(client, f"/influx/{APP}")
    assert f'{letter}.p="/influx/"' in script
    assert '.p="/"' not in script


def test_the_api_is_called_below_influx_in_every_form(client: Client, influxd: Peer) -> None:
    script = text(client, f"/influx/{APP}")
    for expected in ('"/influx/api/v2/me"', "`/influx/api/v2/users/", "}influx/api/v2/query?"):
        assert expected in script
    assert "}/influx/health`" in script
    assert not re.findall(r'["`]/api/|}api/|}/health', script)


def test_styles_find_their_pictures(client: Client, influxd: Peer) -> None:
    assert f"url(/influx/{PICTURE})" in text(client, f"/influx/{STYLE}")


def test_a_browser_gets_scripts_compressed_and_rewritten(client: Client, influxd: Peer) -> None:
    answer = client.ask(f"/influx/{APP}", {"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert b'"/influx/api/' in gzip.decompress(answer.body)
    assert influxd.requests[-1].headers["Accept-Encoding"] is None


@pytest.mark.parametrize("path", ["/influx/api/v2/me", "/influx/api/v2/deep/a.js"])
def test_the_apis_answers_are_not_touched(client: Client, influxd: Peer, path: str) -> None:
    assert client.ask(path, TOKEN).body == JSON
    assert influxd.requests[-1].path == path.removeprefix("/influx")


def test_a_query_keeps_its_arguments_and_body(client: Client, influxd: Peer) -> None:
    body = b'{"query":"from(bucket: \\"a\\")"}'
    path = "/influx/api/v2/query?orgID=1&x=%2Fapi%2F"
    assert client.ask(path, TOKEN, method="POST", body=body).status == 200
    assert influxd.requests[-1].path == "/api/v2/query?orgID=1&x=%2Fapi%2F"
    assert influxd.requests[-1].body == body


def test_the_sessions_cookie_is_for_our_path(client: Client, influxd: Peer) -> None:
    login = basic(influx_page.USER, influx_page.PASSWORD)
    answer = client.ask("/influx/api/v2/signin", login, method="POST")
    assert answer.status == 204
    assert "Path=/influx/api/;" in answer.headers["Set-Cookie"]


def test_a_session_works_although_the_browser_adds_the_gateways_password(
    client: Client, influxd: Peer
) -> None:
    answer = client.ask("/influx/api/v2/me", basic() | {"Cookie": SESSION})
    assert answer.status == 200


@pytest.mark.parametrize("path", ["/influx/", "/influx/api/v2/me"])
def test_no_visitor_turns_a_connection_to_influxdb_into_another_protocol(
    client: Client, influxd: Peer, path: str
) -> None:
    client.ask(path, basic() | {"Upgrade": "h2c", "Connection": "Upgrade"})
    assert influxd.requests[-1].headers["Upgrade"] is None
    assert influxd.requests[-1].headers["Connection"] == "close"


def test_the_address_without_a_slash_leads_to_the_page(client: Client) -> None:
    answer = client.ask("/influx")
    assert (answer.status, answer.headers["Location"]) == (307, "/influx/")


def test_scripts_load_without_a_password(client: Client, influxd: Peer) -> None:
    assert client.ask(f"/influx/{CHUNK}").status == 200
