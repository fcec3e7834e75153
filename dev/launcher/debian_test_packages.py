"""List and install the Debian packages that the tests need. Standard library only."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from dev.launcher.mosquitto_or_embedded_broker import SYSTEM_PROGRAMS
from hems.errors import Unavailable
from hems.system import subprocesses


class Package(NamedTuple):
    """A package, a program that proves its installation, and the reason why tests need it."""

    name: str
    program: str
    purpose: str


BROKER, HOTSPOT = "the real broker", "a real hotspot and its firewall"
PARSER = "balena's own parser"
IMAGES = "images, built and run"
ENTRY, BROWSER = "the real nginx", "a real browser"
METRICS = "a real time-series database"
DATABASE = "the real InfluxDB"
REGISTRY = "a real registry of images"
SYSTEMD = "the real systemd --user beside supervision"
CERTIFICATES = "what openssl and a browser think of certificates"
PACKAGES = (
    Package("mosquitto", "mosquitto", BROKER),
    Package("network-manager", "NetworkManager", HOTSPOT),
    Package("dbus", "dbus-daemon", HOTSPOT),
    Package("dnsmasq-base", "dnsmasq", HOTSPOT),
    Package("iproute2", "ip", HOTSPOT),
    Package("iptables", "iptables-legacy", HOTSPOT),
    Package("nftables", "nft", HOTSPOT),  # brings libnftables1
    Package("nodejs", "node", PARSER),
    Package("npm", "npm", PARSER),
    Package("podman", "podman", IMAGES),
    Package("runc", "runc", IMAGES),
    Package("conmon", "conmon", IMAGES),
    Package("netavark", "netavark", IMAGES),
    Package("mmdebstrap", "mmdebstrap", IMAGES),
    Package("docker-registry", "docker-registry", REGISTRY),
    Package("nginx", "nginx", ENTRY),
    Package("libnginx-mod-stream", "nginx", ENTRY),  # a module, known by its program
    Package("chromium", "chromium", BROWSER),
    Package("victoria-metrics", "victoria-metrics", METRICS),
    Package("openssl", "openssl", CERTIFICATES),
    Package("libnss3-tools", "certutil", CERTIFICATES),  # for a browser that trusts a CA
    Package("systemd", "systemctl", SYSTEMD),
    Package("golang-go", "go", DATABASE),
    Package("cargo", "cargo", DATABASE),
    Package("gcc", "gcc", DATABASE),
    Package("libc6-dev", "gcc", DATABASE),  # headers, known by their compiler
)
PLACES = f"{SYSTEM_PROGRAMS}:/usr/lib/podman"  # of programs, beside PATH
ATTEMPTS, PAUSE_S = 4, 5  # a mirror may change during an installation
UPDATE_S, INSTALL_S = 180, 600
POLICY = Path("/usr/sbin/policy-rc.d")
FORBIDDEN = "#!/usr/bin/env python3\nraise SystemExit(101)\n"


def missing() -> list[Package]:
    """Return the packages whose program is not installed."""
    places = f"{os.environ.get('PATH', '')}:{PLACES}"
    return [one for one in PACKAGES if not shutil.which(one.program, path=places)]


def install(names: list[str]) -> None:
    """Install packages with apt, as root; start none of their services. Raises Unavailable.

    `apt-get update` only warns of an unreachable mirror: then the installation fails.
    """
    quietly = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y"]
    for attempt in range(1, ATTEMPTS + 1):
        try:
            subprocesses.run(["apt-get", "update"], UPDATE_S)
            with _services_held():
                subprocesses.run([*quietly, "--no-install-recommends", *names], INSTALL_S)
            break
        except Unavailable:
            if attempt == ATTEMPTS:
                raise
            time.sleep(PAUSE_S * attempt)


@contextlib.contextmanager
def _services_held() -> Iterator[None]:
    """Prevent packages from starting their services: NetworkManager would configure this machine.

    The policy's exit status 101 forbids a start (invoke-rc.d(8)); an existing policy stays.
    """
    if POLICY.exists():
        yield
        return
    POLICY.write_text(FORBIDDEN, encoding="ascii")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink()
