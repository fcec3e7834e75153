"""The programs of the images: none gives rights to whoever starts it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from dev.check import compose_file
from tests.image.engine import Podman
from tests.image.fleet import PROJECT, Fleet
from tests.integration.worker_process import ROOT

pytestmark = pytest.mark.image
SERVICES = compose_file.read(ROOT).services
FILE_CAPABILITIES = "security.capability"  # the attribute of a file (capabilities(7))


@pytest.mark.parametrize("service", SERVICES)
def test_no_program_of_an_image_gives_rights_to_who_starts_it(
    built: Fleet, podman_outside: Podman, service: str
) -> None:
    root = Path(podman_outside.run("image", "mount", f"{PROJECT}_{service}").strip())
    try:
        files = list(_files(root))
        privileged = [path for path, mode in files if mode & (stat.S_ISUID | stat.S_ISGID)]
        marked = [path for path, _ in files if FILE_CAPABILITIES in os.listxattr(path)]
    finally:
        podman_outside.run("image", "unmount", f"{PROJECT}_{service}")
    assert len(files) > 1000
    assert privileged == marked == []


def _files(root: Path) -> Iterator[tuple[Path, int]]:
    """Yield each plain file with its mode."""
    for folder, _, names in os.walk(root):
        for name in names:
            path = Path(folder, name)
            mode = path.lstat().st_mode
            if stat.S_ISREG(mode):
                yield path, mode
