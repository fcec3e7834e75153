"""Check that README's tables list exactly the variables that hems and the services read.

hems reads its own; the programs in services/NAME, and Home Assistant's YAML, read others.
HEMS_<SECTION>_<NAME> is documented by etc/hems.toml, but must be a setting wherever it occurs.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping, Set
from pathlib import Path

from dev.check import default_settings, read_source_files
from hems.errors import ConfigError
from hems.settings import read_secrets
from hems.settings.https_redirect import are_pages_on_http
from hems.settings.load import load
from hems.settings.optional_doors import open_ports
from hems.settings.validation_problems import SettingsProblem

TITLE = "documents: README.md lists every variable"
README = "README.md"
VARIABLE = re.compile(r"[A-Z][A-Z0-9]+(?:_[A-Z0-9]+)+")
SETTING, UNKNOWN = "HEMS_", "unknown setting"
ROW = re.compile(r"^\|([^|]*)\|", re.MULTILINE)
QUOTED = re.compile(r"`([^`\n]+)`")
IN_YAML = re.compile(r"!env_var +([A-Z][A-Z0-9_]+)")
READERS: Mapping[str, Callable[[Mapping[str, str], list[SettingsProblem]], object]] = {
    "read_secrets": read_secrets.read,
    "optional_doors": open_ports,
    "https_redirect": are_pages_on_http,
}
BALENA = "BALENA"  # balena sets BALENA and BALENA_..., not a person


class RecordingEnvironment(Mapping[str, str]):
    """An empty environment that records the names that are looked up."""

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
    """Yield each variable that README's tables lack, and each that no program reads."""
    readers = {name: file for name, file in _read(root) if not name.startswith((SETTING, BALENA))}
    documented = _documented(read_source_files.text(root, README))
    for name in sorted(readers.keys() - documented):
        yield f"{README}: no table has {name}, which {readers[name]} reads"
    for name in sorted(documented - readers.keys()):
        if not name.startswith((SETTING, BALENA)):
            yield f"{README}: a table has {name}, which no program reads"
    yield from _outside_tables(root, readers.keys())


def _outside_tables(root: Path, known: Set[str]) -> Iterator[str]:
    """Yield each variable in the text of a README that has no effect."""
    for path in (root / README, *sorted(root.glob("services/*/README.md"))):
        name = str(path.relative_to(root))
        quoted = {
            word.partition("=")[0] for word in QUOTED.findall(read_source_files.text(root, name))
        }
        for word in sorted(word for word in quoted if VARIABLE.fullmatch(word)):
            if word.startswith(SETTING):
                yield from (f"{name}: {problem}" for problem in _unknown(root, word))
            elif name != README and word not in known and not word.startswith(BALENA):
                yield f"{name}: found {word}, which no program reads"


def _unknown(root: Path, variable: str) -> list[str]:
    """Return why `variable` is not a setting, empty if it is one."""
    try:
        load(root / default_settings.FILE, {variable: ""})
    except ConfigError as error:
        lines = [line.strip() for line in str(error).splitlines()]
        return [line for line in lines if line.startswith(variable) and UNKNOWN in line]
    return []


def _read(root: Path) -> Iterator[tuple[str, str]]:
    """Yield each variable with the file that reads it."""
    for file, read in READERS.items():
        environment = RecordingEnvironment()
        read(environment, [])
        yield from ((name, f"hems/settings/{file}.py") for name in environment.names)
    for path in sorted((root / "services").rglob("*")):
        name = str(path.relative_to(root))
        if path.suffix == ".py":
            yield from (
                (variable, name) for variable in _of_program(read_source_files.text(root, name))
            )
        elif path.suffix == ".yaml":
            matches = IN_YAML.finditer(read_source_files.text(root, name))
            yield from ((match[1], name) for match in matches)


def _of_program(text: str) -> set[str]:
    """Return the texts that look like variables in a program that reads the environment.

    Keys of a dict literal do not count: those are variables for another program.
    """
    if "environ" not in text:
        return set()
    nodes = list(ast.walk(ast.parse(text)))
    keys = [key for node in nodes if isinstance(node, ast.Dict) for key in node.keys]
    constants = (node for node in nodes if isinstance(node, ast.Constant) and node not in keys)
    texts = {node.value for node in constants if isinstance(node.value, str)}
    return {text for text in texts if VARIABLE.fullmatch(text)}


def _documented(text: str) -> set[str]:
    """Return the variables in the first column of Markdown tables."""
    cells = (row[1] for row in ROW.finditer(text))
    quoted = (word for cell in cells for word in QUOTED.findall(cell))
    return {word for word in quoted if VARIABLE.fullmatch(word)}
