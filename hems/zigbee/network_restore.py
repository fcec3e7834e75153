"""Move the home's Zigbee network to the blank stick that replaces a broken one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from hems.clients.home_assistant.admin_session import AdminSession
from hems.clients.home_assistant.responses import FlowStep
from hems.errors import HemsError, Rejected, Unavailable
from hems.protocols.home_assistant import zha_restore_flow
from hems.protocols.home_assistant.zigbee_stick_finder import LOADED, ZHA, SerialPort

MOST_STEPS = 12  # of the dialogue
FILE = "zigbee_network.json"
PAUSE_S, MOVED_S, LOADED_S = 2.0, 180.0, 120.0


def restore(
    session: AdminSession, wait: Callable[[float], object], backup: bytes | None = None
) -> str:
    """Move the network and return what was done. `wait` waits so many seconds. Raises HemsError.

    `backup` is the gateway's own, for a Home Assistant that has none. Nothing is done while the
    network works, or to a stick that carries one.
    """
    entries = session.entries(ZHA)
    if not entries and backup is None:
        raise Rejected("no Zigbee network is set up in Home Assistant, and none is kept in /data")
    if entries and entries[0].state == LOADED:
        raise Rejected("the Zigbee network works with its stick: nothing was done")
    stick = zha_restore_flow.new_stick(session.serial_ports())
    upload = None if backup is None else partial(session.upload, FILE, backup)
    _move(session, wait, stick, upload)
    state = ""
    for _ in range(int(LOADED_S / PAUSE_S)):
        for entry in session.entries(ZHA):
            if entry.state == LOADED:
                return (
                    f"{stick.name} carries the home's Zigbee network: never use the old stick again"
                )
            state = entry.reason or entry.state
        wait(PAUSE_S)
    raise Unavailable(f"the network has not moved to {stick.name}, or does not start: {state}")


def _move(
    session: AdminSession,
    wait: Callable[[float], object],
    stick: SerialPort,
    upload: Callable[[], str] | None,
) -> None:
    step = session.begin_flow(ZHA)
    try:
        for _ in range(MOST_STEPS):
            step = _after_progress(session, wait, step)
            if step.type not in ("form", "menu"):
                break
            default = step.data_schema[0].default if step.data_schema else None
            options = step.menu_options
            fields = zha_restore_flow.answer(step.step_id, options, default, stick, upload)
            if not fields:
                wait(PAUSE_S)
            step = session.answer_flow(step.flow_id, fields)
    except HemsError:
        session.give_up_flow(step.flow_id)
        raise
    if step.type == "create_entry":
        return
    if step.type != "abort":
        session.give_up_flow(step.flow_id)
    if step.reason != zha_restore_flow.DONE:
        raise Rejected(f"Home Assistant could not move the network: {step.reason or step.type}")


def _after_progress(
    session: AdminSession, wait: Callable[[float], object], step: FlowStep
) -> FlowStep:
    """Return the step that follows; Home Assistant itself ends the last one."""
    for _ in range(int(MOVED_S / PAUSE_S)):
        if step.type != "progress":
            return step
        wait(PAUSE_S)
        try:
            step = session.flow(step.flow_id)
        except Unavailable:
            return FlowStep("abort", step.flow_id, reason=zha_restore_flow.DONE)
    return step
