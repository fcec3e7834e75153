"""Files and pictures that Home Assistant shows: none runs script in the gateway's origin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.deploy import browser
from tests.deploy.client import Client
from tests.deploy.lan import HOME_ASSISTANT, PROXY
from tests.deploy.peers import HttpRequest, Reply, peer
from tests.deploy.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.deploy
SCRIPT = "document.documentElement.setAttribute('origin', self.origin)"
XHTML = f'<html xmlns="http://www.w3.org/1999/xhtml"><script>{SCRIPT}</script></html>'
SVG = f'<svg xmlns="http://www.w3.org/2000/svg"><script>{SCRIPT}</script></svg>'
FILES = {
    "/local/a.svg": ("image/svg+xml", SVG),
    "/local/a/b.html": ("text/html; charset=utf-8", f"<html><script>{SCRIPT}</script></html>"),
    "/local/a.xhtml": ("application/xhtml+xml", XHTML),
    "/media/local/a.xml": ("application/xml", XHTML),
    "/hacsfiles/a.svg": ("image/SVG+XML", SVG),
}
PICTURES = {f"/api/{kind}_proxy/{kind}.a": ("image/svg+xml", SVG) for kind in ("image", "camera")}
OWN = {"/": ("text/html", f"<html><script>{SCRIPT}</script></html>")}
USED = {"/local/card.js": ("text/javascript", ""), "/local/a.png": ("image/png", "")}


def home_assistant(request: HttpRequest) -> Reply:
    kind, text = {**FILES, **PICTURES, **OWN, **USED}.get(request.path, ("text/plain", ""))
    return Reply(text.encode(), kind)


def test_a_file_that_is_opened_has_an_origin_of_its_own(gateway: Site) -> None:
    browser.ready()
    certificate = gateway.gateway / "tls" / "server.crt"

    def origin(page: Page, path: str) -> str | None:
        page.goto(f"https://{PROXY}{path}")
        return page.locator(":root").get_attribute("origin")

    def inside() -> dict[str, str | None]:
        with browser.opened(certificate) as (page, _):
            return {path: origin(page, path) for path in (*FILES, *PICTURES, *OWN)}

    with peer(gateway.lan, HOME_ASSISTANT, 8123, home_assistant):
        origins = gateway.lan.house.call(inside, 100)
    ran_nothing = dict.fromkeys(PICTURES)
    assert origins == {**dict.fromkeys(FILES, "null"), **ran_nothing, "/": f"https://{PROXY}"}


@pytest.mark.parametrize(
    "path", ["/local/%61.svg", "/%6cocal/a.svg", "/local//a.svg", "/x/../local/a.svg"]
)
def test_another_way_to_write_the_address_changes_nothing(
    gateway: Site, client: Client, path: str
) -> None:
    reply = Reply(SVG.encode(), "image/svg+xml")
    with peer(gateway.lan, HOME_ASSISTANT, 8123, lambda _: reply):
        assert client.ask(path).headers["Content-Security-Policy"].startswith("sandbox ")


@pytest.mark.parametrize("path", ["/api/image_proxy_stream/a", "/api/media_player_proxy/a/b"])
@pytest.mark.parametrize("kind", ["image/jpeg", "multipart/x-mixed-replace; boundary=a"])
def test_a_picture_of_any_type_runs_nothing(
    gateway: Site, client: Client, path: str, kind: str
) -> None:
    with peer(gateway.lan, HOME_ASSISTANT, 8123, lambda _: Reply(b"picture", kind)):
        headers = client.ask(f"{path}?token=a").headers
    assert headers.get_all("Content-Security-Policy") == ["sandbox"]


def test_pages_and_cards_of_home_assistant_are_as_they_were(gateway: Site, client: Client) -> None:
    with peer(gateway.lan, HOME_ASSISTANT, 8123, home_assistant):
        for path in (*OWN, *USED):
            assert "Content-Security-Policy" not in client.ask(path).headers
