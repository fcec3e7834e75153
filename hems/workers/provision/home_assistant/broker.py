"""Home Assistant's login at the broker: its config entry for MQTT.

An entry that a person deletes comes back within a minute: without it Home Assistant shows nothing
of the gateway.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from loguru import logger

from hems.clients.homeassistant_answers import Entry, FlowStep
from hems.clients.homeassistant_session import Session
from hems.errors import Rejected
from hems.settings import Mqtt
from hems.settings.logins import HOME_ASSISTANT
from hems.workers.provision.home_assistant.memory import Memory

MQTT = "mqtt"
NOT_OURS = "is none that the gateway has made, and its broker refuses the login in it"
Fields = dict[str, str | int]


class Broker:
    """Makes the entry, and repairs it; `password` returns it or raises Unavailable.

    A password that has changed shows as a flow that Home Assistant begins (reauth): the entry
    itself looks well. Another entry, for a broker that somebody chose, is left alone.
    """

    def __init__(self, mqtt: Mqtt, password: Callable[[], str], memory: Memory) -> None:
        self._mqtt = mqtt
        self._password = password
        self._memory = memory

    def settle(self, session: Session, _now: float) -> None:
        """Make the entry, or give it the password that it asks for."""
        entries = _entries(session)
        if not entries:
            self._make(session)
            entries = _entries(session)
        ours = self._ours(entries)
        for flow in session.flows():
            entry = entries.get(flow.context.entry_id)
            if flow.handler == MQTT and flow.context.source == "reauth" and entry:
                if entry.entry_id != ours:  # the password is no other broker's business
                    raise Rejected(f"its MQTT entry {entry.title!r} {NOT_OURS}")
                self._give_password(session, flow.flow_id)

    def _ours(self, entries: Mapping[str, Entry]) -> str:
        """Return the id of the gateway's entry: people may call it what they like."""
        kept = self._memory.record.broker_entry
        if kept in entries:
            return kept
        host = self._mqtt.host  # the title that Home Assistant gives it
        found = next((one.entry_id for one in entries.values() if one.title == host), "")
        if found:
            self._memory.note(broker_entry=found)
        return found

    def _make(self, session: Session) -> None:
        flow = session.begin_flow(MQTT)
        address: Fields = {"broker": self._mqtt.host, "port": self._mqtt.port}
        step = session.answer_flow(flow.flow_id, address | self._login())
        if step.type == "form":
            session.give_up_flow(flow.flow_id)
        self._expect(step, "create_entry")
        logger.info("Home Assistant is connected to the broker")

    def _give_password(self, session: Session, flow_id: str) -> None:
        self._expect(session.answer_flow(flow_id, self._login()), "abort", "reauth_successful")
        logger.info("Home Assistant has the broker's new password")

    def _login(self) -> Fields:
        return {"username": HOME_ASSISTANT, "password": self._password()}

    def _expect(self, step: FlowStep, kind: str, reason: str = "") -> None:
        if step.type != kind or step.reason != reason:
            broker = f"{self._mqtt.host}:{self._mqtt.port}"
            raise Rejected(f"it cannot log in to the broker {broker}: {step.trouble}")


def _entries(session: Session) -> dict[str, Entry]:
    return {one.entry_id: one for one in session.entries(MQTT)}
