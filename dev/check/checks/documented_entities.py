"""Check that docs/data.md lists every entity of a Linky and of the gateway, name and unit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from dev.check import read_source_files
from hems.protocols.gateway import gateway_entities, joining_entities
from hems.protocols.home_assistant.mqtt_discovery import Entity
from hems.protocols.linky import linky_entities
from hems.protocols.translations import ENGLISH, translated

TITLE = "documents: docs/data.md lists every entity with its unit"
FILE = "docs/data.md"
ROW = re.compile(r"\| `([^`]+)` \| (sensor|binary_sensor|button|text) \| ([^|]+) \| ([^|]+) \| ")
NONE = "-"
SECTIONS = {
    "Linky": linky_entities.all_entities(),
    "Gateway": gateway_entities.ENTITIES,
    "Zigbee joining": joining_entities.entities("hems"),
}


def problems(root: Path) -> Iterator[str]:
    """Yield a line for each entity that the page lacks, has in excess or describes wrongly."""
    text = read_source_files.text(root, FILE)
    for title, entities in SECTIONS.items():
        section = text.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
        yield from _differences(title, ROW.findall(section), entities)


def _differences(
    title: str, rows: Iterable[tuple[str, ...]], entities: Iterable[Entity]
) -> Iterator[str]:
    listed = {row[0]: row for row in rows}
    expected = {
        entity.key: (entity.key, entity.platform.value, english(entity), entity.unit or NONE)
        for entity in entities
    }
    for key in sorted(expected.keys() | listed.keys()):
        if listed.get(key) != expected.get(key):
            documented, wanted = listed.get(key), expected.get(key)
            yield f"{FILE}: {title}: {key}: found {_cells(documented)}, expected {_cells(wanted)}"


def english(entity: Entity) -> str:
    """Return the entity's name as Home Assistant shows it in English."""
    return translated(entity.name, ENGLISH, entity.subject)


def _cells(row: tuple[str, ...] | None) -> str:
    return " | ".join(row) if row else "no row"
