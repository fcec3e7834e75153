"""iptables-init beside the real NetworkManager, against the rules of Docker 20, 28 and 29.

Everything is in network namespaces of the tests' own; the machine's rules stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from hems.protocols.firewall.firewall_rule_types import COMMENT
from hems.settings.doors import DOORS
from tests.integration.docker_rules import DOCKER_20, DOCKER_28, DOCKER_29_NFT
from tests.integration.hotspot import STATION, Firewall, Hotspot, ready
from tests.integration.iptables_init import Worker
from tests.integration.namespaces import machine_rules
from tests.integration.worker_process import eventually

pytestmark = pytest.mark.integration

HEAL_S = 20.0  # loosely, for a busy machine; the bench measures it
NM, USER, RAW = "filter/nm-sh-fw-wlan0", "filter/DOCKER-USER", "raw/PREROUTING"
NAT, INPUT = "nat/POSTROUTING", "filter/INPUT"
NM_NFT = "nf_tables nm-shared-wlan0/filter_forward"
NAT_NFT = "nf_tables nm-shared-wlan0/nat_postrouting"


@dataclass(frozen=True)
class Combination:
    """`slots`: what the worker has to fill; NetworkManager blocks the way to the hotspot always."""

    name: str
    firewall: Firewall
    blocks_way_to_container: bool
    slots: set[str]


BALENA = Combination(
    "Docker 20 and NetworkManager on legacy iptables, as on balenaOS",
    Firewall("iptables", "legacy", DOCKER_20, "legacy"),
    blocks_way_to_container=False,
    slots={f"iptables-legacy {one}" for one in (NM, USER, NAT, INPUT)},
)
NATIVE = Combination(
    "Docker 29 and NetworkManager on nftables",
    Firewall("nftables", "nft", DOCKER_29_NFT, ""),
    blocks_way_to_container=True,
    slots={
        NM_NFT,
        NAT_NFT,
        "nf_tables docker-bridges/filter-FORWARD",
        "nf_tables docker-bridges/raw-PREROUTING",
    },
)
NFT_FLAVOUR = Combination(
    "Docker 20 and NetworkManager on nft-flavoured iptables",
    Firewall("iptables", "nft", DOCKER_20, "nft"),
    blocks_way_to_container=False,
    slots={f"nf_tables {one}" for one in (NM, USER, NAT, INPUT)},
)
COMBINATIONS = [
    BALENA,
    NFT_FLAVOUR,
    Combination(
        "Docker 20 on legacy iptables, NetworkManager on nft-flavoured iptables",
        Firewall("iptables", "nft", DOCKER_20, "legacy"),
        blocks_way_to_container=True,
        slots={f"nf_tables {one}" for one in (NM, NAT, INPUT)}
        | {f"iptables-legacy {one}" for one in (USER, INPUT)},
    ),
    Combination(
        "Docker 20 on legacy iptables, NetworkManager on nftables",
        Firewall("nftables", "legacy", DOCKER_20, "legacy"),
        blocks_way_to_container=True,
        slots={NM_NFT, NAT_NFT, f"iptables-legacy {USER}", f"iptables-legacy {INPUT}"},
    ),
    Combination(
        "Docker 28 and NetworkManager on legacy iptables",
        Firewall("iptables", "legacy", DOCKER_28, "legacy"),
        blocks_way_to_container=True,
        slots={f"iptables-legacy {one}" for one in (NM, USER, RAW, NAT, INPUT)},
    ),
    Combination(
        "Docker 28 on nft-flavoured iptables, NetworkManager on nftables",
        Firewall("nftables", "nft", DOCKER_28, "nft"),
        blocks_way_to_container=True,
        slots={NM_NFT, NAT_NFT, f"nf_tables {USER}", f"nf_tables {RAW}"},
    ),
    NATIVE,
]


@pytest.fixture(autouse=True)
def _machine_is_left_alone() -> Iterator[None]:
    ready()
    before = machine_rules()
    yield
    assert machine_rules() == before


def is_as_wanted(home: Hotspot) -> bool:
    return home.is_open() and home.is_bridge_closed()


def is_blocked(home: Hotspot, combination: Combination) -> bool:
    blocked = not home.reaches_station(), not home.reaches_container()
    return blocked == (True, combination.blocks_way_to_container)


@pytest.mark.parametrize("combination", COMBINATIONS, ids=lambda one: one.name)
def test_the_bridge_and_the_hotspot_are_connected_whatever_happens_to_the_rules(
    combination: Combination, tmp_path: Path
) -> None:
    with Hotspot(tmp_path, combination.firewall) as home:
        assert is_blocked(home, combination)
        with Worker(home, tmp_path, period_s=1) as worker:
            eventually(lambda: is_as_wanted(home), HEAL_S, "open at first")
            eventually(lambda: worker.slots() == combination.slots, HEAL_S, "every slot is logged")
            assert home.address_at_nginx() == STATION
            home.make_chain_anew()
            eventually(lambda: is_as_wanted(home), HEAL_S, "after the connection was down and up")
            home.stop_manager()
            home.start_manager()
            eventually(lambda: is_as_wanted(home), HEAL_S, "after NetworkManager was restarted")
            rules = sorted(home.our_chains())
            home.flush_filters()
            eventually(lambda: sorted(home.our_chains()) == rules, HEAL_S, "rules after a flush")
            home.make_chain_anew()
            eventually(lambda: is_as_wanted(home), HEAL_S, "the hotspot is open")
            assert worker.stop() == 0
            assert home.our_chains() == []
            assert is_blocked(home, combination)


@pytest.mark.parametrize("combination", [BALENA, NATIVE], ids=lambda one: one.name)
def test_the_kernels_notifications_are_enough(combination: Combination, tmp_path: Path) -> None:
    with Hotspot(tmp_path, combination.firewall) as home, Worker(home, tmp_path, period_s=3600):
        eventually(home.is_open, HEAL_S, "open at first")
        home.make_chain_anew()
        eventually(home.is_open, HEAL_S, "open after the connection was down and up")


def test_a_hotspot_that_comes_up_later_is_opened(tmp_path: Path) -> None:
    with Hotspot(tmp_path, BALENA.firewall) as home:
        home.nmcli("connection", "down", "hotspot")
        with Worker(home, tmp_path, period_s=3600) as worker:
            docker = {f"iptables-legacy {USER}", f"iptables-legacy {INPUT}"}
            eventually(lambda: worker.slots() == docker, HEAL_S, "two slots are filled")
            home.nmcli("connection", "up", "hotspot")
            eventually(home.is_open, HEAL_S, "open once it is up")


def test_reporting_touches_nothing(tmp_path: Path) -> None:
    with Hotspot(tmp_path, BALENA.firewall) as home:
        with Worker(home, tmp_path, mode="report") as worker:
            eventually(lambda: "report only: " in worker.log(), HEAL_S, "it has looked")
            assert f"our rules are missing in iptables-legacy {NM}" in worker.log()
            assert worker.stop() == 0
        assert home.our_chains() == []
        assert is_blocked(home, BALENA)


def test_rules_of_a_killed_worker_are_taken_over(tmp_path: Path) -> None:
    with Hotspot(tmp_path, NATIVE.firewall) as home:
        with Worker(home, tmp_path) as first:
            eventually(lambda: first.slots() == NATIVE.slots, HEAL_S, "its rules stand")
            first.process.kill()
            first.process.wait(10)
        rules = home.our_chains()
        with Worker(home, tmp_path) as second:
            eventually(lambda: second.slots() == NATIVE.slots, HEAL_S, "it has looked")
            assert home.our_chains() == rules
            assert "inserted" not in second.log()
        assert home.our_chains() == []


@pytest.mark.parametrize("combination", [BALENA, NFT_FLAVOUR], ids=lambda one: one.name)
def test_a_drop_on_top_of_our_rules_does_not_stay_there(
    combination: Combination, tmp_path: Path
) -> None:
    iptables = f"iptables-{combination.firewall.iptables}"
    with Hotspot(tmp_path, combination.firewall) as home, Worker(home, tmp_path, period_s=1):
        eventually(home.is_open, HEAL_S, "open at first")
        home.gateway.run(iptables, "-I", "nm-sh-fw-wlan0", "-o", "wlan0", "-j", "DROP")
        eventually(home.reaches_station, HEAL_S, "open past the new rule")


def test_rules_that_somebody_saved_and_restored_are_still_ours(tmp_path: Path) -> None:
    with Hotspot(tmp_path, NFT_FLAVOUR.firewall) as home, Worker(home, tmp_path) as worker:
        eventually(lambda: worker.slots() == NFT_FLAVOUR.slots, HEAL_S, "its rules stand")
        saved = home.gateway.run("iptables-nft-save")
        home.gateway.run("iptables-nft-restore", text=saved)
        assert home.our_chains() == []  # the comments are hidden now
        inserted = 3 + 1 + len(DOORS) + 2  # into NetworkManager's chains, Docker's and INPUT
        assert home.gateway.run("iptables-nft-save").count(COMMENT) == inserted
        assert worker.stop() == 0
        assert COMMENT not in home.gateway.run("iptables-nft-save")
        assert worker.log().count("inserted") == 4 + 4  # into each slot, and none at the end


def test_forwarding_that_is_off_is_reported_and_left_off(tmp_path: Path) -> None:
    with Hotspot(tmp_path, NATIVE.firewall) as home:
        home.gateway.run("sysctl", "-qw", "net.ipv4.conf.wlan0.forwarding=0")
        with Worker(home, tmp_path) as worker:
            line = "the kernel does not forward from wlan0"
            eventually(lambda: line in worker.log(), HEAL_S, "it is reported")
        assert home.gateway.run("sysctl", "-n", "net.ipv4.conf.wlan0.forwarding") == "0\n"


def test_without_the_capability_it_stays_and_says_so_once(tmp_path: Path) -> None:
    with Hotspot(tmp_path, BALENA.firewall) as home:
        dropped = ("setpriv", "--bounding-set", "-net_admin")
        with Worker(home, tmp_path, period_s=1, through=dropped) as worker:
            eventually(lambda: "without CAP_NET_ADMIN" in worker.log(), HEAL_S, "it says so")
            assert worker.process.poll() is None
            assert worker.stop() == 0
        assert worker.log().count("\n") == 1
