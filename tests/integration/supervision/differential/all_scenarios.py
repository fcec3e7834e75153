"""All scenarios, and the rows of "Unlike systemd" that none of them can show."""

from tests.integration.supervision.differential import (
    commands,
    dependencies,
    dependencies_unlike,
    processes,
    reloads,
    requests,
    restarts,
    time_limits,
    triggers_and_conflicts,
    types_and_ends,
)

SCENARIOS = (
    *types_and_ends.SCENARIOS,
    *restarts.SCENARIOS,
    *time_limits.SCENARIOS,
    *processes.SCENARIOS,
    *reloads.SCENARIOS,
    *requests.SCENARIOS,
    *commands.SCENARIOS,
    *dependencies.SCENARIOS,
    *triggers_and_conflicts.SCENARIOS,
    *dependencies_unlike.SCENARIOS,
)

ENDS = "it ends the manager, and systemd --user with it; test_actions.py"
FILES = "it is about what may be in a unit file"
# The rows of "Unlike systemd" that no scenario shows, and why. Rows of these manual pages are about
# a process or a socket, not about the states of a unit.
WITHOUT_STATES = ("systemd.exec(5)", "systemd.socket(5)")
NOT_SHOWN = {
    "A unit is a [program:x]": FILES,
    "`command` is supervisord's": FILES,
    "There is no LimitRTTIME": FILES,
    "A directive that systemd has": FILES,
    "There are no cgroups": "the processes are found all the same; test_run_members.py",
    "A run longer than": "systemd 252 has no RestartSteps; test_restart_policy.py",
    "After a stop on request, or once": "a socket is a unit of its own there; test_sockets.py",
    "Time in which supervisord could not run": "test_loop_delays.py",
    "`supervisorctl update`": "systemd has none",
    "Event listeners and FastCGI": "systemd has none",
    "RestartSteps": "systemd 252 has none; test_restart_policy.py",
    "ReloadSignal": "systemd 252 has none",
    "SuccessExitStatus": FILES,
    "ExecCondition": FILES,
    "ExecStartPre": FILES,
    "ExecStartPost": FILES,
    "ExecReload": FILES,
    "ExecStop": FILES,
    "ExecStopPost": FILES,
    "Upholds": "it is about a delay",
    "Conflicts": "it is about autostart",
    "FailureAction": ENDS,
    "SuccessAction": ENDS,
    "StartLimitAction": ENDS,
    "FailureActionExitStatus": ENDS,
    "SuccessActionExitStatus": ENDS,
    "KillMode": FILES,
    "NotifyAccess": "it is about processes of other users and units; test_notify_access.py",
    "FileDescriptorStoreMax": "it is about descriptors; test_descriptor_store.py",
}
