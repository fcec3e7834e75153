"""The names of Linux capabilities, and sets of them as systemd writes them: capabilities(7)."""

from __future__ import annotations

from collections.abc import Iterable

_NAMES = """
    chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable
    net_bind_service net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio
    sys_chroot sys_ptrace sys_pacct sys_admin sys_boot sys_nice sys_resource sys_time
    sys_tty_config mknod lease audit_write audit_control setfcap mac_override mac_admin syslog
    wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore
"""
NUMBERS = {f"CAP_{name.upper()}": number for number, name in enumerate(_NAMES.split())}
ALL = frozenset(NUMBERS.values())

# One assignment of a directive: whether it begins with ~, and the capabilities that it names.
CapabilityList = tuple[bool, frozenset[int]]


def capability_list(value: str) -> CapabilityList:
    """Return the value of one assignment: `CAP_A CAP_B`, or `~CAP_A` for all but CAP_A."""
    is_inverted = value.startswith("~")
    numbers = set()
    for name in value.removeprefix("~").replace(",", " ").split():
        if name.upper() not in NUMBERS:
            raise ValueError(f"found {name!r}, expected a capability such as CAP_NET_ADMIN")
        numbers.add(NUMBERS[name.upper()])
    return is_inverted, frozenset(numbers)


def combined(lists: Iterable[CapabilityList]) -> frozenset[int]:
    """Return the set that follows from all assignments: a list adds, one with ~ takes away."""
    result: frozenset[int] | None = None
    for is_inverted, numbers in lists:
        if is_inverted:
            result = (ALL if result is None else result) - numbers
        else:
            result = (result or frozenset()) | numbers
    return result or frozenset()
