"""Which change on the disk is noticed."""

import os
import sys
from pathlib import Path
from types import ModuleType

import pytest
from pytest_mock import MockerFixture

from hems.supervision.processes import code_changes
from hems.supervision.processes.code_changes import LoadedCode


@pytest.fixture
def path(tmp_path: Path, mocker: MockerFixture) -> Path:
    """Return the file of a module that has been imported."""
    path = tmp_path / "imported.py"
    path.write_text("CODE = 1")
    module = ModuleType("imported")
    module.__file__ = str(path)
    mocker.patch.dict(sys.modules, imported=module)
    return path


def test_a_file_with_another_size_time_or_no_file_is_a_change(path: Path) -> None:
    code = LoadedCode()
    assert code.changed() == ""
    path.write_text("CODE = 23")
    assert code.changed() == str(path)
    code = LoadedCode()
    os.utime(path, (1, 1))
    assert code.changed() == str(path)
    code = LoadedCode()
    path.unlink()
    assert code.changed() == str(path)


def test_a_file_that_took_its_place_is_a_change(path: Path) -> None:
    """An archive may give it the same time."""
    code, old = LoadedCode(), path.stat()
    new = path.with_name("new.py")
    new.write_text("CODE = 2")
    os.utime(new, ns=(old.st_atime_ns, old.st_mtime_ns))
    new.rename(path)
    assert code.changed() == str(path)


def test_the_standard_library_is_not_looked_at(path: Path, mocker: MockerFixture) -> None:
    mocker.patch.object(code_changes, "_STANDARD_LIBRARY", str(path.parent))
    code = LoadedCode()
    path.unlink()
    assert code.changed() == ""


def test_what_is_installed_inside_the_standard_library_is_looked_at(
    path: Path, mocker: MockerFixture
) -> None:
    mocker.patch.object(code_changes, "_STANDARD_LIBRARY", str(path.parent))
    installed = path.parent / "site-packages" / path.name
    installed.parent.mkdir()
    path.rename(installed)
    sys.modules["imported"].__file__ = str(installed)
    code = LoadedCode()
    installed.unlink()
    assert code.changed() == str(installed)
