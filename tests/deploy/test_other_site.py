"""A page of another site in a real browser: it gets nobody banned, with TLS or without."""

from __future__ import annotations

import pytest

from tests.deploy import browser
from tests.deploy.lan import BRIDGE, HOME_ASSISTANT, PROXY
from tests.deploy.peers import Peer, Reply, peer
from tests.deploy.site import Site

pytestmark = pytest.mark.deploy

FOREIGN = f"http://{BRIDGE}:8000/"  # private, as the gateway: a browser may ask for more from there
# Every way in which a page can ask another site for something, without leave of that site.
PAGE = """<!doctype html><title>other</title><meta name=referrer content=no-referrer><body><script>
const at = '%s';
const add = (name, properties) => document.body.append(
  Object.assign(document.createElement(name), properties));
for (let i = 0; i < 12; i++) {
  add('img', {src: `${at}/api/states?${i}`});
  add('img', {src: `${at}/api/camera_proxy/x?authSig=forged${i}`});
  add('script', {src: `${at}/api/config?${i}`});
  fetch(`${at}/api/states?${i}`, {mode: 'no-cors', credentials: 'include'}).catch(() => 0);
  fetch(`${at}/api/states?${i}`, {headers: {Authorization: 'Bearer x'}}).catch(() => 0);
  fetch(`${at}/auth/login_flow`, {mode: 'no-cors', method: 'POST', body: '{}'}).catch(() => 0);
  navigator.sendBeacon(`${at}/auth/token`, 'grant_type=x');
  new WebSocket(`${at.replace('http', 'ws')}/api/websocket`);
}
add('iframe', {src: `${at}/api/states?frame`});
add('iframe', {srcdoc: `<img src="${at}/api/states?sandbox">`, sandbox: ''});
add('link', {rel: 'stylesheet', href: `${at}/api/states?style`});
add('form', {method: 'post', action: `${at}/auth/login_flow`, target: 'x', id: 'f'});
add('iframe', {name: 'x'});
document.getElementById('f').submit();
setTimeout(() => { document.title = 'done'; }, 3000);
</script>"""


@pytest.fixture(scope="module")
def doors(gateway: Site) -> Site:
    """The gateway with Home Assistant's own door open."""
    gateway.provision("nginx/doors.conf", OPEN_PORTS="8123")
    gateway.nginx.stop()
    gateway.nginx.start()
    return gateway


def visit(site: Site, *, own: str, other: str) -> None:
    """Open Home Assistant's page at `own`, then the page at `other`, in the same browser."""

    def browse() -> None:
        with browser.opened(site.gateway / "tls" / "server.crt") as (page, _):
            page.goto(own)
            page.goto(other)
            page.wait_for_function("document.title === 'done'")

    site.lan.house.call(browse, 60)


@pytest.mark.parametrize("target", [f"https://{PROXY}", f"http://{PROXY}:8123"])
def test_a_page_of_another_site_gets_nothing_to_home_assistant(doors: Site, target: str) -> None:
    browser.ready()
    other = Reply((PAGE % target).encode(), "text/html")
    with (
        peer(doors.lan, HOME_ASSISTANT, 8123, own_page) as home_assistant,
        peer(doors.lan, BRIDGE, 8000, lambda _: other),
    ):
        visit(doors, own=f"{target}/", other=FOREIGN)
    assert "/api/image_proxy/own" in paths(home_assistant)  # the gateway's own page may
    assert [one for one in paths(home_assistant) if "own" not in one and one != "/"] == []


def own_page(request: object) -> Reply:
    return Reply(b"<title>own</title><img src=/api/image_proxy/own>", "text/html")


def paths(served: Peer) -> list[str]:
    return [one.path for one in served.requests if one.path != "/favicon.ico"]
