from collections.abc import Mapping
from dataclasses import dataclass, field

from hems.supervision.worker.problem import ReportedProblem
from hems.system.host_metrics import DiskSpace
from hems.workers.provision.observations.disk_room import SEARCH_S, DiskRoom

SIZE = 32 * 10**9
FOLDERS = {"/influxdb-data/engine": 14 * 10**9, "/hass-config/backups": 6 * 10**9, "/data/x": 4096}


@dataclass
class Disk:
    """A disk of 32 GB of which `free` percent are free."""

    free: float = 50.0
    folders: Mapping[str, int] = field(default_factory=lambda: FOLDERS)
    searches: int = 0

    def __post_init__(self) -> None:
        self.check = DiskRoom(self._space, self._sizes)
        self.found: list[ReportedProblem] = []

    def _space(self) -> DiskSpace:
        return DiskSpace(SIZE, round(SIZE * self.free / 100))

    def _sizes(self) -> Mapping[str, int]:
        self.searches += 1
        return self.folders

    def at(self, free: float, now: float = 0.0) -> list[str]:
        self.free = free
        self.found = self.check.problems(now, 0.0)
        return [problem.name for problem in self.found]


def test_a_disk_with_room_is_no_problem_and_is_not_searched() -> None:
    disk = Disk()
    assert disk.at(10.0) == []
    assert disk.searches == 0


def test_a_disk_that_fills_is_a_problem_until_there_is_room_again() -> None:
    disk = Disk()
    for _ in range(2):
        assert [disk.at(free) for free in (9.9, 11.9, 10.0)] == [["disk-filling"]] * 3
        assert disk.at(12.0) == []


def test_a_full_disk_is_another_problem() -> None:
    disk = Disk()
    assert [disk.at(free) for free in (1.9, 2.9)] == [["disk-full"]] * 2
    assert disk.at(3.0) == ["disk-filling"]


def test_what_fills_it_is_named_with_its_size() -> None:
    disk = Disk()
    disk.at(8.0)
    [problem] = disk.found
    assert problem.found == (
        "8 % free (2.6 GB); it contains: /influxdb-data/engine 14.0 GB, "
        "/hass-config/backups 6.0 GB, /data/x 0.0 GB, "
        "images of the services and everything else 9.4 GB"
    )


def test_it_is_searched_once_an_hour_and_when_it_becomes_full() -> None:
    disk = Disk()
    for now in range(0, int(2 * SEARCH_S), 30):
        disk.at(8.0, now)
    assert disk.searches == 2
    disk.at(1.0, 2 * SEARCH_S - 1)
    assert disk.searches == 3


def test_a_disk_without_a_free_byte_can_be_described() -> None:
    disk = Disk()
    assert disk.at(0.0) == ["disk-full"]
    [problem] = disk.found
    assert problem.found is not None
    assert problem.found.startswith("0 % free (0.0 GB); it contains: /influxdb-data/engine 14.0 GB")
    assert problem.found.endswith("images of the services and everything else 12.0 GB")
