from ipaddress import IPv4Network
from pathlib import Path

import pytest

from hems.errors import Unavailable
from hems.system.network.link_state import has_link, interface_of

TITLE = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT"
DEFAULT = "{}\t00000000\t0102000A\t{}\t0\t0\t100\t00000000\t0\t0\t0        "
SUBNET = "{}\t0002000A\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0        "


class Kernel:
    """What it shows of its routes, and which interfaces run."""

    def __init__(self, directory: Path) -> None:
        self.routes = directory / "route"

    def shows_link(self, *lines: str, running: str = "") -> bool:
        self.routes.write_text("\n".join([TITLE, *lines]) + "\n")
        return has_link(self.routes, lambda name: name in running.split())


@pytest.fixture
def kernel(tmp_path: Path) -> Kernel:
    return Kernel(tmp_path)


def test_a_default_route_through_an_interface_that_runs_is_a_link(kernel: Kernel) -> None:
    routes = DEFAULT.format("eth0", "0003"), SUBNET.format("eth0")
    assert kernel.shows_link(*routes, running="eth0")


def test_without_a_carrier_it_is_none(kernel: Kernel) -> None:
    assert not kernel.shows_link(DEFAULT.format("eth0", "0003"), running="wlan0")


def test_a_hotspots_subnet_is_no_way_out(kernel: Kernel) -> None:
    assert not kernel.shows_link(SUBNET.format("wlan0"), running="wlan0")


def test_a_route_that_is_not_up_is_none(kernel: Kernel) -> None:
    assert not kernel.shows_link(DEFAULT.format("eth0", "0002"), running="eth0")


def test_one_usable_route_of_two_is_enough(kernel: Kernel) -> None:
    routes = DEFAULT.format("eth0", "0003"), DEFAULT.format("wlan0", "0003")
    assert kernel.shows_link(*routes, running="wlan0")


def test_half_a_default_route_is_none(kernel: Kernel) -> None:
    half = "tun0\t00000000\t00000000\t0001\t0\t0\t0\t00000080\t0\t0\t0"
    assert not kernel.shows_link(half, running="tun0")


def test_no_routes_at_all(kernel: Kernel) -> None:
    assert not kernel.shows_link(running="eth0")


def test_a_kernel_that_does_not_say_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="route cannot be read"):
        has_link(tmp_path / "route", lambda _: True)


def test_the_interface_of_a_network_is_known_by_its_address() -> None:
    assert interface_of(IPv4Network("127.0.0.0/8")) == "lo"
    assert interface_of(IPv4Network("0.0.0.0/32")) == ""
