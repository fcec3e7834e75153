"""Check that the kernel can limit memory: without that, balena recreates every service for ever."""

from __future__ import annotations

from hems.doctor.check_interface import CheckContext, Finding, failed, note, ok
from hems.errors import Unavailable
from hems.system import host_metrics

TITLE = "memory cgroup"
EXPECTED = "a kernel with the memory cgroup"
DISABLED = "cgroup_disable=memory"


def check(_context: CheckContext) -> list[Finding]:
    try:
        is_there = host_metrics.has_memory_cgroup()
    except Unavailable as error:
        return [note(str(error))]
    return findings(host_metrics.kernel_command_line(), is_there=is_there)


def findings(command_line: str, *, is_there: bool) -> list[Finding]:
    """Return whether the memory cgroup is there, and what switches it off."""
    if is_there:
        return [ok("the kernel can limit the memory of each service")]
    found = (
        "the kernel has no memory cgroup, so balena recreates every service with mem_limit "
        "every 7 s"
    )
    advice = (
        f"remove {DISABLED} from the kernel's command line (cmdline.txt), and reboot"
        if DISABLED in command_line.split()
        else "add cgroup_enable=memory to the kernel's command line (cmdline.txt), and reboot"
    )
    return [failed(found, EXPECTED, advice)]
