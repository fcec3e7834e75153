"""The variables that a person may set: those that are read are in README's table, and no others.

Read by: hems (its secrets), the programs and templates of services/NAME. HEMS_<SECTION>_<NAME>
has etc/hems.toml for a table.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from hems.desk.check import tree
from hems.settings import secrets

README = "README.md"
VARIABLE = re.compile(r"[A-Z][A-Z0-9]+(?:_[A-Z0-9]+)+")
SETTING = "HEMS_"
ROW = re.compile(r"^\|((?:[^|]|\\\|)*)\|", re.MULTILINE)
QUOTED = re.compile(r"`([^`]+)`")
IN_TEMPLATE = re.compile(r"\$\{([A-Z][A-Z0-9_]+)\}|!env_var +([A-Z][A-Z0-9_]+)")
BALENA = "BALENA_"  # set by balena, not by a person


class Asked(Mapping[str, str]):
    """An empty environment that remembers which variables it was asked for."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.names.add(name)
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def problems(root: Path) -> Iterator[str]:
    """Yield each variable that README's tables lack, and each that nobody reads."""
    read = {name: place for name, place in _read(root) if not name.startswith((SETTING, BALENA))}
    documented = _documented(tree.text(root, README))
    for name in sorted(read.keys() - documented):
        yield f"{README}: no table has {name}, which {read[name]} reads"
    for name in sorted(documented - read.keys()):
        if not name.startswith((SETTING, BALENA)):
            yield f"{README}: the table has {name}, which nobody reads"


def _read(root: Path) -> Iterator[tuple[str, str]]:
    """Yield each variable with the file that reads it."""
    asked = Asked()
    secrets.read(asked, [])
    yield from ((name, "hems/settings/secrets.py") for name in asked.names)
    for path in sorted((root / "services").rglob("*")):
        name = str(path.relative_to(root))
        if path.suffix == ".py":
            yield from ((variable, name) for variable in _of_program(tree.text(root, name)))
        elif path.suffix in {".template", ".yaml", ".conf"}:
            found = IN_TEMPLATE.finditer(tree.text(root, name))
            yield from ((one[1] or one[2], name) for one in found)


def _of_program(text: str) -> set[str]:
    """Return the texts that look like a variable in a program that reads the environment."""
    if "environ" not in text:
        return set()
    nodes = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant))
    texts = {node.value for node in nodes if isinstance(node.value, str)}
    return {found for found in texts if VARIABLE.fullmatch(found)}


def _documented(text: str) -> set[str]:
    """Return the variables in the first column of Markdown tables."""
    cells = (found[1] for found in ROW.finditer(text))
    quoted = (word for cell in cells for word in QUOTED.findall(cell))
    return {word for word in quoted if VARIABLE.fullmatch(word)}
