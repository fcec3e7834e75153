"""The directives of dependencies: which units need each other, and in which order they start."""

from __future__ import annotations

from hems.supervision.settings.directive import Directive, names

UNIT = "systemd.unit(5)"
COMES_BACK = "The unit starts again by itself when the other is started again"


def _units(name: str, setting: str, meaning: str, unlike: str = "") -> Directive:
    return Directive(name, setting, names, "", meaning, UNIT, unlike)


DIRECTIVES = (
    _units(
        "After",
        "after",
        "Wait until the first start of each of these units has ended, with success or not. At a "
        "stop, stop before them",
        "It orders the first start only",
    ),
    _units("Before", "before", "These units come After this one"),
    _units(
        "Requires",
        "requires",
        "As After, and each must be up. A start starts them too. A stop of one stops this unit too",
        "It implies After. A unit that requires a broken unit waits for it instead of failing. "
        + COMES_BACK,
    ),
    _units("Wants", "wants", "A start of this unit starts these too; their failure does not count"),
    _units(
        "BindsTo",
        "binds_to",
        "As Requires, and this unit also stops when one of them ends by itself",
        "It implies After. " + COMES_BACK,
    ),
    _units("PartOf", "part_of", "A stop of one of these stops this unit too", COMES_BACK),
    _units(
        "Upholds",
        "upholds",
        "While this unit is up, each of these that is at rest is started",
        "After RestartSec of the other, and not beyond its start limit",
    ),
    _units(
        "Conflicts",
        "conflicts",
        "A start of this unit on request stops these, and a start of one of them stops this one",
        "Two such units cannot both have autostart",
    ),
    _units(
        "OnFailure",
        "on_failure",
        "Start these when the unit has failed and does not restart. They have MONITOR_UNIT, "
        "MONITOR_SERVICE_RESULT, MONITOR_EXIT_CODE and MONITOR_EXIT_STATUS",
    ),
    _units("OnSuccess", "on_success", "Start these when the unit has ended with success"),
)
