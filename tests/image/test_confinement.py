"""What the container of each service may write, be and gain."""

from __future__ import annotations

from pathlib import Path

import pytest

from dev.check import compose_file
from dev.check.checks.compose_privileges import EXPECTED_CAPABILITIES, PRIVILEGED
from hems.supervision.settings.capability_names import NUMBERS
from tests.image.fleet import Fleet
from tests.integration.namespaces import Namespace
from tests.integration.worker_process import ROOT, eventually

pytestmark = pytest.mark.image
SERVICES = compose_file.read(ROOT).services
# Why: ARCHITECTURE.md, "Rights".
RUN_AS_ROOT = {*PRIVILEGED, "hass-configurator", "wifi-connect"}
PORTAL = "192.168.42.1"
# As wifi-connect starts it (src/dnsmasq.rs).
DNSMASQ = (
    *("dnsmasq", f"--address=/#/{PORTAL}", "--dhcp-range=192.168.42.2,192.168.42.254"),
    *(f"--dhcp-option=option:router,{PORTAL}", "--interface=portal", "--keep-in-foreground"),
    *("--bind-interfaces", "--except-interface=lo", "--conf-file", "--no-hosts"),
)


def status(fleet: Fleet, service: str, field: str) -> str:
    """Return a field of the status of the first process of a service."""
    lines = Path(f"/proc/{fleet.containers[service].inspect()['State']['Pid']}/status").read_text()
    return next(line.split()[1] for line in lines.splitlines() if line.startswith(f"{field}:"))


@pytest.mark.parametrize("service", SERVICES)
def test_nothing_in_a_container_gains_a_right(fleet: Fleet, service: str) -> None:
    assert status(fleet, service, "NoNewPrivs") == "1"
    if service not in PRIVILEGED:
        bits = int(status(fleet, service, "CapBnd"), 16)
        names = {name.removeprefix("CAP_") for name, at in NUMBERS.items() if bits >> at & 1}
        assert names == EXPECTED_CAPABILITIES.get(service, set())


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_root_only_with_a_reason(fleet: Fleet, service: str) -> None:
    assert (status(fleet, service, "Uid") == "0") == (service in RUN_AS_ROOT)


@pytest.mark.parametrize("service", [name for name in SERVICES if name != "homeassistant"])
def test_a_service_writes_to_its_volumes_and_tmpfs_only(fleet: Fleet, service: str) -> None:
    container, own = fleet.containers[service], SERVICES[service]
    for folder in ("/", "/etc", "/usr/bin", "/var"):
        assert not container.succeeds("touch", f"{folder}/new", user="0")
    for place in own.tmpfs:
        container.exec("touch", f"{place}/new")
        container.exec("rm", f"{place}/new")


def test_the_portals_dnsmasq_starts_and_is_ended_with_the_rights_of_its_container(
    fleet: Fleet, space: Namespace
) -> None:
    """balena's wifi-connect starts and kills it; here a shell in the container does."""
    container = fleet.containers["wifi-connect"]
    space.run("ip", "link", "add", "portal", "type", "bridge")
    space.run("ip", "address", "add", f"{PORTAL}/24", "dev", "portal")
    space.run("ip", "link", "set", "portal", "up")
    try:
        container.exec_detached(*DNSMASQ)
        eventually(lambda: space.reaches(PORTAL, 53, 1), 20, "dnsmasq answers")
        pids = container.exec("pidof", "dnsmasq").split()
        assert pids
        assert container.exec("stat", "--format=%U", f"/proc/{pids[0]}").strip() != "root"
        container.exec("sh", "-c", f"kill -KILL {' '.join(pids)}")
        eventually(lambda: not space.reaches(PORTAL, 53, 1), 20, "dnsmasq has ended")
    finally:
        space.run("ip", "link", "delete", "portal")
