"""Build the cards of the pages: Home Assistant's own, in sections, for 2026.10.

A card that needs an entity is made only if there is one; a card whose entity has no value now is
hidden. Names are short, because a phone shows two cards side by side.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

Card = dict[str, object]
NO_VALUE = ("unknown", "unavailable")
GREEN, YELLOW, RED = "#43a047", "#ffb300", "#e53935"
FULL: Card = {"grid_options": {"columns": "full"}}
HALF: Card = {"grid_options": {"columns": 6}}
# Devices and files choose words of what is shown: no character of them is Markdown or HTML.
PLAIN = (
    r"{% macro plain(text) %}{{ text | string | regex_replace('([!-/:-@\\[-`{-~])', '\\\\\\1') }}"
    "{% endmacro %}"
)


def section(heading: str, icon: str, cards: Iterable[Card]) -> list[Card]:
    """Return a section with these cards, none without cards."""
    content = list(cards)
    head: Card = {"type": "heading", "heading": heading, "icon": icon}
    return [{"type": "grid", "cards": [head, *content]}] if content else []


def subtitle(text: str) -> Card:
    """Return a small heading within a section."""
    return {"type": "heading", "heading": text, "heading_style": "subtitle"}


def tile(entity: str, name: str, **options: object) -> Card:
    """Return a tile over the whole width: a name beside an icon has room there."""
    return {"type": "tile", "entity": entity, "name": name, **FULL, **options}


def number(entity: str, name: str, icon: str) -> Card:
    """Return a card with a big number, two of them side by side."""
    return {
        "type": "entity",
        "entity": entity,
        "name": name,
        "icon": icon,
        **HALF,
        **visible(having_value(entity)),
    }


def markdown(content: str, *conditions: Card) -> Card:
    """Return a card with a text, which is a template."""
    return {"type": "markdown", "content": content, **FULL, **visible(*conditions)}


def alert(kind: str, text: str) -> str:
    """Return a coloured line of Markdown; `kind` is success, warning or error."""
    return f'<ha-alert alert-type="{kind}">{text}</ha-alert>'


def icon(name: str, colour: str) -> str:
    """Return a coloured icon of Markdown; a desk may have no font for emojis."""
    return f'<font color="{colour}"><ha-icon icon="{name}"></ha-icon></font>'


def quoted(text: str) -> str:
    """Return a text as Jinja writes one."""
    return json.dumps(text, ensure_ascii=False)


def state_is(entity: str, state: str | list[str], attribute: str = "") -> Card:
    """Return the condition that an entity, or its attribute, has a state."""
    which = {"attribute": attribute} if attribute else {}
    return {"condition": "state", "entity": entity, **which, "state": state}


def having_value(entity: str) -> Card:
    """Return the condition that an entity has a value."""
    return {"condition": "state", "entity": entity, "state_not": list(NO_VALUE)}


def one_of(conditions: Iterable[Card]) -> Card:
    """Return the condition that at least one of these is met."""
    return {"condition": "or", "conditions": list(conditions)}


def visible(*conditions: Card) -> Card:
    """Return the option that a card is hidden unless all of these are met."""
    return {"visibility": list(conditions)} if conditions else {}
