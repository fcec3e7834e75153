"""How units differ from systemd's in general; `unlike` of a row says how one directive differs."""

GENERAL = (
    "A unit is a [program:x] of supervisord. There are no unit files, templates, drop-ins, "
    "targets, timers, mounts or paths, and no specifiers such as %n",
    "`command` is supervisord's: `%(ENV_NAME)s` takes the place of `$NAME`, there are no prefixes, "
    "and Type=oneshot has one command, too",
    "There is no LimitRTTIME, which marks the processes of a unit. Of the real-time signals only "
    "SIGRTMIN and SIGRTMAX have a name",
    "A directive that systemd has and this library has not is a mistake. systemd ignores it with "
    "a warning",
    "There are no cgroups. The processes of a unit are found by their descent, their process "
    "group, INVOCATION_ID and a mark ([processes](processes.md))",
    "After a stop on request a unit is inactive, however its processes ended",
    "What is left of a unit when its main process has ended is ended in the same phase, and within "
    "the same time-out. systemd goes on to final-sigterm and final-sigkill",
    "A start on request does not wait for the rest of RestartSec",
    "A unit at rest keeps its starts for StartLimitBurst. systemd forgets them with the unit",
    "A run longer than StartLimitIntervalSec and RestartMaxDelaySec resets the delay of restarts "
    "to RestartSec",
    "A unit that requires a broken unit waits for it instead of failing",
    "A unit that stopped with another one starts again with it",
    "When a unit restarts by itself, those that require it or are part of it go on. systemd "
    "restarts them too",
    "After a stop on request, or once the unit has failed, no connection to its socket starts it",
    "Time in which supervisord could not run counts for no limit; WatchdogSec gets up to a quarter "
    "more then",
    "`supervisorctl update` restarts the units that have changed, and those that require them. A "
    "unit whose new settings have a mistake goes on with the old ones, and restarts with them",
    "Event listeners and FastCGI programs of supervisord are no units: they stop after all units",
)
