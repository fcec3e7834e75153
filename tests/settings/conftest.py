from pathlib import Path

import pytest


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    path = tmp_path / "hems.toml"
    path.write_text("")
    return path
