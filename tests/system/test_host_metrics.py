import os
from pathlib import Path
from types import SimpleNamespace

import pytest
from pytest_mock import MockerFixture

from hems.errors import ProtocolError, Unavailable
from hems.system.host_metrics import (
    bytes_written,
    cpu_temperature,
    disk,
    has_memory_cgroup,
    is_undervolted,
    kernel_command_line,
    memory_used,
)

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
    zone(tmp_path, 0, "cpu-thermal", "51500")
    (tmp_path / "thermal_zone0" / "temp").unlink()
    with pytest.raises(Unavailable, match="temp cannot be read: No such file"):
        cpu_temperature(tmp_path)


def test_memory_that_programs_may_have_is_not_used(mocker: MockerFixture) -> None:
    memory = SimpleNamespace(total=4000, available=1000, free=10)
    mocker.patch("psutil.virtual_memory", return_value=memory)
    assert memory_used() == 75.0


def test_this_machine_uses_some_of_its_memory() -> None:
    assert 0 < memory_used() < 100


def test_a_disk_is_as_full_as_df_says(mocker: MockerFixture) -> None:
    blocks = SimpleNamespace(f_blocks=1000, f_bfree=300, f_bavail=100, f_frsize=4096)
    mocker.patch.object(os, "statvfs", return_value=blocks)
    space = disk(Path("/data"))
    assert space.used == pytest.approx(100 * 700 / 800)  # root's 200 blocks are nobody's
    assert space.free == 100 * 4096


def test_a_file_system_without_a_size_is_not_full(mocker: MockerFixture) -> None:
    nothing = SimpleNamespace(f_blocks=0, f_bfree=0, f_bavail=0, f_frsize=4096)
    mocker.patch.object(os, "statvfs", return_value=nothing)
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


@pytest.mark.parametrize("name", ["cgroups", "cgroup.controllers"])
def test_either_version_of_control_groups_can_limit_memory(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("memory 0 1 1\n")
    assert has_memory_cgroup(tmp_path, tmp_path)


def test_a_kernel_without_the_memory_cgroup_is_known(tmp_path: Path) -> None:
    (tmp_path / "cgroups").write_text("memory 0 1 0\n")
    assert not has_memory_cgroup(tmp_path, tmp_path)


def test_a_kernel_that_says_nothing_of_control_groups_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="does not say"):
        has_memory_cgroup(tmp_path, tmp_path)


def test_the_kernels_command_line_is_empty_where_it_cannot_be_read(tmp_path: Path) -> None:
    assert kernel_command_line(tmp_path) == ""
    (tmp_path / "cmdline").write_text("quiet cgroup_disable=memory\n")
    assert kernel_command_line(tmp_path) == "quiet cgroup_disable=memory"


def sensor(directory: Path, number: int, driver: str, alarm: str) -> None:
    path = directory / f"hwmon{number}"
    path.mkdir()
    (path / "name").write_text(f"{driver}\n")
    (path / "in0_lcrit_alarm").write_text(f"{alarm}\n")


@pytest.mark.parametrize(("alarm", "is_low"), [("1", True), ("0", False)])
def test_a_weak_supply_is_seen_by_the_sensor_of_the_pi(
    tmp_path: Path, alarm: str, is_low: bool
) -> None:
    sensor(tmp_path, 0, "cpu_thermal", "1")
    sensor(tmp_path, 1, "rpi_volt", alarm)
    assert is_undervolted(tmp_path) is is_low


def test_a_machine_without_the_sensor_has_no_weak_supply(tmp_path: Path) -> None:
    assert not is_undervolted(tmp_path, tmp_path / "model")


def test_a_raspberry_pi_without_the_sensor_is_not_a_strong_supply(tmp_path: Path) -> None:
    model = tmp_path / "model"
    model.write_text("Raspberry Pi 5 Model B Rev 1.0\0")
    with pytest.raises(Unavailable, match="no sensor rpi_volt"):
        is_undervolted(tmp_path, model)


@pytest.mark.parametrize("text", ["", "2", "\xff"])
def test_an_alarm_that_means_nothing_is_not_a_weak_supply(tmp_path: Path, text: str) -> None:
    sensor(tmp_path, 0, "rpi_volt", text)
    with pytest.raises(ProtocolError, match="expected 0 or 1"):
        is_undervolted(tmp_path)


def test_a_sensor_that_went_away_is_not_a_strong_supply(tmp_path: Path) -> None:
    sensor(tmp_path, 0, "rpi_volt", "0")
    (tmp_path / "hwmon0" / "in0_lcrit_alarm").unlink()
    with pytest.raises(Unavailable):
        is_undervolted(tmp_path)
