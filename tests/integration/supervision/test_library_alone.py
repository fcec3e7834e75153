"""The library without the rest of hems, and the worker's half without any package."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dev import ROOT

pytestmark = pytest.mark.integration
LIBRARY = "hems/supervision"
# What supervisord needs is in site-packages, and so may be hems: only the library's copy counts.
IMPORT_ALL = """
import importlib, pathlib, sys
sys.path[:0] = [{folder!r}]
for path in sorted(pathlib.Path({part!r}).rglob("*.py")):
    parts = path.relative_to({folder!r}).with_suffix("").parts
    importlib.import_module(".".join(parts).removesuffix(".__init__"))
mine = {{name: module for name, module in sys.modules.items() if name.startswith("hems")}}
strangers = [name for name, one in mine.items() if not (one.__file__ or "").startswith({folder!r})]
print(len(mine), strangers)
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / LIBRARY, tmp_path / LIBRARY, ignore=ignored)
    (tmp_path / "hems/__init__.py").touch()
    return tmp_path


def imported(folder: Path, part: str, *options: str) -> tuple[int, str]:
    """Import every module below `part`; return how many of hems are there and which are others'."""
    code = IMPORT_ALL.format(folder=str(folder), part=str(folder / part))
    done = subprocess.run(
        [sys.executable, *options, "-c", code],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    count, _, strangers = done.stdout.strip().partition(" ")
    return int(count), strangers


def modules(folder: Path) -> int:
    return len([*folder.rglob("*.py")])


def test_the_library_imports_nothing_else_of_hems(copy: Path) -> None:
    count, strangers = imported(copy, LIBRARY, "-I")
    assert count >= modules(copy / LIBRARY)
    assert strangers == "[]"


def test_the_workers_half_needs_the_standard_library_alone(copy: Path) -> None:
    for path in (copy / LIBRARY).iterdir():
        if path.is_dir() and path.name != "worker":
            shutil.rmtree(path)
    count, strangers = imported(copy, f"{LIBRARY}/worker", "-I", "-S")
    assert count >= modules(copy / LIBRARY / "worker")
    assert strangers == "[]"


def test_the_library_has_a_version_of_its_own(copy: Path) -> None:
    code = f"import sys; sys.path[:0] = [{str(copy)!r}]; import hems, hems.supervision as library; "
    code += "print(library.__version__, hasattr(hems, '__version__'))"
    done = subprocess.check_output([sys.executable, "-IS", "-c", code], text=True, timeout=20)
    version, of_hems = done.split()
    assert version.count(".") == 2
    assert of_hems == "False"
