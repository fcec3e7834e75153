"""iptables-init beside balena's firewall of the host (HOST_FIREWALL_MODE), in its own networks."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.integration.host_firewall import OTHER_PORT, HostFirewall
from tests.integration.iptables_init import Worker
from tests.integration.namespaces import machine_rules
from tests.integration.worker_process import eventually

pytestmark = pytest.mark.integration

HEAL_S = 20.0  # loosely, for a busy machine
ON = "balena's firewall of the host is on"


@pytest.fixture(params=["legacy", "nft"])
def home(request: pytest.FixtureRequest) -> Iterator[HostFirewall]:
    firewall = HostFirewall(request.param)
    before = machine_rules()
    with firewall:
        yield firewall
    assert machine_rules() == before


def test_nginx_reaches_the_d2l_port_past_the_firewall(home: HostFirewall, tmp_path: Path) -> None:
    home.set_mode("on")
    assert not home.is_open()
    with Worker(home, tmp_path, period_s=1) as worker:
        eventually(home.is_open, HEAL_S, "the port is open")
        assert not home.is_open(OTHER_PORT)
        eventually(lambda: ON in worker.log(), HEAL_S, "the mode is reported")
        assert len(home.our_rules()) == 3
        assert worker.stop() == 0
    assert not home.is_open()
    assert home.our_rules() == []


def test_a_restart_of_the_supervisor_or_another_mode_never_closes_the_port(
    home: HostFirewall, tmp_path: Path
) -> None:
    home.set_mode("off")
    with Worker(home, tmp_path, period_s=1) as worker:
        eventually(lambda: bool(home.our_rules()), HEAL_S, "the rule is there")
        for mode in ("on", "on", "off", "on"):
            home.set_mode(mode)
            assert home.is_open()
            assert home.is_open(OTHER_PORT) is (mode == "off")
            eventually(partial(has_status, worker, mode), HEAL_S, f"the mode {mode} is reported")
        assert worker.log().count("3 inserted") == 1


def has_status(worker: Worker, mode: str) -> bool:
    return (ON in worker.log().rpartition("our rules are in ")[2]) is (mode == "on")


def test_a_rule_that_somebody_removed_returns(home: HostFirewall, tmp_path: Path) -> None:
    home.set_mode("on")
    with Worker(home, tmp_path, period_s=1):
        for _ in range(2):
            eventually(home.is_open, HEAL_S, "the port is open")
            home.gateway.run(home.iptables, "-F", "INPUT")
            home.set_mode("on")
        eventually(home.is_open, HEAL_S, "the port is open")


def test_another_iptables_understands_the_rule(home: HostFirewall, tmp_path: Path) -> None:
    home.set_mode("on")
    with Worker(home, tmp_path):
        eventually(home.is_open, HEAL_S, "the port is open")
        saved = home.gateway.run(f"{home.iptables}-save")
        (line,) = [line for line in saved.splitlines() if "--dport 7846" in line]
        assert line.startswith("-A INPUT -s 172.18.4.0/24 -d 172.18.4.0/24 -p tcp")
        home.gateway.run(f"{home.iptables}-restore", text=saved)
        assert home.is_open()
        assert not home.is_open(OTHER_PORT)
