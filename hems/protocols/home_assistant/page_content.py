"""What the pages for people are made of: the home's devices, and who reads in which language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from hems.protocols.home_assistant.entity_registry import DeviceEntities
from hems.protocols.meters.meter_register import Meter
from hems.protocols.meters.meter_roles import Role
from hems.protocols.translations import known_language


class Audience(NamedTuple):
    """Who sees a page in `language`: the ids of these users; everybody if there are none."""

    language: str
    users: tuple[str, ...] = ()


@dataclass(frozen=True)
class PageContent:
    """The devices: `meters` are all but the Linky's. `roles` are by meter id, or name of a Linky.

    `subscribed_va` is the power of the contract, None if it is not known. `energy_sources` are the
    types of source in the energy dashboard, and "device" if it has devices. `signals` has the
    entity with the strength of a meter's radio signal, by the id of its device. `home_assistant` is
    the version of it.
    """

    linkys: tuple[DeviceEntities, ...] = ()
    homes: tuple[DeviceEntities, ...] = ()
    gateways: tuple[DeviceEntities, ...] = ()
    meters: Sequence[Meter] = ()
    roles: Mapping[str, Role] = field(default_factory=dict)
    subscribed_va: float | None = None
    energy_sources: frozenset[str] = frozenset()
    signals: Mapping[str, str] = field(default_factory=dict)
    home_assistant: str = ""

    def entity(self, *keys: str) -> str | None:
        """Return the entity of the first key that the home or its Linky has, None without one."""
        own = [one for one in self.linkys if self.role_of_linky(one) is not Role.NONE]
        for key in keys:
            for node in (*self.homes, *own):
                if key in node.entities:
                    return node.entities[key]
        return None

    def role_of_linky(self, linky: DeviceEntities) -> Role:
        """Return the role of a Linky: nearly all are at the grid, a neighbour's does not count."""
        return self.roles.get(linky.name, Role.GRID)

    def of_gateway(self, key: str) -> str | None:
        """Return the gateway's entity of this key, None without one."""
        return next((one.entities[key] for one in self.gateways if key in one.entities), None)


def audiences(languages: Mapping[str, str], default: str) -> tuple[Audience, ...]:
    """Return who reads which page, that in the `default` language first.

    `languages` has the language that each user has chosen, empty for none, by the user's id.
    """
    default = known_language(default)
    of_users: dict[str, list[str]] = {default: []}
    for user, language in sorted(languages.items()):
        chosen = known_language(language) if language else default
        of_users.setdefault(chosen, []).append(user)
    if len(of_users) == 1:
        return (Audience(default),)
    return tuple(Audience(language, tuple(users)) for language, users in of_users.items() if users)


def views(pages: Iterable[tuple[Audience, dict[str, object]]]) -> list[dict[str, object]]:
    """Return a view for each language; an audience sees only its own."""
    return [
        {**page, "visible": [{"user": user} for user in who.users]} if who.users else page
        for who, page in pages
    ]


def path(name: str, who: Audience) -> str:
    """Return the path of a view, the same for everybody if there is one language."""
    return f"{name}-{who.language}" if who.users else name
