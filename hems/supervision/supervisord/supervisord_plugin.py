"""The plugin that gives supervisord systemd's semantics.

supervisord.conf names it:

    [rpcinterface:supervision]
    supervisor.rpcinterface_factory = hems.supervision.supervisord.supervisord_plugin:make_interface
    notify_socket = /run/hems/notify.sock   ; where workers send sd_notify datagrams
    heartbeat = /run/hems/heartbeat         ; optional, see hang_guard.py
    guard_sec = 30                          ; optional: end a supervisord that hangs so long
    health_file = /run/hems/health.json     ; optional, see health_file.py
    preload = hems                          ; optional, see preload.py
    problem_kinds = package.module:TABLE    ; optional, the texts and patience of problems

supervisord calls `make_interface` after its HTTP server listens and before it starts a program. The
plugin replaces each plain program's Subprocess by a UnitProcess, and adds two dispatchers to the
event loop: one reads notifications, the other wakes the loop up. Event listeners and FastCGI
programs do not change.

This module imports little: the sooner it handles signals, the sooner a container can be stopped.
"""

from __future__ import annotations

import gc
from typing import Any

from hems.supervision.errors import InvalidConfiguration
from hems.supervision.supervisord import startup_exit


def make_interface(supervisord: Any, **options: str) -> object:
    """Build the plugin. An invalid configuration ends supervisord with exit code 78."""
    try:
        with startup_exit.on_stop_signals(supervisord.options):
            if not supervisord.options.first:
                gc.collect()  # what was there before the reload, in many cycles
            from hems.supervision.supervisord import supervision_loop  # noqa: PLC0415 - takes long

            return supervision_loop.build(supervisord, options)
    except InvalidConfiguration as error:
        startup_exit.leave(supervisord.options, str(error), error.exit_code)
    except OSError as error:
        problem = f"[rpcinterface:supervision] {error}"
        startup_exit.leave(supervisord.options, problem, InvalidConfiguration.exit_code)
