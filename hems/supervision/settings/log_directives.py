"""The directives of a unit's log."""

from enum import IntEnum
from typing import NamedTuple

from hems.supervision.settings import time_span
from hems.supervision.settings.directive import Directive, boolean, count

EXEC = "systemd.exec(5)"


class LogLevel(IntEnum):
    """The levels of syslog(3), by their names in systemd. A higher number matters less."""

    emerg = 0
    alert = 1
    crit = 2
    err = 3
    warning = 4
    notice = 5
    info = 6
    debug = 7


class LogSettings(NamedTuple):
    """`limit_burst` lines in `limit_interval_s` (s) are kept; 0 in one of them: no limit."""

    limit_interval_s: float = 30.0
    limit_burst: int = 10_000
    level: LogLevel = LogLevel.info  # of a line without a prefix
    level_max: LogLevel = LogLevel.debug
    has_prefix: bool = True


def level(value: str) -> LogLevel:
    """Return the level with this name or number."""
    if value in {str(level.value) for level in LogLevel}:
        return LogLevel(int(value))
    if value not in LogLevel.__members__:
        raise ValueError(f"found {value!r}, expected {', '.join(LogLevel.__members__)} or 0 to 7")
    return LogLevel[value]


DIRECTIVES = (
    Directive(
        "LogRateLimitIntervalSec",
        "log.limit_interval_s",
        time_span.seconds,
        "30s",
        "The time in which LogRateLimitBurst counts lines. 0: no limit",
        EXEC,
        "It applies to stdout and stderr, each with its own count. Free space on the disk does not "
        "raise the limit",
    ),
    Directive(
        "LogRateLimitBurst",
        "log.limit_burst",
        count,
        "10000",
        "The most lines in LogRateLimitIntervalSec. More are dropped and counted: "
        "`Suppressed N messages from UNIT`. 0: no limit",
        EXEC,
        "One count for all levels, where journald has one for each of four groups of levels",
    ),
    Directive(
        "LogLevelMax",
        "log.level_max",
        level,
        "debug",
        "Lines of less important levels are dropped: emerg, alert, crit, err, warning, notice, "
        "info, debug",
        EXEC,
    ),
    Directive("SyslogLevel", "log.level", level, "info", "The level of a line without <N>", EXEC),
    Directive(
        "SyslogLevelPrefix",
        "log.has_prefix",
        boolean,
        "yes",
        "A line that begins with <N>, with N from 0 to 7, has this level",
        EXEC,
        "The level is not stored: its name takes the place of <N> in the line",
    ),
)
