"""Who reads a page in which language, and the views that only they see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from hems.protocols.translations import known_language


class Audience(NamedTuple):
    """Who sees a page in `language`: the ids of these users; everybody if there are none."""

    language: str
    users: tuple[str, ...] = ()


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
