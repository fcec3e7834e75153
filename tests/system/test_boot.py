import re
from pathlib import Path

import pytest

from hems.errors import Unavailable
from hems.system.boot import boot_id


def test_it_stays_the_same_within_a_boot() -> None:
    assert re.fullmatch("[0-9a-f-]{36}", boot_id())
    assert boot_id() == boot_id()


def test_a_kernel_that_does_not_say_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="boot_id cannot be read"):
        boot_id(tmp_path / "boot_id")
