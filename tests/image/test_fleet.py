"""The compose project comes up from nothing, and every worker says that it is well."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

import pytest

from dev.check import compose_file
from tests.image.fleet import Fleet
from tests.image.supervisor import Containers
from tests.integration.worker_process import ROOT, eventually

pytestmark = pytest.mark.image
SERVICES = list(compose_file.read(ROOT).services)
ROOTS_OWN = {"/run", "/run/xtables.lock", "/tmp", "/etc"}  # what iptables and podman touch


def test_every_worker_is_ready_and_well(fleet: Fleet) -> None:
    units = configparser.ConfigParser(interpolation=None)
    units.read(ROOT / "etc" / "supervisord.conf")
    programs = {name.partition(":")[2] for name in units if name.startswith("program:")}
    assert {row.name for row in fleet.health().values() if row.is_ready} == programs
    assert fleet.is_green()


def test_the_meters_worker_reaches_the_broker_with_what_provision_made(fleet: Fleet) -> None:
    eventually(lambda: "MQTT connected" in fleet.status("eesmart-d2l"), 20, "connected")


def test_another_container_tells_telemetry_of_refused_logins(fleet: Fleet) -> None:
    page = fleet.containers["hass-configurator"]  # it has Python; nginx has the same volume
    tell = "import socket;end=socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM);" + (
        "end.sendto(b'editor 192.0.2.7','/gateway/refused-logins.sock')"
    )
    page.exec("python3", "-c", tell)
    counted = re.compile("the editor [1-9]")
    eventually(lambda: bool(counted.search(fleet.status("telemetry"))), 20, "it counts")


def test_a_first_start_restarts_the_broker_once_which_reads_what_was_made(
    fleet: Fleet, device: Containers
) -> None:
    assert device.restarted == ["mqtt"]


def test_supervisorctl_needs_no_options(fleet: Fleet) -> None:
    status = fleet.hems.exec("supervisorctl", "status").splitlines()
    assert all(line.split()[1] == "RUNNING" for line in status)
    assert len(status) == len(fleet.hems.exec("supervisorctl", "health").splitlines()) - 1


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_passes_the_health_check_of_its_image(fleet: Fleet, service: str) -> None:
    eventually(fleet.containers[service].is_healthy, 20, f"{service} is healthy")


def test_home_assistant_sees_what_is_plugged_in_later(fleet: Fleet) -> None:
    """The kernel itself makes the nodes in its /dev; what the engine mounts there stays."""
    pid = fleet.containers["homeassistant"].inspect()["State"]["Pid"]
    mounts = [line.split() for line in Path(f"/proc/{pid}/mounts").read_text().splitlines()]
    kinds = {place: kind for _source, place, kind, *_ in mounts}
    assert (kinds["/dev"], kinds["/dev/shm"], kinds["/dev/pts"]) == ("devtmpfs", "tmpfs", "devpts")
    assert "/run/devices" not in kinds


def test_what_parses_strangers_bytes_is_nobody_special(fleet: Fleet) -> None:
    pid = fleet.health()["eesmart-d2l"].pid
    status = fleet.hems.exec("cat", f"/proc/{pid}/status")
    facts = dict(line.split(":\t", 1) for line in status.splitlines())
    assert facts["Uid"].split() == facts["Gid"].split() == ["7846"] * 4
    assert facts["Groups"].split() == ["7846"]
    assert int(facts["CapEff"], 16) == 0


def test_every_worker_has_its_log_file(fleet: Fleet) -> None:
    names = fleet.hems.exec("ls", "/var/log/hems").split()
    assert names == sorted(f"{name}.log" for name in fleet.health())


def test_no_program_that_builds_is_in_the_image(fleet: Fleet) -> None:
    places = ["/bin", "/usr/bin", "/usr/local/bin", "/opt/hems/bin"]
    programs = set(fleet.hems.exec("ls", *places).split())
    assert not programs & {"gcc", "cc", "ld", "make", "swig", "pip", "pip3"}


def test_hems_writes_nothing_into_its_container(fleet: Fleet) -> None:
    """A file that is not on a volume wears out the flash, and an update deletes it."""
    assert fleet.hems.written() <= ROOTS_OWN
