"""podman with settings and a storage of its own: nothing of this machine's is used or changed."""

from __future__ import annotations

import resource
import shutil
import subprocess
from pathlib import Path

from tests.integration.namespaces import ENVIRON

STATE = Path("/run/hems-image")  # gone with a reboot, as podman expects it
NETWORK_STATE = ("/run/containers", "/run/netns")  # podman's, which no setting moves
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
TIMEOUT_S = 120.0
# Docker's own capabilities: Debian's podman gives fewer.
CAPABILITIES = [
    *("AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD"),
    *("NET_BIND_SERVICE", "NET_RAW", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"),
]
# crun wants one kind of cgroups, runc takes a mixture; cgroupfs and file need no systemd.
SETTINGS = """\
[containers]
default_capabilities = {capabilities}
default_ulimits = {limits}
base_hosts_file = "none"
log_driver = "k8s-file"
[network]
network_backend = "netavark"
network_config_dir = "{state}/networks"
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
image_default_format = "v2s2"
tmp_dir = "{state}/podman"
"""
STORAGE = '[storage]\ndriver = "overlay"\ngraphroot = "{images}"\nrunroot = "{state}/storage"\n'
REGISTRIES = 'unqualified-search-registries = ["docker.io"]\nshort-name-mode = "permissive"\n'
# A build trusts whom this machine trusts: package registries may be reached by a proxy.
TRUST = "[global]\ncert = /etc/ssl/host-ca.crt\n"


class Podman:
    """Runs podman; inside the namespace of process `inside` once that is set."""

    def __init__(self, images: Path) -> None:
        """Keep images below `images`. Whatever a killed run has left is ended."""
        self.inside: int | None = None
        STATE.mkdir(exist_ok=True)
        texts = {
            "containers.conf": SETTINGS.format(
                capabilities=CAPABILITIES, limits=_limits(), state=STATE
            ),
            "storage.conf": STORAGE.format(images=images, state=STATE),
            "registries.conf": REGISTRIES,
            "pip.conf": TRUST,
        }
        for name, text in texts.items():
            (STATE / name).write_text(text)
        self._variables = {
            **ENVIRON,
            "CONTAINERS_CONF": str(STATE / "containers.conf"),
            "CONTAINERS_STORAGE_CONF": str(STATE / "storage.conf"),
            "CONTAINERS_REGISTRIES_CONF": str(STATE / "registries.conf"),
            "BUILDAH_FORMAT": "docker",
        }
        self.empty()

    def run(self, *arguments: str, timeout_s: float = TIMEOUT_S) -> str:
        """Run `podman arguments` and return what it printed."""
        return self.done(["podman", *arguments], timeout_s)

    def done(self, argv: list[str], timeout_s: float = TIMEOUT_S, cwd: Path | None = None) -> str:
        """Run a program that calls podman, to a good end, and return what it printed."""
        done = self.outcome(argv, timeout_s, cwd)
        assert done.returncode == 0, f"{argv} ended with {done.returncode}:\n{_end(done)}"
        return done.stdout

    def outcome(
        self, argv: list[str], timeout_s: float = TIMEOUT_S, cwd: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a program that calls podman to whatever end."""
        enter = ["nsenter", "-t", str(self.inside), "--net", "--mount", "--"] if self.inside else []
        return subprocess.run(
            [*enter, *argv],
            env=self._variables,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout_s,
            check=False,
        )

    def empty(self) -> None:
        """End every container, and forget what they have kept."""
        self.run("rm", "--all", "--force", "--time=0", "--volumes")
        self.run("volume", "prune", "--force")
        self.run("network", "prune", "--force")

    def close(self) -> None:
        """Forget all but images and the layers of builds, which stay for some days."""
        self.run("image", "prune", "--force", "--filter=until=168h")
        shutil.rmtree(STATE)


def building() -> list[str]:
    """Return the options of a build: it trusts this machine's certificate authorities.

    It shares the machine's network: one of its own would need rules in the machine's firewall.
    """
    return [
        "--pull=never",
        "--network=host",
        f"--volume={CERTIFICATES}:/etc/ssl/host-ca.crt:ro",
        f"--volume={STATE}/pip.conf:/etc/pip.conf:ro",
        "--env=NODE_EXTRA_CA_CERTS=/etc/ssl/host-ca.crt",
    ]


def _limits() -> list[str]:
    """Return limits that are not above this machine's own."""
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    processes = min(32768, int(Path("/proc/sys/kernel/pid_max").read_text()))
    return [f"nofile={files}:{files}", f"nproc={processes}:{processes}"]


def _end(done: subprocess.CompletedProcess[str]) -> str:
    return "\n".join((done.stdout + done.stderr).splitlines()[-40:])
