"""Systemd's unit semantics inside supervisord.

A library of its own: it imports nothing else of hems. Read in this order:

settings/     the settings of a unit: its directives as text and as values
units/        what a unit is and what happens to it: pure decisions, in which time is an argument
processes/    how the process of a unit begins and ends
sockets/      the sockets that supervisord keeps open for a unit, and its stored descriptors
logs/         which lines of a unit's output are kept, and a queue before a reader that pauses
supervisord/  the plugins of supervisord and supervisorctl
commands/     what supervisorctl prints about units
configuration/ where the configuration files have each setting, and what of it may be shown
health/       the health of all units, and the list of their problems
worker/       the worker's half: it reports to the supervisor, with the standard library alone
"""

__version__ = "1.0.0"
