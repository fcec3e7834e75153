"""Tell which entity ids Home Assistant gives to what is announced.

Without `default_entity_id`, an id consists of the names of area, device and entity (an area that a
person has chosen is not known here). Home Assistant gives a taken id a number, so only the first
has it: a device may not be the first where another's ids are known before (device_rights.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from unicodedata import category, normalize

from text_unidecode import unidecode  # which Home Assistant uses

LONGEST = 128  # characters of each name that count
ENTITY_ID = frozenset({"default_entity_id", "def_ent_id"})
DEVICE = frozenset({"device", "dev"})
COMPONENTS = frozenset({"components", "cmps"})
AREA = frozenset({"suggested_area", "sa"})
NAME = frozenset({"name"})
UNASSIGNED = "Cn"
REFERENCE = re.compile(r"&#?\w+;")


def entity_ids(announced: object) -> Iterator[str]:
    """Yield each id without its domain; `announced` has each object as its pairs.

    The end of an id may be missing. Raises ValueError for names that can be read in several ways.
    """
    devices = list(_below(announced, DEVICE))
    device = _only([name for one in devices for name in _slugs(one, NAME)])
    area = _only([name for one in devices for name in _slugs(one, AREA)])
    components = (value for one in _below(announced, COMPONENTS) for _, value in _pairs(one))
    for entity in (announced, *components):
        asked = _texts(entity, ENTITY_ID)
        yield from (slug(text.partition(".")[2].lower()) for text in asked)
        if not all(asked) or not asked:
            for name in _slugs(entity, NAME) or [""]:
                yield "_".join(filter(None, (area, device, name)))
                yield "_".join(filter(None, (device, name)))


def slug(text: str) -> str:
    """Return what Home Assistant makes of a name in an id. Raises ValueError.

    The steps are those of python-slugify, except character references, which no name needs.
    """
    if REFERENCE.search(text):
        raise ValueError("a character reference in a name")
    if not text.isascii() and any(category(one) == UNASSIGNED for one in text):
        raise ValueError("a name with a character that is too new")  # which could be any letter
    plain = unidecode(normalize("NFKD", text.replace("'", "-"))).lower().replace("'", "")
    plain = re.sub(r"(?<=\d),(?=\d)", "", plain)
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:LONGEST]


def _only(texts: list[str]) -> str:
    if len(set(texts)) > 1:
        raise ValueError("more than one name of a device")
    return texts[0] if texts else ""


def _pairs(announced: object) -> list[tuple[str, Any]]:
    found = announced if isinstance(announced, list) else []
    return [one for one in found if isinstance(one, tuple)]


def _below(announced: object, keys: frozenset[str]) -> Iterator[object]:
    return (value for key, value in _pairs(announced) if key in keys)


def _texts(announced: object, keys: frozenset[str]) -> list[str]:
    found = _below(announced, keys)
    return [str(value) for value in found if value is not None and not isinstance(value, list)]


def _slugs(announced: object, keys: frozenset[str]) -> list[str]:
    return [slug(text) for text in _texts(announced, keys)]
