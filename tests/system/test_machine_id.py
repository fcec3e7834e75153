import re
import socket
from pathlib import Path

import pytest

from hems.errors import Unavailable
from hems.system.machine_id import boot_id, identity


def test_the_identity_is_the_machine_id(tmp_path: Path) -> None:
    path = tmp_path / "machine-id"
    path.write_text("0123456789abcdef0123456789abcdef\n")
    assert identity(path) == "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize("content", [None, ""])
def test_without_a_machine_id_it_is_the_hosts_name(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "machine-id"
    if content is not None:
        path.write_text(content)
    assert identity(path) == socket.gethostname()


def test_the_boot_id_stays_the_same_within_a_boot() -> None:
    assert re.fullmatch("[0-9a-f-]{36}", boot_id())
    assert boot_id() == boot_id()


def test_an_unreadable_boot_id_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="boot_id cannot be read"):
        boot_id(tmp_path / "boot_id")
