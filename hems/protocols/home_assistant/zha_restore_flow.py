"""The answers to ZHA's dialogue that moves the home's network to another stick.

As of Home Assistant 2026.10: with an entry there, its config flow offers that. The newest backup of
the network goes to the stick, with the address of the old one, which must never be used again: the
one in /config/zigbee.db, or without that the gateway's own. Without an entry the flow that sets ZHA
up takes it. A stick that carries a network keeps it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from hems.errors import Rejected
from hems.protocols.home_assistant.zha_setup_flow import FORMATION, RESTORE, REUSE
from hems.protocols.home_assistant.zigbee_stick_finder import ZHA, SerialPort

DONE = "reconfigure_successful"
UPLOAD, UPLOADED = "upload_manual_backup", "uploaded_backup_file"
MENUS = {
    "choose_setup_strategy": "setup_strategy_advanced",
    "choose_migration_strategy": "migration_strategy_advanced",
    "plug_in_old_radio": "skip_reset_old_radio",  # it is broken
}

FORMS: dict[str, dict[str, object]] = {
    "plug_in_new_radio": {},  # something else has just used it: try again
    "confirm_ezsp_ieee_overwrite": {"overwrite_coordinator_ieee": True},
}


def new_stick(ports: Iterable[SerialPort]) -> SerialPort:
    """Return the only Zigbee stick that nothing but ZHA uses. Raises Rejected."""
    sticks = [
        port
        for port in ports
        if port.is_zigbee_stick and all(one.domain == ZHA for one in port.consumers)
    ]
    if len(sticks) != 1:
        names = ", ".join(f"{one.name} ({one.device})" for one in sticks) or "none"
        raise Rejected(f"found the Zigbee sticks: {names}; expected one: plug in the new one only")
    return sticks[0]


def answer(
    step_id: str,
    options: Collection[str],
    default: object,
    stick: SerialPort,
    upload: Callable[[], str] | None,
) -> dict[str, object]:
    """Return the fields to send to a form or menu.

    `options` are the menu's, `default` is that of the form's first field. `upload` gives Home
    Assistant the gateway's own backup and returns the id of the file; None if there is none. Raises
    Rejected if this is not the dialogue that moves a network to a blank stick.
    """
    if step_id == "choose_serial_port":
        return {"path": stick.device}
    if step_id in MENUS:
        return {"next_step_id": MENUS[step_id]}
    if step_id == FORMATION:
        return {"next_step_id": _restore(options, stick, has_own=upload is not None)}
    if step_id == RESTORE:
        return {RESTORE: default}  # the newest
    if step_id == UPLOAD and upload is not None:
        return {UPLOADED: upload()}
    if step_id in FORMS:
        return FORMS[step_id]
    raise Rejected(f"Home Assistant asks for the step {step_id}, which this command does not know")


def _restore(options: Collection[str], stick: SerialPort, *, has_own: bool) -> str:
    if REUSE in options:
        raise Rejected(f"{stick.name} carries a network: expected a blank stick, nothing was done")
    if RESTORE in options:
        return RESTORE
    if has_own and UPLOAD in options:
        return UPLOAD
    raise Rejected("there is no backup of the network: nothing was done")
