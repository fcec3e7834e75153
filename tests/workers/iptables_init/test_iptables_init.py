"""The whole worker in virtual time, on a packet filter in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Network

import pytest

from hems.errors import Unavailable
from hems.protocols.firewall.firewall_rule_types import ChainId, FirewallChain
from hems.settings.iptables_init import IptablesInitSettings
from hems.system.network.change_notifications import HasFileno, Notifications, Topic
from hems.workers.iptables_init import IptablesInit, Kernel
from tests.fakes.netfilter import FakeNetfilter, foreign
from tests.fakes.time import FakeNotifier, FakeTime, context

NM = ChainId("filter", "nm-sh-fw-wlan0")


@dataclass
class FakeNotifications(Notifications):
    """At each time of `rebuilds` NetworkManager recreates its chain and `topics` are notified."""

    time: FakeTime
    rules: FakeNetfilter
    rebuilds: list[float]
    topics: set[Topic]
    is_open: bool = False
    filled_at: list[float] = field(default_factory=list)

    def open(self) -> None:
        self.is_open = True

    def close(self) -> None:
        self.is_open = False

    def wait(self, stop: HasFileno, timeout_s: float) -> set[Topic]:
        if NM in self.rules.chains_by_place and len(self.rules.rules(NM)) == 3:
            self.filled_at.append(self.time.now)
        if self.rebuilds and self.rebuilds[0] <= self.time.now + timeout_s:
            self.time.wait(max(0.0, self.rebuilds.pop(0) - self.time.now))
            self.rules.put(NM, foreign())
            return self.topics
        self.time.wait(timeout_s)
        return set()


def is_forwarding(interface: str) -> bool:
    if interface != "wlan0":
        raise Unavailable("no such interface")
    return False


def interface_of(network: IPv4Network) -> str:
    return {"172.18.4.0/24": "br-1"}.get(str(network), "")


def run(
    until: float,
    rules: FakeNetfilter | None,
    *rebuilds: float,
    topic: Topic | None = Topic.RULES,
    **changes: object,
) -> tuple[FakeNotifications, FakeNotifier]:
    """Run the worker up to `until` (s)."""
    ctx, time, notifier = context(until)
    topics = {topic} if topic else set()
    notifications = FakeNotifications(time, rules or FakeNetfilter(), list(rebuilds), topics)
    settings = IptablesInitSettings(**changes)  # type: ignore[arg-type]
    backends = [rules] if rules else []
    kernel = Kernel(backends, notifications, is_forwarding, interface_of, time.pause)
    IptablesInit(settings, 7846, kernel, 30).run(ctx)
    return notifications, notifier


def test_ready_once_the_first_check_is_over() -> None:
    _, notifier = run(1.0, FakeNetfilter([FirewallChain(NM, "", (foreign(),))]))
    assert notifier.sent[:2] == [
        "status our rules are in fake filter/nm-sh-fw-wlan0; "
        "the kernel does not forward from wlan0",
        "ready",
    ]


def test_rules_are_back_one_debounce_after_the_chain_was_recreated() -> None:
    heard, _ = run(30.0, FakeNetfilter(), 7.0)
    assert min(heard.filled_at) == 7.15


def test_a_change_without_a_notification_is_repaired_by_the_next_regular_check() -> None:
    """Legacy iptables that is flushed without a change of a link."""
    heard, _ = run(30.0, FakeNetfilter(), 7.0, topic=None)
    assert min(heard.filled_at) == 15.0


@pytest.mark.parametrize(("mode", "is_filled"), [("enforce", True), ("report", False)])
def test_every_slot_that_exists_is_published_and_whether_it_is_filled(
    mode: str, is_filled: bool
) -> None:
    _, notifier = run(1.0, FakeNetfilter([FirewallChain(NM, "", (foreign(),))]), mode=mode)
    assert notifier.latest_metrics["slots"] == {"fake filter/nm-sh-fw-wlan0": is_filled}


def test_forwarding_that_is_off_is_published() -> None:
    _, notifier = run(1.0, FakeNetfilter())
    assert notifier.latest_metrics["forwarding"] is False


def test_it_beats_once_a_period_and_its_period_is_the_supervisors_at_most() -> None:
    _, notifier = run(60.0, FakeNetfilter(), period_s=3600.0)
    assert notifier.sent.count("alive") == 2


def test_its_rules_are_gone_when_it_has_stopped() -> None:
    rules = FakeNetfilter([FirewallChain(NM, "", (foreign(),))])
    heard, notifier = run(20.0, rules)
    assert rules.rules(NM) == (foreign(),)
    assert notifier.sent[-1] == "stopping"
    assert not heard.is_open


def test_the_bridges_name_is_in_the_rules() -> None:
    rules = FakeNetfilter([FirewallChain(ChainId("filter", "INPUT"), "accept", ())])
    run(1.0, rules)
    assert [rule.other_than for rule in rules.applied[0][0].insert] == ["", "br-1"]


def test_without_permission_it_says_so_and_goes_on() -> None:
    _, notifier = run(30.0, None)
    assert notifier.sent[0].startswith("status report only: without CAP_NET_ADMIN")
    assert notifier.sent.count("alive") == 2
    assert notifier.latest_metrics["is_permitted"] is False


def test_an_interface_that_is_not_there_is_neither_on_nor_off() -> None:
    _, notifier = run(1.0, FakeNetfilter(), interface="wlan1")
    assert notifier.latest_metrics["forwarding"] is None
