"""The real iptables-init beside a real NetworkManager access point, with a station on the air.

TCP goes between the station and the containers on Docker's bridge, which NetworkManager's rules
and Docker's each forbid in one direction. A station reaches nginx's doors only.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.hil.guest import PATHS, Guest
from tests.hil.home import (
    CONTAINER,
    CONTAINER_ADDRESS,
    HOTSPOT,
    NGINX_ADDRESS,
    STATION,
    start_in,
)

pytestmark = pytest.mark.hil

PORT = "7845"  # a door of nginx
WORKER = "iptables-init"
BOTH_WAYS, NO_WAY = (True, True), (False, False)


@dataclass(frozen=True)
class Site:
    """A hotspot with a station, and a container."""

    guest: Guest
    station_address: str

    def ways(self) -> tuple[bool, bool]:
        """Tell whether TCP passes from the station to nginx, and back."""
        return (
            self._passes(STATION, NGINX_ADDRESS),
            self._passes(CONTAINER, self.station_address),
        )

    def is_container_reached(self) -> bool:
        """Tell whether TCP passes from the station to another container."""
        return self._passes(STATION, CONTAINER_ADDRESS)

    def _passes(self, namespace: str, address: str) -> bool:
        talk = ["env", PATHS, "python3", "-m", "tests.hil.inside.talk", "to", address, PORT]
        return self.guest.succeeds("ip", "netns", "exec", namespace, *talk)


@pytest.fixture(scope="module")
def site(guest: Guest, container: None, station: str) -> Site:
    for namespace in (CONTAINER, STATION):
        talk = ["python3", "-m", "tests.hil.inside.talk", "listen", PORT]
        start_in(guest, namespace, f"talk-{namespace}", *talk, settings=["Type=notify"])
    return Site(guest, station)


@pytest.fixture
def worker(guest: Guest, site: Site) -> Iterator[None]:
    guest.start_worker(WORKER, {})
    yield
    guest.stop(WORKER)


def test_the_station_has_an_address_of_the_hotspot(site: Site) -> None:
    assert site.station_address.startswith("10.42.0.")


def test_without_the_worker_nothing_passes(site: Site) -> None:
    assert site.ways() == NO_WAY


def test_with_the_worker_both_reach_each_other(site: Site, worker: None) -> None:
    assert site.ways() == BOTH_WAYS
    assert not site.is_container_reached()


def test_both_reach_each_other_again_after_the_hotspot_was_opened_anew(
    site: Site, worker: None
) -> None:
    site.guest.run("nmcli", "--wait", "60", "connection", "down", HOTSPOT)
    site.guest.run("nmcli", "--wait", "60", "connection", "up", HOTSPOT)
    site.guest.until("both reach each other", lambda: site.ways() == BOTH_WAYS)


def test_nothing_passes_once_the_worker_has_ended(site: Site) -> None:
    site.guest.start_worker(WORKER, {})
    site.guest.stop(WORKER)
    assert site.ways() == NO_WAY
