"""A link as a real kernel shows it, in a network of our own."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator

import pytest

from tests.integration.namespaces import Namespace
from tests.integration.worker_process import ROOT
from tests.required import required

pytestmark = pytest.mark.integration

ASK = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from hems.system.network import link_state; "


@pytest.fixture
def home() -> Iterator[Namespace]:
    """A machine with one cable, to a router that is switched on."""
    required("" if os.geteuid() == 0 else "a network namespace needs root")
    with contextlib.closing(Namespace()) as home:
        home.run("ip", "link", "add", "cable", "type", "veth", "peer", "name", "router")
        home.run("ip", "address", "add", "192.0.2.2/24", "dev", "cable")
        for end in ("cable", "router"):
            home.run("ip", "link", "set", end, "up")
        home.run("ip", "route", "add", "default", "via", "192.0.2.1")
        yield home


def has_link(home: Namespace) -> str:
    return home.run(sys.executable, "-c", f"{ASK}print(link_state.has_link())").strip()


def addresses(home: Namespace) -> set[str]:
    return set(home.run(sys.executable, "-c", f"{ASK}print(*link_state.addresses())").split())


def test_a_cable_with_a_default_route_is_a_link(home: Namespace) -> None:
    assert has_link(home) == "True"


def test_a_router_that_is_switched_off_is_no_link(home: Namespace) -> None:
    home.run("ip", "link", "set", "router", "down")
    assert has_link(home) == "False"
    home.run("ip", "link", "set", "router", "up")
    assert has_link(home) == "True"


@pytest.mark.parametrize(
    "end",
    [
        ("ip", "link", "set", "cable", "down"),
        ("ip", "link", "delete", "cable"),
        ("ip", "route", "delete", "default"),
    ],
)
def test_no_interface_or_no_route_is_no_link(home: Namespace, end: tuple[str, ...]) -> None:
    home.run(*end)
    assert has_link(home) == "False"


def test_every_address_of_every_interface_is_found(home: Namespace) -> None:
    home.run("ip", "address", "add", "198.51.100.7/24", "dev", "cable")
    home.run("ip", "address", "add", "203.0.113.1/24", "dev", "router")
    assert addresses(home) - {"127.0.0.1"} == {"192.0.2.2", "198.51.100.7", "203.0.113.1"}


def test_another_address_of_a_vpn_changes_nothing(home: Namespace) -> None:
    before = addresses(home)
    home.run("ip", "tuntap", "add", "vpn", "mode", "tun")
    for address in ("10.8.0.5", "10.8.0.6"):
        home.run("ip", "address", "add", f"{address}/32", "peer", "10.8.0.1", "dev", "vpn")
        assert addresses(home) == before
    home.run("ip", "address", "add", "10.8.0.7/32", "dev", "vpn")
    assert addresses(home) == before


def test_an_address_with_a_label_is_found(home: Namespace) -> None:
    label = ("label", "cable:1")
    home.run("ip", "address", "add", "198.51.100.7/24", "dev", "cable", *label)
    assert "198.51.100.7" in addresses(home)
