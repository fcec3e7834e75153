"""What the worker tells its supervisor: figures for machines, a line for people."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from hems.workers.iptables_init.keeper import Keeper


class Figures(msgspec.Struct, frozen=True):
    """X_HEMS_STATE of iptables-init."""

    mode: str  # enforce or report
    is_permitted: bool  # by CAP_NET_ADMIN, to see and set rules
    slots: dict[str, bool]  # "nf_tables filter/DOCKER-USER": are our rules in it
    problems: dict[str, str]  # of a backend that cannot be seen or set
    repairs: int
    fights: list[str]  # backends where another program keeps changing our rules
    forwarding: bool | None  # of the hotspot's interface; None while there is none


def figures(keepers: Sequence[Keeper], mode: str, forwarding: bool | None) -> Figures:
    """Return the figures; no keeper means no permission."""
    return Figures(
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
        forwarding=forwarding,
    )


def status(told: Figures, interface: str) -> str:
    """Return the figures as one line for people."""
    if not told.is_permitted:
        return "report only: no CAP_NET_ADMIN, rules can be neither seen nor set"
    parts = [] if told.fights else [_slots(told)]  # in a fight they come and go
    parts += [f"{name}: {problem.splitlines()[0]}" for name, problem in told.problems.items()]
    parts += [f"{name}: another program keeps changing our rules" for name in told.fights]
    if told.forwarding is False:
        parts.append(f"the kernel does not forward from {interface}")
    prefix = "report only: " if told.mode == "report" else ""
    return prefix + "; ".join(parts)


def _slots(told: Figures) -> str:
    missing = [name for name, is_filled in told.slots.items() if not is_filled]
    if missing:
        return f"our rules are missing in {', '.join(missing)}"
    if told.slots:
        return f"our rules stand in {', '.join(told.slots)}"
    return "nothing to open: neither a hotspot nor Docker has made rules"
