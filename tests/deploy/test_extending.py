"""The service of docs/extending.md behind the real nginx: reachable with the password only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from tests import extended_tree
from tests.deploy import nginx
from tests.deploy.client import Client, basic
from tests.deploy.peers import Peer, Reply, peer
from tests.deploy.site import Site, site

pytestmark = pytest.mark.deploy

GRAFANA, PORT = "172.18.4.9", 3000
PAGE = "/grafana/d/1?orgId=1"


@pytest.fixture
def extended(tmp_path: Path, mocker: MockerFixture) -> Iterator[Site]:
    nginx.ready()
    tree = tmp_path / "tree"
    tree.mkdir()
    extended_tree.make(tree)
    mocker.patch("tests.deploy.nginx.FILES", tree / "services/nginx-reverse-proxy/nginx")
    with site(tmp_path) as gateway:
        gateway.lan.house.run("ip", "address", "add", f"{GRAFANA}/24", "dev", "br-hems")
        gateway.provision()
        gateway.nginx.start()
        yield gateway


@pytest.fixture
def grafana(extended: Site) -> Iterator[Peer]:
    with peer(extended.lan, GRAFANA, PORT, lambda _: Reply(b"ok")) as serving:
        yield serving


def test_the_page_needs_the_password_and_does_not_pass_it_on(extended: Site, grafana: Peer) -> None:
    client: Client = extended.client()
    assert client.ask(PAGE, {}).status == 401
    assert client.ask(PAGE, basic(password="wrong")).status == 401
    assert grafana.requests == []
    assert client.ask(PAGE, basic()).status == 200
    [request] = grafana.requests
    assert request.path == PAGE
    assert "Authorization" not in request.headers
