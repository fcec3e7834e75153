"""TLS with the gateway's own CA."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from tests.deploy.client import Client
from tests.deploy.lan import PROXY
from tests.deploy.site import Site

pytestmark = pytest.mark.deploy


def served(client: Client) -> bytes | None:
    """Return the certificate that nginx shows, verified."""
    with client.secured() as connection:
        return connection.getpeercert(binary_form=True)


def test_the_gateways_ca_verifies_the_server(client: Client) -> None:
    assert client.ask("/healthz").status == 204


def test_another_gateways_ca_does_not(gateway: Site, fresh: Site) -> None:
    fresh.provision()
    with pytest.raises(ssl.SSLCertVerificationError):
        Client(gateway.lan, fresh.gateway / "tls" / "ca.crt").secured()


def test_the_ca_can_be_downloaded_as_what_a_phone_installs(gateway: Site, client: Client) -> None:
    for tls in (False, True):
        answer = client.ask("/ca.crt", tls=tls)
        assert answer.headers["Content-Type"] == "application/x-x509-ca-cert"
        assert answer.body == (gateway.gateway / "tls" / "ca.crt").read_bytes()


def test_nothing_else_of_its_directory_can(client: Client) -> None:
    assert client.ask("/server.key").status == 502  # Home Assistant's to answer


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_both_present_versions_are_spoken(client: Client, version: ssl.TLSVersion) -> None:
    context = client.context()
    context.minimum_version = context.maximum_version = version
    with client.secured(context) as connection:
        assert connection.version() == version.name.replace("_", ".")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_older_ones_are_not(client: Client) -> None:
    context = client.context()
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(ssl.SSLError, match=r"(?i)alert protocol version"):
        client.secured(context)


@pytest.mark.parametrize("port", [443, 8883])
@pytest.mark.parametrize("group", ["X25519", "P-256", "P-384", "P-521", "X448", "ffdhe8192"])
def test_a_client_chooses_no_exchange_of_keys_that_costs_much(
    gateway: Site, tmp_path: Path, port: int, group: str
) -> None:
    output = tmp_path / "output"
    words = ["openssl", "s_client", "-connect", f"{PROXY}:{port}", "-groups", group]
    gateway.lan.house.start(words, output=output).wait(20)
    is_spoken = "New, TLSv1.3" in output.read_text()
    assert is_spoken is (group in {"X25519", "P-256"})


def test_a_session_is_resumed(client: Client) -> None:
    context = client.context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2  # its session is there with the handshake
    with client.secured(context) as first:
        session = first.session
    with client.secured(context, session) as second:
        assert second.session_reused


def test_no_ticket_carries_a_session_out_of_the_gateway(client: Client) -> None:
    context = client.context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with client.secured(context) as connection:
        assert connection.session is not None
        assert not connection.session.has_ticket


def test_a_new_certificate_counts_at_once(gateway: Site, client: Client) -> None:
    before = served(client)
    gateway.provision(HEMS_PROVISION_NAMES=f"{PROXY},another.local")
    assert served(client) not in (None, before)
