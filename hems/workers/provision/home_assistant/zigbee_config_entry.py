"""Home Assistant's config entry for Zigbee (ZHA): set up a stick once, then watch over it.

A network that is on the stick stays (zha_setup_flow.py). The worker makes no entry again that a
person removed, and changes none.
"""

from __future__ import annotations

from loguru import logger

from hems.clients.home_assistant.admin_session import AdminSession
from hems.clients.home_assistant.responses import ConfigEntry, FlowStep
from hems.errors import HemsError, Rejected, Unavailable
from hems.protocols.home_assistant import zha_setup_flow
from hems.protocols.home_assistant.zigbee_sticks import (
    IN_SETTINGS,
    ZHA,
    SerialPort,
    missing_stick,
    stick_to_set_up,
)
from hems.workers.provision.home_assistant.setup_record import SetupRecordFile

MOST_STEPS = 8  # of one flow
# States of an entry: Home Assistant tries it again, or does not.
SETUP_RETRY, SETUP_ERROR = "setup_retry", "setup_error"


class ZigbeeEntry:
    """Creates the entry for the first stick, and reports what is wrong with a stick."""

    def __init__(self, record: SetupRecordFile) -> None:
        self._record = record
        self._forming: tuple[str, SerialPort] | None = None  # in this flow
        self._failure = ""  # of the last stick that could not form a network

    @property
    def is_forming(self) -> bool:
        """Return whether a stick forms its network, which takes half a minute."""
        return self._forming is not None

    def set_up(self, session: AdminSession, _now: float) -> None:
        """Create a missing entry. Raises Rejected if a person has to do something."""
        if not (self._forming and _is_running(session, self._forming[0])):
            entries = session.entries(ZHA)  # raises before the flow is forgotten
            forming, self._forming = self._forming, None
            if entries:
                self._failure = ""
                if not self._record.record.has_zigbee:
                    self._record.update(has_zigbee=True)
                _check(session, entries[0])
            elif forming:
                self._failure = zha_setup_flow.aborted("cannot_form_network", forming[1])
            elif not self._record.record.has_zigbee:
                self._look_for_stick(session)
        if self._failure:  # also while it tries again
            raise Rejected(self._failure)

    def _look_for_stick(self, session: AdminSession) -> None:
        stick = stick_to_set_up(session.serial_ports())
        if stick:
            self._create(session, stick)
        else:
            self._failure = ""

    def _create(self, session: AdminSession, stick: SerialPort) -> None:
        if stick.found_flow:  # Home Assistant offers the stick to a person: accept that
            step = session.answer_flow(stick.found_flow, {})
        else:
            step = session.begin_flow(ZHA)
        for _ in range(MOST_STEPS):
            if step.type not in ("form", "menu"):
                break
            step = self._next_step(session, step, stick)
        if step.type == "create_entry":
            self._failure = ""
            self._record.update(has_zigbee=True)
            logger.info("set up the Zigbee stick {} in Home Assistant", stick.name)
        elif step.type == "progress":
            self._forming = step.flow_id, stick
            logger.info("the Zigbee stick {} was blank and forms a network", stick.name)
        else:
            if step.type != "abort":
                session.give_up_flow(step.flow_id)
            raise Rejected(zha_setup_flow.aborted(step.reason or "it asks on and on", stick))

    def _next_step(self, session: AdminSession, step: FlowStep, stick: SerialPort) -> FlowStep:
        """Answer a step; if that does not work, give the flow up."""
        try:
            fields = zha_setup_flow.answer(step.step_id, step.menu_options, stick)
            return session.answer_flow(step.flow_id, fields)
        except HemsError:
            session.give_up_flow(step.flow_id)
            raise


def _is_running(session: AdminSession, flow_id: str) -> bool:
    """Return whether a flow goes on; Home Assistant itself ends one that forms a network."""
    try:
        return session.flow(flow_id).type == "progress"
    except Unavailable:  # it has ended
        return False


def _check(session: AdminSession, entry: ConfigEntry) -> None:
    """Raise Rejected if the entry does not work, and Home Assistant cannot repair that."""
    if entry.state == SETUP_ERROR:
        raise Rejected(
            f"the Zigbee network does not start: {entry.reason or 'without a reason'}. If another "
            f"stick was plugged in, plug the first one in again; otherwise choose {IN_SETTINGS}"
        )
    if entry.state == SETUP_RETRY and (trouble := missing_stick(session.serial_ports())):
        raise Rejected(trouble)
