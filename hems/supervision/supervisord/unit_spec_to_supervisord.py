"""Change supervisord's settings of a program to those of its unit, and say how it starts."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Sequence
from typing import Any

from hems.supervision.processes import credentials
from hems.supervision.processes.child_preparation import ChildPreparation
from hems.supervision.processes.child_start import ChildStart
from hems.supervision.settings.notify_access import NotifyAccess
from hems.supervision.settings.unit_spec import UnitSpec
from hems.supervision.supervisord.shared_by_units import SharedByUnits
from hems.supervision.supervisord.unit_output import make_dispatchers


def unit_config(plain: Any, spec: UnitSpec, shared: SharedByUnits) -> Any:
    """Return a changed copy: `reread` compares the original with the file."""
    config = copy.copy(plain)
    config.environment = dict(config.environment)
    if spec.notify_access is not NotifyAccess.NONE:
        config.environment["NOTIFY_SOCKET"] = str(shared.notify_socket)
    config.environment.pop("UNIT", None)
    if spec.watchdog_s < math.inf:
        config.environment["WATCHDOG_USEC"] = str(round(spec.watchdog_s * 1e6))
    config.make_dispatchers = lambda process: make_dispatchers(
        process, spec.log, spec.name, shared.logs
    )
    config.startsecs = 0  # to supervisord no exit is too early
    return config


def child_start(
    config: Any,
    spec: UnitSpec,
    shared: SharedByUnits,
    passed: Callable[[], Sequence[tuple[str, int]]],
) -> ChildStart:
    """Return how the unit's main process starts; `passed` are its descriptors from 3 on."""
    preparation = ChildPreparation(
        spec.name,
        spec.process,
        config.uid,
        credentials.folder_of(shared.notify_socket.parent, spec.name),
        shared.credentials,
        shared.oom_score_adjust,
    )
    return ChildStart(preparation, shared.packages, passed)
