"""The guest's kernel and root file system.

The kernel is the newest of Debian's backports: gpio-sim is a module since 7.2 only. The whole
root file system is the initrd: systemd, NetworkManager, QEMU's guest agent, and the project's
dependencies in /opt/site. Nothing of the project itself is in it.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import sys
import tarfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

from hems.errors import Unavailable
from hems.system import subprocesses
from tests import archive

ROOT = Path(__file__).resolve().parents[2]
SUITE, PYTHON, GLIBC = "bookworm", "3.11", 36  # Debian 12 has Python 3.11 and glibc 2.36
KERNEL_SUITE = "trixie-backports"
PACKAGES = [
    *("systemd-sysv", "udev", "kmod", "dbus", "qemu-guest-agent", "python3"),
    *("network-manager", "dnsmasq-base", "wpasupplicant", "iw", "wireless-regdb"),
    *("iproute2", "iputils-ping", "isc-dhcp-client", "iptables", "nftables", "libnftables1"),
]
MODULES = "/usr/lib/modules/*/kernel/"
MODULES_LEFT_OUT = [f"{MODULES}*"]
MODULES_KEPT = [
    f"{MODULES}{part}/*"
    for part in ("arch/x86/crypto", "crypto", "lib", "net", "fs", "drivers/gpio", "drivers/net")
]
# The agent logs each call.
QUIET_AGENT = "etc/systemd/system/qemu-guest-agent.service.d"
SOURCE_ONLY = ("sdnotify",)  # dependencies that come without a wheel
UPDATE_S, MAKE_S = 120, 600


@dataclass(frozen=True)
class Image:
    """What QEMU boots."""

    directory: Path

    @property
    def kernel(self) -> Path:
        return self.directory / "vmlinuz"

    @property
    def initrd(self) -> Path:
        return self.directory / "initrd"


def key() -> str:
    """Return a name that changes when something the image is made from does."""
    files = [Path(__file__), Path(archive.__file__)]
    made_from = [*(file.read_text() for file in files), *_requirements()]
    return hashlib.sha256("\n".join(made_from).encode()).hexdigest()[:16]


def _requirements() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    optional = project["optional-dependencies"]
    return [*project["dependencies"], *optional["gateway"]]


def make(directory: Path) -> None:
    """Make an image in the empty `directory`. Raises Unavailable."""
    image, tar = Image(directory), directory / "root.tar"
    release = _kernel_release(directory / "apt")
    _debian(tar, [*PACKAGES, f"linux-modules-{release}", f"linux-binary-{release}"])
    with tarfile.open(tar) as archive:
        kernel = archive.extractfile(f"./usr/lib/modules/{release}/vmlinuz")
        assert kernel is not None
        image.kernel.write_bytes(kernel.read())
    _site(directory / "opt" / "site")
    (directory / QUIET_AGENT).mkdir(parents=True)
    (directory / QUIET_AGENT / "quiet.conf").write_text("[Service]\nLogLevelMax=notice\n")
    make = ["bsdtar", "--format=newc", "-cf", str(image.initrd), f"@{tar}"]
    subprocesses.run([*make, "-C", str(directory), "opt/site", QUIET_AGENT], MAKE_S)
    tar.unlink()
    for scaffold in ("apt", "etc", "opt"):
        shutil.rmtree(directory / scaffold)


def _kernel_release(state: Path) -> str:
    """Return the newest kernel's release, such as 7.3.4+deb13-amd64."""
    (state / "lists" / "partial").mkdir(parents=True)
    (state / "sources.list").write_text(archive.source(KERNEL_SUITE) + "\n")
    (state / "status").touch()
    settings = {
        "Dir::State": state,
        "Dir::State::status": state / "status",
        "Dir::Cache": state,
        "Dir::Etc::SourceList": state / "sources.list",
        "Dir::Etc::SourceParts": "-",
        "APT::Sandbox::User": "",
        "APT::Update::Error-Mode": "any",  # else a mirror that is away is a warning
        "Acquire::Languages": "none",
    }
    options = [part for name, value in settings.items() for part in ("-o", f"{name}={value}")]
    subprocesses.run(["apt-get", "update", *options], UPDATE_S)
    package = subprocesses.run(["apt-cache", "show", "linux-modules-amd64", *options], 30)
    releases = re.findall(r"^Depends:.* linux-modules-([0-9]\S+)", package, re.MULTILINE)
    if not releases:
        raise Unavailable(f"{KERNEL_SUITE} has no kernel that linux-modules-amd64 depends on")
    return str(releases[0])


def _debian(tar: Path, packages: list[str]) -> None:
    """Write a small Debian with `packages` into the archive `tar`."""
    excluded = [f"path-exclude={pattern}" for pattern in archive.LEFT_OUT + MODULES_LEFT_OUT]
    included = [f"path-include={pattern}" for pattern in MODULES_KEPT]  # the last match wins
    options = [
        "--variant=minbase",
        "--architectures=amd64",
        *(f"--dpkgopt={option}" for option in excluded + included),
        f"--include={','.join(packages)}",
    ]
    sources = [archive.source(SUITE), archive.source(KERNEL_SUITE)]
    subprocesses.run(["mmdebstrap", "--quiet", *options, SUITE, str(tar), *sources], MAKE_S)


def _site(directory: Path) -> None:
    """Install the project's dependencies for the guest's Python, whatever Python this is."""
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    requirements = _requirements()
    sources = [line for line in requirements if line.startswith(SOURCE_ONLY)]
    wheels = directory.with_name("wheels")
    subprocesses.run([*pip, "wheel", "--no-deps", f"--wheel-dir={wheels}", *sources], MAKE_S)
    platforms = [f"--platform=manylinux_2_{glibc}_x86_64" for glibc in range(GLIBC, 16, -1)]
    guest = [f"--python-version={PYTHON}", "--implementation=cp", *platforms]
    options = ["--only-binary=:all:", f"--find-links={wheels}", f"--target={directory}"]
    subprocesses.run([*pip, "install", *options, *guest, *requirements], MAKE_S)
