import os
import socket
from pathlib import Path
from types import SimpleNamespace

import pytest

from hems.errors import Unavailable
from hems.system.machine import bytes_written, cpu_temperature, disk, identity, memory_used

STAT = "0 0 0 0 0 0 {} 0 0 0 0"


def zone(directory: Path, number: int, kind: str, temperature: str) -> None:
    path = directory / f"thermal_zone{number}"
    path.mkdir()
    (path / "type").write_text(f"{kind}\n")
    (path / "temp").write_text(f"{temperature}\n")


def test_the_processors_sensor_is_found_by_its_kind(tmp_path: Path) -> None:
    zone(tmp_path, 0, "acpitz", "20000")
    zone(tmp_path, 1, "cpu-thermal", "51500")
    assert cpu_temperature(tmp_path) == 51.5


def test_a_machine_without_a_sensor_has_no_temperature(tmp_path: Path) -> None:
    zone(tmp_path, 0, "acpitz", "20000")
    with pytest.raises(Unavailable, match="no sensor of the processor in"):
        cpu_temperature(tmp_path)


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="meminfo cannot be read: No such file"):
        memory_used(tmp_path / "meminfo")


def test_this_machine_uses_some_of_its_memory() -> None:
    assert 0 < memory_used() < 100


def test_a_disk_is_as_full_as_df_says(monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = SimpleNamespace(f_blocks=1000, f_bfree=300, f_bavail=100, f_frsize=4096)
    monkeypatch.setattr(os, "statvfs", lambda _: blocks)
    found = disk(Path("/data"))
    assert found.used == pytest.approx(100 * 700 / 800)  # root's 200 blocks are nobody's
    assert found.free == 100 * 4096


def test_a_file_system_without_a_size_is_not_full(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = SimpleNamespace(f_blocks=0, f_bfree=0, f_bavail=0, f_frsize=4096)
    monkeypatch.setattr(os, "statvfs", lambda _: nothing)
    with pytest.raises(Unavailable, match="without a size"):
        disk(Path("/proc"))


def test_a_directory_that_is_missing_is_on_no_disk(tmp_path: Path) -> None:
    for ask in (disk, bytes_written):
        with pytest.raises(Unavailable, match="No such file or directory"):
            ask(tmp_path / "data")


def block_devices(root: Path, data: Path, *, is_partition: bool) -> Path:
    """Make what /sys/dev/block is, with the device of `data` in it; return its path."""
    device = root / "devices" / "mmcblk0"
    (device / "mmcblk0p6").mkdir(parents=True)
    (device / "stat").write_text(STAT.format(1000))
    part = device / "mmcblk0p6"
    (part / "stat").write_text(STAT.format(10))
    (part / "partition").write_text("6\n")
    number = data.stat().st_dev
    links = root / "block"
    links.mkdir()
    target = part if is_partition else device
    (links / f"{os.major(number)}:{os.minor(number)}").symlink_to(target)
    return links


@pytest.mark.parametrize("is_partition", [True, False])
def test_what_is_written_to_the_other_partitions_wears_the_flash_too(
    tmp_path: Path, *, is_partition: bool
) -> None:
    links = block_devices(tmp_path, tmp_path, is_partition=is_partition)
    assert bytes_written(tmp_path, links) == 1000 * 512


def test_a_file_system_in_memory_is_on_no_disk(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="is on no disk"):
        bytes_written(tmp_path, tmp_path / "block")


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
