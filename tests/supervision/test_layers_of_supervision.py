"""Who may import whom within the library, and what its pure parts may not do."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import hems.supervision
from hems.supervision.settings.directive_parser import DIRECTIVES
from tests.test_layers import imports, nodes

ROOT = Path(hems.supervision.__file__).parent
BASE = {"errors", "outage_log", "rate_limited_log", "spare_descriptor"}
MAY_IMPORT = {
    "worker": {"worker"},
    "settings": {"errors", "settings", "worker"},
    "units": {"errors", "settings", "units", "worker"},
    "logs": {"logs", "settings"},
    "sockets": {"sockets", "settings"},
    "commands": {"commands"},
    "configuration": {"configuration", "settings"},
    "processes": BASE | {"processes", "settings", "units", "worker"},
    "health": BASE | {"health", "processes", "settings", "units", "worker"},
    "supervisord": None,  # it puts the parts together
    "__main__": {"commands", "supervisord"},
    **{name: set[str]() for name in (*BASE, "__init__")},
}
PURE = {"commands", "settings", "units"}
# No file, process, clock or socket is within the reach of these.
PURE_MODULES = {
    *("__future__", "collections", "contextlib", "datetime", "difflib", "enum"),
    *(
        "functools",
        "hems",
        "ipaddress",
        "json",
        "math",
        "os",
        "random",
        "re",
        "shlex",
        "signal",
        "typing",
    ),
}
PURE_NAMES = {
    "os": ("EX_", "W", "waitstatus_to_exitcode", "strerror"),
    "signal": ("SIG", "Signals", "strsignal"),
}


def layer(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def broken_rules(path: Path) -> Iterator[str]:
    allowed = MAY_IMPORT[layer(path)]
    for name, line in imports(path):
        where = f"{path.relative_to(ROOT)}:{line}"
        if allowed is not None and name.startswith("hems.supervision."):
            other = name.split(".")[2]
            if other not in allowed:
                yield f"{where}: {layer(path)} may not import {other}"
        if layer(path) in PURE and name.partition(".")[0] not in PURE_MODULES:
            yield f"{where}: {layer(path)} only decides, found {name}"


def impure_calls(path: Path) -> Iterator[str]:
    for node in nodes(path):
        where = f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            known = PURE_NAMES.get(node.value.id)
            if known and not node.attr.startswith(known):
                yield f"{where}: {layer(path)} only decides, found {node.value.id}.{node.attr}"
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "open"
        ):
            yield f"{where}: {layer(path)} only decides, found open()"


def test_the_parts_of_the_library_import_in_one_direction() -> None:
    broken = [problem for path in sorted(ROOT.rglob("*.py")) for problem in broken_rules(path)]
    assert not broken, "\n".join(broken)


def test_units_and_commands_have_no_effect() -> None:
    paths = [path for path in sorted(ROOT.rglob("*.py")) if layer(path) in PURE]
    broken = [problem for path in paths for problem in impure_calls(path)]
    assert not broken, "\n".join(broken)


def test_records_are_named_tuples() -> None:
    """The import of dataclasses takes inspect and ast along: 0.7 MiB of supervisord's memory."""
    broken = [
        f"{path.relative_to(ROOT)}:{line}: found {name}, expected typing.NamedTuple"
        for path in sorted(ROOT.rglob("*.py"))
        for name, line in imports(path)
        if name.partition(".")[0] in {"dataclasses", "inspect", "ast"}
    ]
    assert not broken, "\n".join(broken)


def test_the_annotations_of_settings_are_no_texts() -> None:
    """typing.NamedTuple compiles each text and keeps it: 0.1 MiB of supervisord's memory."""
    broken = [
        f"{path.relative_to(ROOT)}: found annotations that are texts"
        for path in sorted((ROOT / "settings").glob("*.py"))
        if any(name == "typing.NamedTuple" for name, _ in imports(path))
        and any(name.startswith("__future__") for name, _ in imports(path))
    ]
    assert not broken, "\n".join(broken)


def test_the_docstring_of_the_library_lists_every_folder() -> None:
    lines = (hems.supervision.__doc__ or "").splitlines()
    listed = {line.split("/")[0] for line in lines if "/ " in line}
    assert listed == {path.parent.name for path in ROOT.glob("*/__init__.py")}


def test_the_value_of_every_directive_is_read() -> None:
    """The tables of rows do not count, nor what prints the values."""
    read = {
        node.attr
        for path in ROOT.rglob("*.py")
        if not path.stem.endswith(("_directives", "unit_properties"))
        for node in nodes(path)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)
    }
    limits = "process.limits."  # LimitSettings.given() reads all of them
    unread = [
        row.name
        for row in DIRECTIVES.values()
        if not row.setting.startswith(limits) and row.setting.rpartition(".")[2] not in read
    ]
    assert not unread


@pytest.mark.parametrize("folder", ["processes", "settings", "supervisord", "units"])
def test_the_docstring_of_a_large_folder_names_every_module_once(folder: str) -> None:
    text = ast.get_docstring(ast.parse((ROOT / folder / "__init__.py").read_text())) or ""
    modules = {path.stem for path in (ROOT / folder).glob("*.py")} - {"__init__"}
    words = [word for word in re.findall(r"\w+", text.partition("\n")[2]) if word in modules]
    assert {word for word in words if words.count(word) > 1} == set()
    assert set(words) == modules
