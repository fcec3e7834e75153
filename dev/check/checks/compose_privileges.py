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
REQUIRED_FEATURES = {
    "hems": f"{FEATURE}supervisor-api",  # restarts and reboots
    "wifi-connect": f"{FEATURE}dbus",  # NetworkManager
}
REQUIRED_CAPABILITIES = {"wifi-connect": "NET_ADMIN"}  # the portal's firewall rule
PRIVILEGED = {
    "hems": "the GPIO chips of every model",
    "homeassistant": "the Zigbee coordinator, which may be missing",
}
CONFINED = "hass-configurator"  # runs as root, because root owns Home Assistant's files


def problems(root: Path) -> Iterator[str]:
    """Yield each privilege that is unknown, missing, or more than the file editor may have."""
    for name, service in compose_file.read(root).services.items():
        where = f"{FILE}: {name}"
        yield from _labels(where, service)
        for capability in (*service.cap_add, *service.cap_drop):
            if capability not in CAPABILITIES:
                yield f"{where}: capability {capability}: {_expected(capability, CAPABILITIES)}"
        yield from _required(where, name, service)


def _labels(where: str, service: Service) -> Iterator[str]:
    for label, value in service.labels.items():
        if not label.startswith(BALENA) or label.startswith(OTHER_LABELS):
            continue
        if label not in FEATURES:
            yield f"{where}: label {label}: {_expected(label, FEATURES)}"
        elif str(value) != "1":
            yield f'{where}: label {label}: found {value!r}, expected "1"'


def _required(where: str, name: str, service: Service) -> Iterator[str]:
    if name in REQUIRED_FEATURES and REQUIRED_FEATURES[name] not in service.labels:
        yield f'{where}: labels: expected {REQUIRED_FEATURES[name]}: "1"'
    if name in REQUIRED_CAPABILITIES and REQUIRED_CAPABILITIES[name] not in service.cap_add:
        yield f"{where}: cap_add: expected {REQUIRED_CAPABILITIES[name]}"
    if name in PRIVILEGED and not service.privileged:
        yield f"{where}: privileged: expected true, for {PRIVILEGED[name]}"
    if name == CONFINED and not (service.read_only and "ALL" in service.cap_drop):
        yield f"{where}: expected read_only: true and cap_drop: [ALL], because it runs as root"


def _expected(name: str, known: Iterable[str]) -> str:
    """Return the known name that resembles `name`, or all of them."""
    choice = sorted(known)
    near = difflib.get_close_matches(name, choice, n=1)
    return f"did you mean {near[0]}?" if near else f"expected one of {', '.join(choice)}"
