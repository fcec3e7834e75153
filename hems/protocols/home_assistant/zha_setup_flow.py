"""The answers to the steps of ZHA's config flow, as of Home Assistant 2026.10.

A stick that carries a network keeps it: the flow's recommended choice would erase it without a
question, so only the advanced one is taken. It forms a network on a blank stick only, and leaves
any choice between two networks to a person.
"""

from __future__ import annotations

from collections.abc import Collection

from hems.errors import Rejected
from hems.protocols.home_assistant.zigbee_sticks import IN_SETTINGS, SerialPort

FORMATION = "choose_formation_strategy"
REUSE, FORM, RESTORE = "reuse_settings", "form_initial_network", "choose_automatic_backup"
ABORTED = {
    "cannot_form_network": "could not form a network",
    "usb_probe_failed": "does not answer",
    "wrong_firmware_installed": "has firmware that is not for Zigbee",
}


def answer(step_id: str, options: Collection[str], stick: SerialPort) -> dict[str, str]:
    """Return the fields to send to a form or menu; `options` are the menu's.

    Raises Rejected if a person has to decide.
    """
    if step_id == "choose_serial_port":
        return {"path": stick.device}
    if step_id == "confirm":
        return {}
    if step_id == "choose_setup_strategy":
        return {"next_step_id": "setup_strategy_advanced"}
    if step_id == FORMATION:
        return {"next_step_id": _formation(options, stick)}
    if step_id == "manual_pick_radio_type":  # no known radio has answered
        raise Rejected(aborted("usb_probe_failed", stick))
    raise Rejected(f"{stick.name}: the step {step_id} needs a person, {IN_SETTINGS}")


def aborted(reason: str, stick: SerialPort) -> str:
    """Return what it means that the flow has ended for `reason`."""
    fault = ABORTED.get(reason, f"cannot be set up: {reason}")
    return (
        f"the Zigbee stick {stick.name} {fault}: unplug it and plug it in again; if that does not "
        f"help, replace its firmware or the stick"
    )


def _formation(options: Collection[str], stick: SerialPort) -> str:
    if RESTORE in options:
        has = "another network" if REUSE in options else "none"
        raise Rejected(
            f"Home Assistant knows an earlier Zigbee network, and the stick {stick.name} has "
            f"{has}: add the stick {IN_SETTINGS} and choose the network"
        )
    if REUSE in options:
        return REUSE
    if FORM in options:
        return FORM
    choices = ", ".join(options)
    raise Rejected(f"{stick.name}: found the choices {choices}, expected {REUSE} or {FORM}")
