"""The metrics of iptables-init, and the same as one line for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from hems.protocols.gateway.problem_kinds import FIREWALL_INCOMPLETE
from hems.supervision.worker.problem import ReportedProblem
from hems.workers.iptables_init.rule_keeper import RuleKeeper


class FirewallMetrics(msgspec.Struct, frozen=True):
    """The metrics of iptables-init."""

    mode: str  # enforce or report
    is_permitted: bool  # by CAP_NET_ADMIN, to read and set rules
    slots: dict[str, bool]  # "nf_tables filter/DOCKER-USER": whether our rules are in it
    problems: dict[str, str]  # of each backend whose rules cannot be read or set
    repairs: int
    fights: list[str]  # backends where another program keeps changing our rules
    is_host_firewall_on: bool  # balena's: HOST_FIREWALL_MODE on or auto
    forwarding: bool | None  # on the hotspot's interface; None while there is none


def metrics(keepers: Sequence[RuleKeeper], mode: str, forwarding: bool | None) -> FirewallMetrics:
    """Return the metrics; no keeper means no permission."""
    return FirewallMetrics(
        mode=mode,
        is_permitted=bool(keepers),
        slots={
            f"{keeper.name} {place}": is_filled
            for keeper in keepers
            for place, is_filled in keeper.slots.items()
        },
        problems={keeper.name: keeper.problem for keeper in keepers if keeper.problem},
        repairs=sum(keeper.repairs for keeper in keepers),
        fights=[keeper.name for keeper in keepers if keeper.is_in_fight],
        is_host_firewall_on=any(keeper.is_host_closed for keeper in keepers),
        forwarding=forwarding,
    )


def problems(metrics: FirewallMetrics) -> Iterator[ReportedProblem]:
    """Yield the problem that rules are missing, or do not stay; none if we may not set any."""
    if metrics.is_permitted and metrics.mode == "enforce":
        missing = not all(metrics.slots.values())
        if metrics.problems or metrics.fights or missing:
            yield FIREWALL_INCOMPLETE.found(_state(metrics))


def status(metrics: FirewallMetrics, interface: str) -> str:
    """Return the metrics as one line for people."""
    if not metrics.is_permitted:
        return "report only: without CAP_NET_ADMIN rules can be neither read nor set"
    parts = [_state(metrics)]
    if metrics.forwarding is False:
        parts.append(f"the kernel does not forward from {interface}")
    if metrics.is_host_firewall_on:
        parts.append("balena's firewall of the host is on")
    prefix = "report only: " if metrics.mode == "report" else ""
    return prefix + "; ".join(parts)


def _state(metrics: FirewallMetrics) -> str:
    parts = [] if metrics.fights else [_slots(metrics)]  # in a fight they change all the time
    parts += [f"{name}: {problem.splitlines()[0]}" for name, problem in metrics.problems.items()]
    parts += [f"{name}: another program keeps changing our rules" for name in metrics.fights]
    return "; ".join(parts)


def _slots(metrics: FirewallMetrics) -> str:
    missing = [name for name, is_filled in metrics.slots.items() if not is_filled]
    if missing:
        return f"our rules are missing in {', '.join(missing)}"
    if metrics.slots:
        return f"our rules are in {', '.join(metrics.slots)}"
    return "no rules needed: neither a hotspot nor Docker blocks anything"
