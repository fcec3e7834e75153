"""Read this machine's temperature, supply voltage, memory and disks, and what its kernel can do.

Every function but `kernel_command_line` raises Unavailable when the kernel does not
report the value, and ProtocolError when the value is malformed.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import psutil

from hems.errors import Unavailable
from hems.protocols.host import cgroup_controllers, sysfs_files
from hems.system import files

THERMAL = Path("/sys/class/thermal")
CPU_ZONES = {"cpu-thermal", "cpu_thermal", "x86_pkg_temp"}  # the Raspberry Pi's two, and a PC's
HWMON = Path("/sys/class/hwmon")
VOLTAGE_DRIVER, VOLTAGE_ALARM = "rpi_volt", "in0_lcrit_alarm"  # raspberrypi-hwmon of Linux
MODEL = Path("/proc/device-tree/model")
BLOCK = Path("/sys/dev/block")
PROC, CGROUP = Path("/proc"), Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class DiskSpace:
    """A file system's bytes without those reserved for root: all of them, and the free ones."""

    size: int
    free: int

    @property
    def used(self) -> float:
        """Return the used space in percent, as df(1) shows it."""
        return 100 * (self.size - self.free) / self.size


def memory_used() -> float:
    """Return the percentage of memory that is not available to programs."""
    memory = psutil.virtual_memory()
    return 100 * (1 - float(memory.available) / float(memory.total))


def cpu_temperature(zones: Path = THERMAL) -> float:
    """Return the processor's temperature in °C.

    psutil reads all sensors of a machine, and names them otherwise on each kind of machine.
    """
    for zone in sorted(zones.glob("thermal_zone*")):
        if _text(zone / "type").strip() in CPU_ZONES:
            return sysfs_files.temperature(_text(zone / "temp"))
    raise Unavailable(f"no sensor of the processor in {zones}")


def is_undervolted(sensors: Path = HWMON, model: Path = MODEL) -> bool:
    """Return whether the supply's voltage was below 4.63 V in the last seconds.

    The kernel asks the firmware every two seconds. Only a Raspberry Pi has the sensor; on any other
    machine the answer is False.
    """
    for name in sorted(sensors.glob("hwmon*/name")):
        if _text(name).strip() == VOLTAGE_DRIVER:
            return sysfs_files.alarm(_text(name.with_name(VOLTAGE_ALARM)))
    if is_raspberry_pi(model):
        raise Unavailable(f"no sensor {VOLTAGE_DRIVER} in {sensors}")
    return False


def is_raspberry_pi(model: Path = MODEL) -> bool:
    """Return whether the device tree says that this machine is one."""
    try:
        return _text(model).startswith("Raspberry Pi")
    except Unavailable:  # a PC has no device tree
        return False


def disk(path: Path) -> DiskSpace:
    """Return the space of the file system that holds `path`."""
    try:
        usage = psutil.disk_usage(str(path))
    except OSError as error:
        raise Unavailable(f"{path}: {error.strerror}") from None
    size = usage.used + usage.free
    if not size:
        raise Unavailable(f"{path} is on a file system without a size")
    return DiskSpace(size, usage.free)


def bytes_written(path: Path, devices: Path = BLOCK) -> int:
    """Return the bytes written since the boot to the whole disk that holds `path`."""
    try:
        number = path.stat().st_dev
    except OSError as error:
        raise Unavailable(f"{path}: {error.strerror}") from None
    device = (devices / f"{os.major(number)}:{os.minor(number)}").resolve()
    if not device.is_dir():
        raise Unavailable(f"{path} is on no disk")
    whole = device.parent if (device / "partition").exists() else device
    return sysfs_files.bytes_written(_text(whole / "stat"))


def has_memory_cgroup(proc: Path = PROC, cgroup: Path = CGROUP) -> bool:
    """Return whether the kernel can limit the memory of a container."""
    texts = []
    for path in (proc / "cgroups", cgroup / "cgroup.controllers"):
        try:
            texts.append(_text(path))
        except Unavailable:  # a kernel without this version of control groups
            texts.append("")
    answer = cgroup_controllers.has_memory(*texts)
    if answer is None:
        raise Unavailable("the kernel does not say whether it has the memory cgroup")
    return answer


def kernel_command_line(proc: Path = PROC) -> str:
    """Return the options that the boot loader gave the kernel; empty if they are not readable."""
    try:
        return _text(proc / "cmdline").strip()
    except Unavailable:
        return ""


def _text(path: Path) -> str:
    return files.read(path).decode(errors="replace")
