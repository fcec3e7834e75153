"""The directives of how the processes of a unit are ended."""

import signal
from enum import Enum
from signal import SIGABRT, SIGKILL, Signals
from typing import NamedTuple

from hems.supervision.settings.directive import Directive, boolean, one_of, timeout

KILL = "systemd.kill(5)"


class KillMode(Enum):
    CONTROL_GROUP = "control-group"  # the stop signal and SIGKILL go to all processes
    MIXED = "mixed"  # the stop signal goes to the main process, SIGKILL to the others
    PROCESS = "process"  # only the main process is signalled


class KillSettings(NamedTuple):
    """`signal` None: the stop signal that supervisord's own setting names."""

    mode: KillMode = KillMode.CONTROL_GROUP
    signal: Signals | None = None
    sends_hangup: bool = False
    sends_kill: bool = True
    final_signal: Signals = SIGKILL
    watchdog_signal: Signals = SIGABRT


def signal_of(value: str) -> signal.Signals:
    """Return the signal of this name, with or without SIG, or of this number."""
    try:
        if value.isdecimal():
            return signal.Signals(int(value))
        return signal.Signals[value if value.startswith("SIG") else f"SIG{value}"]
    except (ValueError, KeyError):
        raise ValueError(f"found {value!r}, expected a signal such as SIGTERM") from None


DIRECTIVES = (
    Directive(
        "KillMode",
        "kill.mode",
        one_of(KillMode),
        "control-group",
        "Which processes of the unit a stop ends. control-group: all of them; when the main "
        "process ends by itself, those that remain get the stop signal, and SIGKILL after "
        "TimeoutStopSec. mixed: the main process gets the stop signal, those that remain after "
        "it get SIGKILL. process: the main process only",
        KILL,
        "There is no KillMode=none. `stopasgroup` and `killasgroup` have no effect",
    ),
    Directive(
        "KillSignal",
        "kill.signal",
        signal_of,
        "stopsignal",
        "The signal that stops the unit",
        KILL,
    ),
    Directive(
        "SendSIGHUP",
        "kill.sends_hangup",
        boolean,
        "no",
        "Send SIGHUP right after the stop signal, which tells shells that their connection is gone",
        KILL,
    ),
    Directive(
        "SendSIGKILL",
        "kill.sends_kill",
        boolean,
        "yes",
        "no: a process that outlives TimeoutStopSec is left alone",
        KILL,
        "A main process that outlives it keeps its unit in the phase deactivating",
    ),
    Directive(
        "FinalKillSignal",
        "kill.final_signal",
        signal_of,
        "SIGKILL",
        "The signal to a process that outlives TimeoutStopSec",
        KILL,
    ),
    Directive(
        "WatchdogSignal",
        "kill.watchdog_signal",
        signal_of,
        "SIGABRT",
        "The signal to the main process when WatchdogSec is over",
        KILL,
        "The other processes of the unit get the stop signal, once the main process has ended",
    ),
    Directive(
        "TimeoutStopSec",
        "stop_timeout_s",
        timeout,
        "stopwaitsecs",
        "The time after the stop signal until every process that is left gets SIGKILL",
    ),
)
