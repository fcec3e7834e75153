"""Find the Zigbee router behind several silent devices: one that is away takes its children along.

ZHA lists the neighbours of each router, and keeps the list while the router is away.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from hems.clients.home_assistant.zha_responses import ZhaDevice

ROUTER, CHILD = "Router", "Child"  # as ZHA writes them


class LostRouter(NamedTuple):
    """A router that is away, and the silent devices that send through it, by their ids."""

    device_id: str
    name: str
    children: tuple[str, ...]


def lost_routers(devices: Iterable[ZhaDevice], silent: Collection[str]) -> Iterator[LostRouter]:
    """Yield each router that is away with children; `silent` are the ids of silent devices.

    A router is away if ZHA says so, or if it is silent itself.
    """
    known = [one for one in devices if one.device_reg_id]
    ids = {one.ieee: one.device_reg_id for one in known}
    for router in known:
        is_away = not router.available or router.device_reg_id in silent
        if router.device_type != ROUTER or not is_away:
            continue
        of_router = (ids.get(one.ieee, "") for one in router.neighbors if one.relationship == CHILD)
        if children := tuple(sorted(one for one in of_router if one in silent)):
            yield LostRouter(router.device_reg_id, router.shown_name, children)
