"""The directives of how much a process may use: limits and priorities."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator

from hems.supervision.settings import time_span
from hems.supervision.settings.directive import Directive
from hems.supervision.settings.process_settings import ResourceLimit

EXEC = "systemd.exec(5)"
INFINITY = -1  # RLIM_INFINITY
MOST = 2**63 - 1  # setrlimit(2), through Python
_SIZE = re.compile(r"(\d+)([KMGTPE]?)", re.ASCII)
_BYTES = "FSIZE DATA STACK CORE RSS AS MEMLOCK MSGQUEUE"
_COUNTS = "NOFILE NPROC SIGPENDING NICE RTPRIO"


def size(value: str) -> int:
    """Return a number of bytes, with a suffix of base 1024, or INFINITY."""
    if value == "infinity":
        return INFINITY
    if not (match := _SIZE.fullmatch(value)):
        raise ValueError(f"found {value!r}, expected a size such as 64M or infinity")
    return int(match[1]) << 10 * " KMGTPE".index(match[2] or " ")


def number(value: str) -> int:
    """Return a whole number or INFINITY."""
    if value == "infinity":
        return INFINITY
    if not (value.isascii() and value.isdecimal()):
        raise ValueError(f"found {value!r}, expected a whole number or infinity")
    return int(value)


def cpu_seconds(value: str) -> int:
    """Return a time in seconds, rounded up, or INFINITY."""
    seconds = time_span.seconds(value)
    return INFINITY if seconds == math.inf else math.ceil(seconds)


def umask(value: str) -> int:
    """Return a mode in octal digits."""
    if not re.fullmatch("0?[0-7]{1,3}", value, re.ASCII):
        raise ValueError(f"found {value!r}, expected octal digits such as 0077")
    return int(value, 8)


def between(least: int, most: int) -> Callable[[str], int]:
    """Return the converter for a whole number in this range."""

    def convert(value: str) -> int:
        if not re.fullmatch(r"-?\d{1,5}", value, re.ASCII) or not least <= int(value) <= most:
            raise ValueError(f"found {value!r}, expected a whole number from {least} to {most}")
        return int(value)

    return convert


def _limit(name: str, convert: Callable[[str], int]) -> Callable[[str], ResourceLimit]:
    """Return the converter for `soft:hard`, or one value for both."""

    def limit(value: str) -> ResourceLimit:
        soft, _, hard = value.partition(":")
        pair = ResourceLimit(name, convert(soft), convert(hard or soft))
        if max(pair.soft, pair.hard) > MOST:
            raise ValueError(f"found {value!r}, expected at most {MOST} or infinity")
        if pair.hard != INFINITY and not 0 <= pair.soft <= pair.hard:
            raise ValueError(f"found {value!r}, expected a soft limit up to the hard one")
        return pair

    return limit


def _limits() -> Iterator[Directive]:
    for names, convert in ((_BYTES, size), (_COUNTS, number), ("CPU", cpu_seconds)):
        for name in names.split():
            yield Directive(
                f"Limit{name}",
                f"process.limits.{'as_' if name == 'AS' else name.lower()}",
                _limit(name, convert),
                "supervisord's",
                f"RLIMIT_{name} of setrlimit(2): soft:hard, or one value for both",
                EXEC,
                "A value is the kernel's, without the form +NICE" if name == "NICE" else "",
            )


DIRECTIVES = (
    Directive(
        "UMask",
        "process.umask",
        umask,
        "umask",
        "The permissions that a new file of the process never has, in octal digits",
        EXEC,
    ),
    Directive(
        "Nice",
        "process.nice",
        between(-20, 19),
        "0",
        "The priority, from -20 (first) to 19 (last)",
        EXEC,
    ),
    Directive(
        "OOMScoreAdjust",
        "process.oom_score_adjust",
        between(-1000, 1000),
        "that of supervisord before it lowered its own",
        "Which process the kernel kills first when memory is short, from -1000 (never) to 1000 "
        "(first)",
        EXEC,
        "supervisord lowers its own value. Where it may not, the default of units is higher than "
        "supervisord's own: PID 1 is never the first victim",
    ),
    *_limits(),
)
