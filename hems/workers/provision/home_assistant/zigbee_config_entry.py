"""Home Assistant's config entry for Zigbee (ZHA): set up a stick once, then watch over it.

A network that is on the stick stays (zha_setup_flow.py). The worker makes no entry again that a
person removed, and changes none. What is wrong with a stick is a problem of its own, not of the
set-up: the rest of it goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable

from loguru import logger

from hems.clients.home_assistant.admin_session import AdminSession
from hems.clients.home_assistant.responses import ConfigEntry, FlowStep
from hems.errors import HemsError, Unavailable
from hems.protocols.gateway.zigbee_problem_kinds import (
    STICK_KINDS,
    ZIGBEE_NETWORK_CHOICE,
    ZIGBEE_STICK_SILENT,
)
from hems.protocols.home_assistant import zha_setup_flow
from hems.protocols.home_assistant.zigbee_stick_finder import (
    HANGING,
    LOADED,
    SETUP_ERROR,
    SETUP_RETRY,
    ZHA,
    SerialPort,
    stick_to_set_up,
    trouble,
)
from hems.supervision.worker.problem import ReportedProblem
from hems.workers.provision.home_assistant.setup_record import SetupRecordFile
from hems.workers.provision.home_assistant.zha_reload_and_restart_policy import (
    RELOAD_S,
    ReloadAndRestartPolicy,
)

MOST_STEPS = 8  # of one flow


class ZigbeeEntry:
    """Creates the entry for the first stick, and reports what is wrong with a stick.

    `adapters` returns what is plugged in now, `has_backup` whether the gateway has kept a network
    that the home had before, `time` unix seconds. `problems` are those of the last look;
    `is_loaded` is whether the network worked then.
    """

    def __init__(
        self,
        record: SetupRecordFile,
        adapters: Callable[[], Hashable],
        has_backup: Callable[[], bool],
        time: Callable[[], float],
    ) -> None:
        self._record = record
        self._has_backup = has_backup
        self._adapters = adapters
        self._reloaded_with: Hashable = None  # what was plugged in then
        self._forming: tuple[str, SerialPort] | None = None  # in this flow
        self._left_with: Hashable = None  # what was plugged in when a flow was begun last
        self._recovery = ReloadAndRestartPolicy(record, time)
        self.is_loaded = False
        self.problems: tuple[ReportedProblem, ...] = tuple(one.unknown() for one in STICK_KINDS)

    @property
    def is_at_rest(self) -> bool:
        """Return whether a look in some minutes is soon enough."""
        return self._forming is None and not self.problems

    def set_up(self, session: AdminSession, now: float) -> None:
        """Create a missing entry, or look at the one that there is. Raises HemsError."""
        if self._forming and _is_running(session, self._forming[0]):
            return
        entries = session.entries(ZHA)  # raises before the flow is forgotten
        forming, self._forming = self._forming, None
        self.is_loaded = bool(entries) and entries[0].state == LOADED
        if entries:
            if not self._record.record.has_zigbee:
                self._record.update(has_zigbee=True)
            problem = self._look_at(session, entries[0], now)
        else:
            self._recovery.rest()
            problem = self._without_entry(session, forming)
        if problem:
            self.problems = (problem,)
        elif not (self._forming and _cannot_form(self._forming[1]) in self.problems):
            self.problems = ()  # a failure stays reported while it tries again

    @property
    def is_restart_due(self) -> bool:
        """Return whether the stick does not work, and a restart of Home Assistant is to help."""
        return self._recovery.is_restart_due

    def _without_entry(
        self, session: AdminSession, forming: tuple[str, SerialPort] | None
    ) -> ReportedProblem | None:
        """Set up a stick, unless a person has removed the entry; return what is wrong."""
        if forming:
            return _cannot_form(forming[1])
        if self._record.record.has_zigbee:
            return None
        problem = self._open_choice() or self._create(session)
        self._left_with = self._adapters()
        return problem

    def _open_choice(self) -> ReportedProblem | None:
        """Return that a person has to choose a network for the stick that is plugged in, if so.

        Only a person ends that, or another stick. To look again would open the stick, which the
        person may be about to use.
        """
        is_same = self._left_with == self._adapters()
        choices = (one for one in self.problems if one.name == ZIGBEE_NETWORK_CHOICE.name)
        return next((one for one in choices if one.found and is_same), None)

    def _look_at(
        self, session: AdminSession, entry: ConfigEntry, now: float
    ) -> ReportedProblem | None:
        """Return what is wrong. If other sticks are plugged in, let Home Assistant look at once.

        It tries again every 80 s only, or never.
        """
        if entry.state in HANGING:
            if self._recovery.broken_for(now) < RELOAD_S:
                return None
            return ZIGBEE_STICK_SILENT.found(f"its set-up hangs in the state {entry.state}")
        if entry.state not in (SETUP_ERROR, SETUP_RETRY):
            self._recovery.rest()
            return None
        problem = trouble(entry.state, entry.reason or "", session.serial_ports())
        is_reload_due = False
        if problem is not None and problem.name == ZIGBEE_STICK_SILENT.name:
            self._recovery.broken_for(now)
            is_reload_due = self._recovery.is_reload_due(now)
        else:
            self._recovery.rest()
        adapters = self._adapters()
        if adapters != self._reloaded_with or is_reload_due:
            self._reloaded_with = adapters
            session.reload_entry(entry.entry_id)
        return problem

    def _create(self, session: AdminSession) -> ReportedProblem | None:
        stick = stick_to_set_up(session.serial_ports())
        if not isinstance(stick, SerialPort):
            return stick
        if stick.found_flow:  # Home Assistant offers the stick to a person: accept that
            step = session.answer_flow(stick.found_flow, {})
        else:
            step = session.begin_flow(ZHA)
        for _ in range(MOST_STEPS):
            if step.type not in ("form", "menu"):
                break
            fields = zha_setup_flow.answer(
                step.step_id, step.menu_options, stick, has_backup=self._has_backup()
            )
            if isinstance(fields, ReportedProblem):
                session.give_up_flow(step.flow_id)
                return fields
            step = _answered(session, step, fields)
        return self._ended(session, step, stick)

    def _ended(
        self, session: AdminSession, step: FlowStep, stick: SerialPort
    ) -> ReportedProblem | None:
        """Return what is wrong with the last step of a flow."""
        if step.type == "create_entry":
            self._record.update(has_zigbee=True)
            logger.info("set up the Zigbee stick {} in Home Assistant", stick.name)
            return None
        if step.type == "progress":
            self._forming = step.flow_id, stick
            logger.info("the Zigbee stick {} was blank and forms a network", stick.name)
            return None
        if step.type != "abort":
            session.give_up_flow(step.flow_id)
        return zha_setup_flow.aborted(
            step.reason or f"Home Assistant asked more than {MOST_STEPS} questions", stick
        )


def _cannot_form(stick: SerialPort) -> ReportedProblem:
    return zha_setup_flow.aborted("cannot_form_network", stick)


def _answered(session: AdminSession, step: FlowStep, fields: dict[str, str]) -> FlowStep:
    """Answer a step; if that does not work, give the flow up."""
    try:
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
