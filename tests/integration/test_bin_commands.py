"""Every command of bin/ starts, says how it is used, and calls a function that exists."""

import importlib
import re
import sys
from pathlib import Path

import pytest

from dev import ROOT
from hems.system import subprocesses

pytestmark = pytest.mark.integration
COMMANDS = sorted(path.name for path in (ROOT / "bin").iterdir() if path.is_file())
TARGET = re.compile(r'"(dev\.[\w.]+):(\w+)"')


@pytest.mark.parametrize("name", COMMANDS)
def test_it_says_how_it_is_used_and_its_function_exists(name: str) -> None:
    path = Path(ROOT, "bin", name)
    assert subprocesses.run([sys.executable, str(path), "--help"], 60).startswith("usage: ")
    targets = TARGET.findall(path.read_text(encoding="utf-8"))
    assert targets
    for module, function in targets:
        assert callable(getattr(importlib.import_module(module), function))
