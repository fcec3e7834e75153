"""The pages in a real browser, below their paths."""

from __future__ import annotations

import pytest

from tests.deploy import browser
from tests.deploy.browser import Visit
from tests.deploy.influx_page import CHUNK, Influxd
from tests.deploy.lan import INFLUXDB, PROXY
from tests.deploy.peers import peer
from tests.deploy.site import Site

pytestmark = pytest.mark.deploy


def visit(gateway: Site, path: str, expression: str) -> Visit:
    certificate = gateway.gateway / "tls" / "server.crt"
    visited: Visit = gateway.lan.house.call(lambda: browser.visit(path, certificate, expression))
    return visited


def strays(seen: Visit, prefix: str) -> list[str]:
    """Return what was asked for outside `prefix`, pictures in the page's own text apart."""
    own = (f"https://{PROXY}{prefix}", "data:")
    return [url for url in seen.requests if not url.startswith(own)]


@pytest.mark.parametrize("letter", ["n", "e"])
def test_influxdbs_page_loads_routes_signs_in_and_asks(gateway: Site, letter: str) -> None:
    browser.ready()
    with peer(gateway.lan, INFLUXDB, 8086, Influxd(letter)) as influxd:
        seen = visit(gateway, "/influx/", "document.title === 'ready'")
    assert (seen.console, seen.failures, strays(seen, "/influx/")) == ([], [], [])
    assert f"https://{PROXY}/influx/{CHUNK}" in seen.requests
    assert seen.path == "/influx/orgs/1"
    basic = [
        one.path for one in influxd.requests if "Basic" in one.headers.get("Authorization", "")
    ]
    assert basic == ["/api/v2/signin"]
