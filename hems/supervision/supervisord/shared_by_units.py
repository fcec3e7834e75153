"""What all units of one supervisord share, and their processes need."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from hems.supervision.supervisord.event_loop import Wakeup
from hems.supervision.supervisord.nonblocking_logs import NonblockingLogs
from hems.supervision.units.container_end import ContainerEnd
from hems.supervision.units.state_change_journal import StateJournal
from hems.supervision.units.unit_state_machine import Unit

if TYPE_CHECKING:
    from hems.supervision.processes.preload import PreloadedPackages


class SharedByUnits(NamedTuple):
    """What is shared, by its name.

    `units` returns all units by name; `begin_round` returns the time by which deadlines are judged;
    `end` ends supervisord because of a unit. `packages` is None without preload.
    `credentials` is the folder of supervisord's own, `oom_score_adjust` the default of units.
    """

    units: Callable[[], Mapping[str, Unit]]
    begin_round: Callable[[], float]
    read_inbox: Callable[[], None]
    wakeup: Wakeup
    notify_socket: Path
    packages: PreloadedPackages | None
    credentials: Path | None
    oom_score_adjust: int
    logs: NonblockingLogs
    journal: StateJournal
    end: Callable[[ContainerEnd, str], None]
