"""A package that the supervisord of a rig may preload."""

from __future__ import annotations

import os
from pathlib import Path

from pytest_mock import MockerFixture

from tests.integration.supervision.rig import Rig

REPOSITORY = Path(__file__).parents[3]


def make(rig: Rig, mocker: MockerFixture, name: str, main: str) -> Path:
    """Write the package `name`, with the text `main` of its __main__.py, and return its folder.

    The rig imports it and hems, and nothing else of the repository.
    """
    mocker.patch.dict(os.environ)
    os.environ.pop("PYTHONUNBUFFERED", None)
    package = rig.folder / name
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text(main)
    mocker.patch("tests.integration.supervision.rig.ROOT", rig.folder)
    (rig.folder / "hems").symlink_to(REPOSITORY / "hems")
    return package
