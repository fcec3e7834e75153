"""The pages in a real browser, below their paths."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy import browser
from tests.deploy.browser import Visit
from tests.deploy.client import PASSWORD, USER
from tests.deploy.configurator import Configurator, Installed
from tests.deploy.influx_page import CHUNK, Influxd
from tests.deploy.lan import INFLUXDB, PROXY
from tests.deploy.peers import peer
from tests.deploy.site import Site

pytestmark = pytest.mark.deploy


def visit(gateway: Site, path: str, expression: str) -> Visit:
    certificate = gateway.gateway / "tls" / "server.crt"
    found: Visit = gateway.lan.house.call(lambda: browser.visit(path, certificate, expression))
    return found


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


@pytest.fixture
def editor(
    gateway: Site, installed_configurator: Installed, configurator_files: Path
) -> Iterator[Configurator]:
    running = Configurator(installed_configurator, configurator_files, port=3218)
    Path(running.config, "configuration.yaml").write_text("default_config:\n")
    running.make_login(USER, PASSWORD)
    gateway.lan.house.call(running.start)
    yield running
    running.stop()


def test_the_editors_page_lists_the_files(gateway: Site, editor: Configurator) -> None:
    browser.ready()
    listed = "document.body.innerText.includes('configuration.yaml')"
    seen = visit(gateway, "/configurator/", listed)
    assert (seen.console, seen.failures, strays(seen, "/configurator/")) == ([], [], [])
    assert len(seen.requests) > 10


def test_a_file_is_changed_through_nginx(gateway: Site, editor: Configurator) -> None:
    browser.ready()
    name = str(editor.config / "configuration.yaml")
    save = f"""$.post("api/save", {{filename: "{name}", text: "name: new"}}).then(() => true)"""
    seen = visit(gateway, "/configurator/", save)
    assert seen.failures == []
    assert (editor.config / "configuration.yaml").read_text() == "name: new"
