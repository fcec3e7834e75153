"""The answers to the steps of ZHA's config flow, as of Home Assistant 2026.10.

A stick that carries a network keeps it: the flow's recommended choice would erase it without a
question, so only the advanced one is taken. It forms a network on a blank stick only, and leaves
any choice between two networks to a person.
"""

from __future__ import annotations

from collections.abc import Collection

from hems.protocols.gateway.zigbee_problem_kinds import (
    ZIGBEE_NETWORK_CHOICE,
    ZIGBEE_STICK_SILENT,
)
from hems.protocols.home_assistant.zigbee_stick_finder import SerialPort
from hems.supervision.worker.problem import ReportedProblem

FORMATION = "choose_formation_strategy"
REUSE, FORM, RESTORE = "reuse_settings", "form_initial_network", "choose_automatic_backup"
ABORTED = {
    "cannot_form_network": "could not form a network",
    "usb_probe_failed": "does not answer",
    "wrong_firmware_installed": "has firmware that is not for Zigbee",
}


def answer(
    step_id: str, options: Collection[str], stick: SerialPort, *, has_backup: bool
) -> dict[str, str] | ReportedProblem:
    """Return the fields to send to a form or menu, or what a person has to decide.

    `options` are the menu's. `has_backup` is whether the gateway has kept the home's network: then
    a blank stick is perhaps meant to take it over.
    """
    if step_id == "choose_serial_port":
        return {"path": stick.device}
    if step_id == "confirm":
        return {}
    if step_id == "choose_setup_strategy":
        return {"next_step_id": "setup_strategy_advanced"}
    if step_id == FORMATION:
        return _formation(options, stick, has_backup=has_backup)
    if step_id == "manual_pick_radio_type":  # no known radio has answered
        return aborted("usb_probe_failed", stick)
    return ZIGBEE_STICK_SILENT.found(f"{stick.name}: Home Assistant asks for the step {step_id}")


def aborted(reason: str, stick: SerialPort) -> ReportedProblem:
    """Return what it means that the flow has ended for `reason`."""
    fault = ABORTED.get(reason, f"cannot be set up: {reason}")
    return ZIGBEE_STICK_SILENT.found(f"{stick.name} {fault}")


def _formation(
    options: Collection[str], stick: SerialPort, *, has_backup: bool
) -> dict[str, str] | ReportedProblem:
    if RESTORE in options or (has_backup and REUSE not in options):
        has = "another network" if REUSE in options else "none"
        return ZIGBEE_NETWORK_CHOICE.found(f"the stick {stick.name} has {has}")
    for choice in (REUSE, FORM):
        if choice in options:
            return {"next_step_id": choice}
    choices = ", ".join(options)
    return ZIGBEE_STICK_SILENT.found(
        f"{stick.name}: found the choices {choices}, expected {REUSE} or {FORM}"
    )
