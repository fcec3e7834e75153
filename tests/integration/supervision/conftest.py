import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.supervision.rig import Rig, rig_in


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    with rig_in(tmp_path) as rig:
        yield rig


@pytest.fixture
def namespaces() -> None:
    """Skip the test where it cannot have a namespace of its own; fail in CI."""
    if shutil.which("unshare") and os.geteuid() == 0:
        return
    problem = "namespaces need root and unshare (util-linux)"
    if os.environ.get("CI") == "true":
        pytest.fail(problem)
    pytest.skip(problem)
