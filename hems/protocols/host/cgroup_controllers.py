"""Decode what the kernel says about its control groups: /proc/cgroups and cgroup.controllers.

    #subsys_name  hierarchy  num_cgroups  enabled          cgroups(7)
    memory        0          80           1
cgroup.controllers, of version 2, has the names of the controllers in one line.
"""

from __future__ import annotations

MEMORY = "memory"
FIELDS = 4


def has_memory(cgroups: str, controllers: str) -> bool | None:
    """Return whether memory can be limited; None if the two texts do not say.

    Either may be empty. A kernel without version 1 does not list memory in /proc/cgroups.
    """
    if MEMORY in controllers.split():
        return True
    for line in cgroups.splitlines():
        fields = line.split()
        if len(fields) == FIELDS and fields[0] == MEMORY:
            return fields[3] == "1"
    return False if controllers.split() else None
