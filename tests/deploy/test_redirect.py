"""Port 80: on to HTTPS, but for what must work without."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.client import Client
from tests.deploy.lan import HOME_ASSISTANT, PROXY
from tests.deploy.peers import Peer, Reply, peer
from tests.deploy.site import UUID, Site
from tests.integration.namespaces import ENVIRON

pytestmark = pytest.mark.deploy


@pytest.fixture(scope="module")
def home_assistant(gateway: Site) -> Iterator[Peer]:
    with peer(gateway.lan, HOME_ASSISTANT, 8123, lambda _: Reply(b"Home Assistant")) as serving:
        yield serving


@pytest.mark.parametrize("path", ["/", "/influx/", "/configurator/", "/ca.crt/x", "/healthz2"])
def test_http_is_sent_on_to_https(client: Client, path: str) -> None:
    answer = client.ask(f"{path}?a=b", {"Host": "gateway.local"}, tls=False)
    assert (answer.status, answer.headers["Location"]) == (307, f"https://gateway.local{path}?a=b")


def test_the_health_check_is_answered(client: Client) -> None:
    assert client.ask("/healthz", tls=False).status == 204


@pytest.mark.parametrize(
    "host",
    [
        f"{UUID}.balena-devices.com",
        f"{UUID}.devices.example.org",
    ],
)
def test_the_public_device_url_is_not_redirected(
    client: Client, home_assistant: Peer, host: str
) -> None:
    assert client.ask("/", {"Host": host}, tls=False).body == b"Home Assistant"
    assert home_assistant.requests[-1].headers["X-Forwarded-Proto"] == "https"


@pytest.mark.parametrize("schemes", ["https", "HTTPS", "https, http", "https,http"])
def test_nor_is_what_other_tunnels_have_taken_over_https(
    client: Client, home_assistant: Peer, schemes: str
) -> None:
    headers = {"Host": "home.example.org", "X-Forwarded-Proto": schemes}
    assert client.ask("/", headers, tls=False).body == b"Home Assistant"
    assert home_assistant.requests[-1].headers["X-Forwarded-Proto"] == "https"


@pytest.mark.parametrize(
    "host",
    [
        f"{UUID[:31]}.example.org",
        f"x{UUID}.example.org",
        f"{UUID}{UUID[:30]}.balena-devices.com",
        f"{UUID[::-1]}.balena-devices.com",
    ],
)
def test_another_devices_name_and_one_that_only_looks_like_it_are_refused(
    client: Client, host: str
) -> None:
    assert client.ask("/", {"Host": host}, tls=False).status == 421


@pytest.mark.parametrize("schemes", ["http, https", "httpsx"])
def test_a_visitor_who_came_over_http_is(client: Client, schemes: str) -> None:
    assert client.ask("/", {"X-Forwarded-Proto": schemes}, tls=False).status == 307


@pytest.mark.parametrize(
    ("setting", "status"),
    [("false", 200), ("NO", 200), ("0", 200), ("true", 307), ("", 307), ("off", 307)],
)
def test_a_setting_turns_it_off(fresh: Site, setting: str, status: int) -> None:
    fresh.provision(NGINX_HTTPS_REDIRECT=setting)
    fresh.nginx.start()
    with peer(fresh.lan, HOME_ASSISTANT, 8123, lambda _: Reply(b"Home Assistant")) as serving:
        assert fresh.client().ask("/", tls=False).status == status
        if status == 200:
            assert serving.requests[-1].headers["X-Forwarded-Proto"] == "http"


# A mapping of nginx's that ends early, and a server that shows the card.
INJECTED = 'false";}}server{listen 8999;root /;autoindex on;}}map $a $b{default "'


@pytest.mark.parametrize("value", [INJECTED, "false;", "$request_uri", '"', "x\n}", "\\"])
def test_a_wrong_value_costs_only_itself_and_is_reported(fresh: Site, value: str) -> None:
    fresh.provision("nginx/doors.conf", NGINX_HTTPS_REDIRECT=value, OPEN_PORTS="8123")
    fresh.nginx.start(environ={**ENVIRON, "NGINX_HTTPS_REDIRECT": value})
    assert fresh.client().ask("/", tls=False).status == 307
    assert fresh.lan.house.reaches(PROXY, 8123, 1)
    assert not fresh.lan.house.reaches(PROXY, 8999, 1)
    log = (fresh.directory / "provision.log").read_text()
    assert "NGINX_HTTPS_REDIRECT: found" in log
    assert "expected true or false; the default is used" in log


def test_no_variable_of_a_fleet_reaches_nginx(fresh: Site) -> None:
    """Those of the image's scripts, nginx's own list of open sockets, and the loader's."""
    fresh.provision()
    hostile = {
        "NGINX": "99;",
        "NGINX_ENVSUBST_TEMPLATE_DIR": "/gateway",
        "NGINX_ENVSUBST_FILTER": ".",
        "NGINX_ENTRYPOINT_WORKER_PROCESSES_AUTOTUNE": "1",
        "OPENSSL_CONF": "/gateway/openssl.cnf",
        "remote_addr": "192.0.2.1",
    }
    fresh.nginx.start(environ={**ENVIRON, **hostile})
    assert Path(f"/proc/{fresh.nginx.pid}/environ").read_bytes() == b""
    assert fresh.client().ask("/", tls=False).status == 307


def test_without_a_certificate_there_is_no_redirect(fresh: Site) -> None:
    """The clock may be wrong for days."""
    fresh.provision()
    certificate = fresh.gateway / "tls" / "server.crt"
    aside = certificate.rename(certificate.with_name("aside"))
    fresh.nginx.start()
    with peer(fresh.lan, HOME_ASSISTANT, 8123, lambda _: Reply(b"Home Assistant")):
        assert fresh.client().ask("/", tls=False).body == b"Home Assistant"
        aside.rename(certificate)
        assert fresh.client().ask("/", tls=False).status == 307
