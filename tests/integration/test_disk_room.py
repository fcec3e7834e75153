"""Provision's look at the disk on a real file system of 20 MB."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from hems.system import folder_sizes, host_metrics
from hems.workers.provision.observations.disk_room import SEARCH_S, DiskRoom

pytestmark = pytest.mark.integration

MB = 1_000_000


def test_a_disk_that_fills_is_named_with_what_fills_it_until_it_has_room(disk: Path) -> None:
    check = DiskRoom(partial(host_metrics.disk, disk), partial(folder_sizes.sizes, [disk]))
    backups = disk / "backups"
    backups.mkdir()
    (disk / "history").write_bytes(bytes(2 * MB))
    for now in (0, 2 * SEARCH_S):
        assert check.problems(now, 0) == []
        (backups / "large").write_bytes(bytes(17 * MB))
        [problem] = check.problems(now + 30, 0)
        assert problem.name == "disk-filling"
        assert problem.found is not None
        assert problem.found.partition("it contains: ")[2].startswith(str(backups))
        (disk / "log").write_bytes(bytes(int(1.7 * MB)))
        assert [one.name for one in check.problems(now + 60, 0)] == ["disk-full"]
        (backups / "large").unlink()
        (disk / "log").unlink()
        assert check.problems(now + 90, 0) == []
