"""Devices that the kernel adds while a container runs: in a /dev such as the engine mounts."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from tests.integration.mount_namespace import MountNamespace
from tests.integration.namespaces import require_namespaces
from tests.integration.worker_process import ROOT, eventually
from tests.required import required

pytestmark = pytest.mark.integration

LOOP_CTL_ADD, LOOP_CTL_REMOVE = 0x4C80, 0x4C81  # linux/loop.h
FIRST = 200  # of the loop devices that nobody uses
CONTROL = Path("/dev/loop-control")
SHOW = "import sys, pathlib, device_nodes; device_nodes.show_all(*map(pathlib.Path, sys.argv[1:]))"
SHOWN_S, END_S = 10, 30
# Those of a container without privileges, besides its own root.
UNPRIVILEGED = ("setpriv", "--bounding-set", "-sys_admin")


@contextmanager
def device() -> Iterator[str]:
    """Yield the name of a device that the kernel has just made."""
    with CONTROL.open() as control:
        number = next(one for one in range(FIRST, 256) if not Path(f"/dev/loop{one}").exists())
        fcntl.ioctl(control, LOOP_CTL_ADD, number)
        try:
            yield f"loop{number}"
        finally:
            fcntl.ioctl(control, LOOP_CTL_REMOVE, number)


@pytest.fixture
def devices(tmp_path: Path) -> Path:
    return tmp_path / "dev"


@pytest.fixture
def container(devices: Path) -> Iterator[MountNamespace]:
    """Yield a container whose /dev is at `devices`."""
    require_namespaces("setpriv")
    required("" if CONTROL.exists() else "the kernel makes no loop devices here")
    devices.mkdir()
    found = MountNamespace()
    try:
        found.mount("-t", "tmpfs", "tmpfs", str(devices))
        for name, kind in {"pts": "devpts", "shm": "tmpfs"}.items():
            found.path(devices / name).mkdir()
            found.mount("-t", kind, kind, str(devices / name))
        found.path(devices / "shm" / "of the container").touch()
        yield found
    finally:
        found.close()


def is_gone(path: Path) -> bool:
    return not path.exists()


def show(
    container: MountNamespace, devices: Path, *command: str
) -> subprocess.CompletedProcess[str]:
    argv = [*command, sys.executable, "-c", SHOW, str(devices), str(devices.parent / "workspace")]
    return subprocess.run(
        [*container.enter, *argv],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "services/homeassistant")},
        capture_output=True,
        text=True,
        timeout=END_S,
        check=False,
    )


def test_what_the_kernel_adds_later_is_there(container: MountNamespace, devices: Path) -> None:
    inside = container.path(devices)
    for _ in range(2):  # a second start of the same container changes nothing
        assert show(container, devices).stderr == ""
        for _ in range(2):
            with device() as name:
                eventually((inside / name).is_block_device, SHOWN_S, "the device appears")
            eventually(partial(is_gone, inside / name), SHOWN_S, "the device is gone")
        assert (inside / "shm" / "of the container").is_file()
        assert (inside / "pts" / "ptmx").exists()
        assert list(container.path(devices.parent / "workspace").iterdir()) == []
    assert not devices.joinpath("null").exists()  # the machine has another /dev


def test_a_container_without_privileges_keeps_its_own(
    container: MountNamespace, devices: Path
) -> None:
    assert "PermissionError" in show(container, devices, *UNPRIVILEGED).stderr
    assert {one.name for one in container.path(devices).iterdir()} == {"pts", "shm"}
