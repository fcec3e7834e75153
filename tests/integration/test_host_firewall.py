"""iptables-init beside balena's firewall of the host (HOST_FIREWALL_MODE), in its own networks."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from hems.protocols.firewall.firewall_rule_types import COMMENT
from tests.integration.host_firewall import OTHER_PORT, HostFirewall
from tests.integration.iptables_init import Worker
from tests.integration.namespaces import machine_rules
from tests.integration.notify_receiver import NotifyReceiver
from tests.integration.worker_process import eventually

pytestmark = pytest.mark.integration

HEAL_S = 20.0  # loosely, for a busy machine
ON = "balena's firewall of the host is on"
INCOMPLETE, FIGHT = "firewall-incomplete", "another program keeps changing our rules"
QUIET_S = 60.0  # until a fight is over


@pytest.fixture(params=["legacy", "nft"])
def home(request: pytest.FixtureRequest) -> Iterator[HostFirewall]:
    firewall = HostFirewall(request.param)
    before = machine_rules()
    with firewall:
        yield firewall
    assert machine_rules() == before


@pytest.fixture
def reports(tmp_path: Path) -> Iterator[NotifyReceiver]:
    with NotifyReceiver(tmp_path) as receiver:
        yield receiver


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


def remove_rules(home: HostFirewall) -> None:
    """Remove the rules of iptables-init without a look at the lock that a program holds."""
    save, restore = f"{home.iptables}-save", f"{home.iptables}-restore"
    rules = [line for line in home.gateway.run(save).splitlines() if COMMENT not in line]
    another = ("env", "XTABLES_LOCKFILE=/run/another.lock")
    home.gateway.run(*another, restore, text="\n".join([*rules, ""]))


@pytest.mark.parametrize("home", ["legacy"], indirect=True)
def test_rules_that_cannot_be_set_are_a_problem_until_they_can(
    home: HostFirewall, tmp_path: Path, reports: NotifyReceiver
) -> None:
    """Another program holds the lock of iptables."""
    home.gateway.run("mount", "-t", "tmpfs", "tmpfs", "/run")  # a lock of its own
    home.set_mode("on")
    lock = Path(f"/proc/{home.gateway.pid}/root/run/xtables.lock")
    with Worker(home, tmp_path, period_s=1, NOTIFY_SOCKET=reports.path):
        for _ in range(2):
            eventually(home.is_open, HEAL_S, "the port is open")
            eventually(lambda: reports.has_none(INCOMPLETE), HEAL_S, "no problem")
            with lock.open("w") as held:
                fcntl.flock(held, fcntl.LOCK_EX)
                remove_rules(home)
                assert not home.is_open()
                eventually(lambda: reports.has(INCOMPLETE), HEAL_S, "the problem")
        eventually(lambda: reports.has_none(INCOMPLETE), HEAL_S, "its end")
        assert home.is_open()


@pytest.mark.parametrize("home", ["nft"], indirect=True)
def test_a_program_that_keeps_removing_the_rules_is_a_problem_until_it_ends(
    home: HostFirewall, tmp_path: Path, reports: NotifyReceiver
) -> None:
    home.set_mode("on")

    def remove() -> bool:
        home.gateway.run(home.iptables, "-F", "INPUT")
        home.set_mode("on")
        return reports.has(INCOMPLETE) and FIGHT in reports.newest()["STATUS"]

    notify = {"NOTIFY_SOCKET": reports.path}
    with Worker(home, tmp_path, (), period_s=1, max_repairs_per_minute=3, **notify):
        eventually(home.is_open, HEAL_S, "the port is open")
        eventually(lambda: reports.has_none(INCOMPLETE), HEAL_S, "no problem")
        eventually(remove, QUIET_S, "the problem")
        eventually(lambda: reports.has_none(INCOMPLETE), 2 * QUIET_S, "its end")
        assert home.is_open()
