"""The variables that a person may set: README's tables have those that are read, and no others.

They are read by hems (its secrets) and by the programs and templates of services/NAME.
HEMS_<SECTION>_<NAME> has etc/hems.toml for a table, but must be right wherever it stands.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Set
from pathlib import Path

from hems.desk.check import settings, tree
from hems.errors import ConfigError
from hems.settings import secrets
from hems.settings.load import load

README = "README.md"
VARIABLE = re.compile(r"[A-Z][A-Z0-9]+(?:_[A-Z0-9]+)+")
SETTING, UNKNOWN = "HEMS_", "unknown setting"
ROW = re.compile(r"^\|([^|]*)\|", re.MULTILINE)
QUOTED = re.compile(r"`([^`\n]+)`")
IN_TEMPLATE = re.compile(r"\$\{([A-Z][A-Z0-9_]+)\}|!env_var +([A-Z][A-Z0-9_]+)")
BALENA = "BALENA"  # and BALENA_...: set by balena, not by a person


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
    yield from _elsewhere(root, read.keys())


def _elsewhere(root: Path, read: Set[str]) -> Iterator[str]:
    """Yield each variable in a document's text that has no effect."""
    for path in (root / README, *sorted(root.glob("services/*/README.md"))):
        name = str(path.relative_to(root))
        quoted = {word.partition("=")[0] for word in QUOTED.findall(tree.text(root, name))}
        for word in sorted(word for word in quoted if VARIABLE.fullmatch(word)):
            if word.startswith(SETTING):
                yield from (f"{name}: {problem}" for problem in _unknown(root, word))
            elif name != README and word not in read and not word.startswith(BALENA):
                yield f"{name}: found {word}, which nobody reads"


def _unknown(root: Path, variable: str) -> list[str]:
    """Return why `variable` is no setting."""
    try:
        load(root / settings.FILE, {variable: ""})
    except ConfigError as error:
        lines = [line.strip() for line in str(error).splitlines()]
        return [line for line in lines if line.startswith(variable) and UNKNOWN in line]
    return []


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
    nodes = list(ast.walk(ast.parse(text)))
    given = [key for node in nodes if isinstance(node, ast.Dict) for key in node.keys]  # to others
    read = (node for node in nodes if isinstance(node, ast.Constant) and node not in given)
    texts = {node.value for node in read if isinstance(node.value, str)}
    return {found for found in texts if VARIABLE.fullmatch(found)}


def _documented(text: str) -> set[str]:
    """Return the variables in the first column of Markdown tables."""
    cells = (found[1] for found in ROW.finditer(text))
    quoted = (word for cell in cells for word in QUOTED.findall(cell))
    return {word for word in quoted if VARIABLE.fullmatch(word)}
