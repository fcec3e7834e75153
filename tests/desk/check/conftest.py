"""A copy of the real tree with one fault in it."""

import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from hems.desk.check.run import Check, outcome
from hems.desk.launch import ROOT

Problems = Callable[[Path], Iterable[str]]
Found = Callable[[Problems, str, str, str], list[str]]
CHECKED = (
    ".hadolint.yaml",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "Dockerfile",
    "README.md",
    "balena.yml",
    "docker-compose.yml",
    "docs",
    "etc",
    "hems/__init__.py",
    "services",
)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Return the root of a copy of all that bin/check looks at."""
    for name in CHECKED:
        source, copy = ROOT / name, tmp_path / name
        copy.parent.mkdir(exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, copy)
        elif source.exists():
            shutil.copy(source, copy)
    return tmp_path


@pytest.fixture
def found(tree: Path) -> Found:
    """Return a function that tells what a check finds once `old` in a file is `new`."""

    def plant(problems: Problems, file: str, old: str, new: str) -> list[str]:
        text = (tree / file).read_text(encoding="utf-8")
        assert old in text, f"{file} has changed: plant another fault"
        check = Check("", problems)
        before = outcome(check, tree, is_ci=True).lines
        (tree / file).write_text(text.replace(old, new, 1), encoding="utf-8")
        after = outcome(check, tree, is_ci=True).lines
        return [fault for fault in after if fault not in before]

    return plant
