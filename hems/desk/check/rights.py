"""Feature labels, capabilities and memory limits.

balena takes any string here: an unknown label gives nothing, and the engine refuses an unknown
capability on the device only.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from hems.desk.check import compose
from hems.desk.check.compose import FILE, Service

FEATURE = "io.balena.features."
FEATURES = tuple(
    FEATURE + name
    for name in (
        "balena-api",
        "balena-socket",
        "dbus",
        "firmware",
        "journal-logs",
        "kernel-modules",
        "procfs",
        "supervisor-api",
        "sysfs",
    )
)
BALENA = "io.balena."
OTHER_LABELS = ("io.balena.features.requires.", "io.balena.update.")
MEMORY = re.compile(r"([1-9]\d*)([kmg])b?", re.IGNORECASE)
UNITS = {"k": 1024, "m": 1024**2, "g": 1024**3}
MB = 1_000_000
MOST_B = 3600 * MB  # of all limits; the rest of 4 GB is balenaOS's
# capabilities(7), as the engine writes them
_CAPABILITIES = """
    ALL AUDIT_CONTROL AUDIT_READ AUDIT_WRITE BLOCK_SUSPEND BPF CHECKPOINT_RESTORE CHOWN
    DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID IPC_LOCK IPC_OWNER KILL LEASE LINUX_IMMUTABLE
    MAC_ADMIN MAC_OVERRIDE MKNOD NET_ADMIN NET_BIND_SERVICE NET_BROADCAST NET_RAW PERFMON
    SETFCAP SETGID SETPCAP SETUID SYSLOG SYS_ADMIN SYS_BOOT SYS_CHROOT SYS_MODULE SYS_NICE
    SYS_PACCT SYS_PTRACE SYS_RAWIO SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG WAKE_ALARM
"""
CAPABILITIES = tuple(_CAPABILITIES.split())


def problems(root: Path) -> Iterator[str]:
    """Yield each right or limit that does not mean what it says."""
    services = compose.read(root).services
    for name, service in services.items():
        where = f"{FILE}: {name}"
        yield from _labels(where, service)
        for capability in (*service.cap_add, *service.cap_drop):
            if capability not in CAPABILITIES:
                yield f"{where}: capability {capability}: {_expected(capability, CAPABILITIES)}"
        if not MEMORY.fullmatch(service.mem_limit):
            yield (
                f"{where}: mem_limit: found {service.mem_limit or 'none'}, expected such as 96m: "
                "one leaking service must not take the others down"
            )
    total_b = sum(_bytes(one.mem_limit) for one in services.values())
    if total_b > MOST_B:
        yield f"{FILE}: mem_limit: found {total_b / MB:.0f} MB in all, expected {MOST_B / MB:.0f}"


def _bytes(limit: str) -> int:
    """Return a limit such as 96m in bytes, none for what is no limit."""
    found = MEMORY.fullmatch(limit)
    return int(found[1]) * UNITS[found[2].lower()] if found else 0


def _labels(where: str, service: Service) -> Iterator[str]:
    for label, value in service.labels.items():
        if not label.startswith(BALENA) or label.startswith(OTHER_LABELS):
            continue
        if label not in FEATURES:
            yield f"{where}: label {label}: {_expected(label, FEATURES)}"
        elif str(value) != "1":
            yield f'{where}: label {label}: found {value!r}, expected "1"'


def _expected(found: str, known: Iterable[str]) -> str:
    choice = sorted(known)
    near = difflib.get_close_matches(found, choice, n=1)
    return f"did you mean {near[0]}?" if near else f"expected one of {', '.join(choice)}"
