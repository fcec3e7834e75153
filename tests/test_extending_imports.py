"""Each name that docs/extending.md imports exists: the quick part of executing the document."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator

import pytest

from dev import ROOT
from tests.document_blocks import DocumentBlock, blocks
from tests.extended_tree import DOCUMENT

BLOCKS = list(blocks((ROOT / DOCUMENT).read_text(encoding="utf-8")))
CREATED = {block.path for block in BLOCKS if block.side == "new"}


def imports(block: DocumentBlock) -> Iterator[tuple[str, str]]:
    """Yield module and name of each `from MODULE import NAME` of a block that is Python."""
    if not block.path.endswith(".py"):
        return
    try:
        tree = ast.parse(block.text)
    except SyntaxError:  # a part of a class or of a table
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.module, alias.name) for alias in node.names)


def is_created(module: str) -> bool:
    """Return whether the document itself makes `module`."""
    path = module.replace(".", "/")
    return bool({f"{path}.py", f"{path}/__init__.py"} & CREATED)


EXISTING = sorted(
    {
        (module, name)
        for block in BLOCKS
        for module, name in imports(block)
        if not is_created(module) and module.split(".")[0] in {"hems", "tests"}
    }
)


@pytest.mark.parametrize(("module", "name"), EXISTING)
def test_the_document_imports_what_exists(module: str, name: str) -> None:
    parent = importlib.import_module(module)
    if not hasattr(parent, name):
        importlib.import_module(f"{module}.{name}")


def test_the_document_imports_from_hems() -> None:
    assert ("hems.worker_runtime", "Context") in EXISTING
