import zoneinfo
from pathlib import Path

import pytest

from hems.system.time_zone import is_known


@pytest.mark.parametrize("name", ["Mars/Phobos", "Europe", "../passwd", "/etc/passwd", ""])
def test_a_name_that_the_database_lacks_is_unknown(name: str) -> None:
    assert is_known("Europe/Paris")
    assert not is_known(name)


def test_without_a_database_no_name_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.resources.files", lambda _package: tmp_path)
    zoneinfo.reset_tzpath([str(tmp_path)])
    try:
        assert is_known("Mars/Phobos")
    finally:
        zoneinfo.reset_tzpath()
