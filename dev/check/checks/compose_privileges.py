"""Check the privileges of each service: balena's feature labels, capabilities, privileged mode.

balena accepts any text here: an unknown label has no effect, and only the engine on the device
refuses an unknown capability.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from pathlib import Path

from dev.check import compose_file
from dev.check.compose_file import FILE, Service

TITLE = "compose: each service has the privileges that it needs"
FEATURE = "io.balena.features."
FEATURES = tuple(
    FEATURE + name
    for name in (
        "balena-api",
        "balena-socket",
        "dbus",
        "extra-firmware",
        "firmware",
        "gpu",
        "host-os.board-rev",
        "journal-logs",
        "kernel-modules",
        "procfs",
        "supervisor-api",
        "sysfs",
    )
)
BALENA = "io.balena."
OTHER_LABELS = ("io.balena.features.requires.", "io.balena.update.")
# capabilities(7), without CAP_, as the engine writes them
_CAPABILITIES = """
    ALL AUDIT_CONTROL AUDIT_READ AUDIT_WRITE BLOCK_SUSPEND BPF CHECKPOINT_RESTORE CHOWN
    DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID IPC_LOCK IPC_OWNER KILL LEASE LINUX_IMMUTABLE
    MAC_ADMIN MAC_OVERRIDE MKNOD NET_ADMIN NET_BIND_SERVICE NET_BROADCAST NET_RAW PERFMON
    SETFCAP SETGID SETPCAP SETUID SYSLOG SYS_ADMIN SYS_BOOT SYS_CHROOT SYS_MODULE SYS_NICE
    SYS_PACCT SYS_PTRACE SYS_RAWIO SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG WAKE_ALARM
"""
CAPABILITIES = tuple(_CAPABILITIES.split())
EXPECTED_FEATURES = {
    "hems": {f"{FEATURE}supervisor-api"},  # restarts and reboots
    "wifi-connect": {f"{FEATURE}dbus"},  # NetworkManager
    "tailscale": {f"{FEATURE}kernel-modules"},  # docs/remote-access.md: its tunnel
}
EXPECTED_CAPABILITIES = {
    # the portal's firewall rule, dnsmasq, and to end it
    "wifi-connect": {"NET_ADMIN", "NET_RAW", "NET_BIND_SERVICE", "SETGID", "SETUID", "KILL"},
    "tailscale": {"NET_ADMIN", "NET_RAW"},  # its interface and its routes
}
PRIVILEGED = {
    "hems": "the GPIO chips of every model",
    "homeassistant": "the Zigbee coordinator, which may be missing",
}
HOST_NETWORK = {
    "hems": "the firewall, and the addresses of the gateway",
    "wifi-connect": "the Wi-Fi radio and the firewall",
    "tailscale": "its interface is one of the gateway's",
}
NO_NEW = "no-new-privileges"
READ_ONLY, DROP_ALL, GAIN_NONE = (
    "read_only: true",
    "cap_drop: [ALL]",
    f"security_opt: [{NO_NEW}]",
)
KEEPS_ALL = "the engine gives every capability to a privileged container"
OWN_FILE = "dev/check/checks/compose_privileges.py"
EXCEPTIONS = {
    ("hems", DROP_ALL): f"{KEEPS_ALL}; its units drop them (etc/supervisord.conf)",
    ("homeassistant", DROP_ALL): KEEPS_ALL,
    ("homeassistant", READ_ONLY): "it installs the packages that an integration needs",
    ("tailscale", READ_ONLY): "its image says nowhere what it writes",
}


def problems(root: Path) -> Iterator[str]:
    """Yield each privilege that is unknown or missing, or that a service has without a reason."""
    for name, service in compose_file.read(root).services.items():
        where = f"{FILE}: {name}"
        yield from _labels(where, service)
        for capability in (*service.cap_add, *service.cap_drop):
            if capability not in CAPABILITIES:
                yield f"{where}: capability {capability}: {_expected(capability, CAPABILITIES)}"
        yield from _reasons(where, name, service)
        yield from _confinement(where, name, service)


def _labels(where: str, service: Service) -> Iterator[str]:
    for label, value in service.labels.items():
        if not label.startswith(BALENA) or label.startswith(OTHER_LABELS):
            continue
        if label not in FEATURES:
            yield f"{where}: label {label}: {_expected(label, FEATURES)}"
        elif str(value) != "1":
            yield f'{where}: label {label}: found {value!r}, expected "1"'


def _reasons(where: str, name: str, service: Service) -> Iterator[str]:
    """Yield each difference from what this file has a reason for."""
    features = {label for label in service.labels if label.startswith(FEATURE)}
    yield from _differences(f"{where}: labels", features, EXPECTED_FEATURES.get(name, set()))
    expected = EXPECTED_CAPABILITIES.get(name, set())
    yield from _differences(f"{where}: cap_add", {*service.cap_add}, expected)
    if service.network_mode == compose_file.HOST and name not in HOST_NETWORK:
        yield f"{where}: network_mode: found host, for which {OWN_FILE} has no reason"
    if service.pid:
        yield f"{where}: pid: found {service.pid}: the service would see the processes of others"
    for option in {*service.security_opt} - {NO_NEW}:
        yield f"{where}: security_opt: found {option}, expected {NO_NEW} only"
    if name in PRIVILEGED and not service.privileged:
        yield f"{where}: privileged: expected true, for {PRIVILEGED[name]}"
    if service.privileged and name not in PRIVILEGED:
        yield f"{where}: privileged: found true, which only {' and '.join(PRIVILEGED)} may be"


def _differences(where: str, found: set[str], expected: set[str]) -> Iterator[str]:
    for missing in sorted(expected - found):
        yield f"{where}: expected {missing}"
    for unexplained in sorted(found - expected):
        yield f"{where}: found {unexplained}, for which {OWN_FILE} has no reason"


def _confinement(where: str, name: str, service: Service) -> Iterator[str]:
    """Yield what a service may write, have or gain beyond its volumes, without a reason."""
    is_set = {
        READ_ONLY: service.read_only,
        DROP_ALL: "ALL" in service.cap_drop,
        GAIN_NONE: NO_NEW in service.security_opt,
    }
    for key, value in is_set.items():
        if not value and (name, key) not in EXCEPTIONS:
            yield f"{where}: expected {key}"
        elif value and (name, key) in EXCEPTIONS:
            yield f"{where}: found {key}, expected none: {EXCEPTIONS[name, key]}"


def _expected(name: str, known: Iterable[str]) -> str:
    """Return the known name that resembles `name`, or all of them."""
    choice = sorted(known)
    near = difflib.get_close_matches(name, choice, n=1)
    return f"did you mean {near[0]}?" if near else f"expected one of {', '.join(choice)}"
