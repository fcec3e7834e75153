"""Home Assistant's login at the broker: its config entry for MQTT."""

from __future__ import annotations

from collections.abc import Callable

from loguru import logger

from hems.clients.homeassistant_answers import FlowStep
from hems.clients.homeassistant_session import Session
from hems.errors import Rejected
from hems.settings import Mqtt
from hems.settings.logins import HOME_ASSISTANT

MQTT = "mqtt"
Fields = dict[str, str | int]


class Broker:
    """Makes the entry, and repairs it; `password` returns it or raises Unavailable.

    A password that has changed shows as a flow that Home Assistant begins (reauth): the entry
    itself looks well. Another broker that somebody chose is left alone.
    """

    def __init__(self, mqtt: Mqtt, password: Callable[[], str]) -> None:
        self._mqtt = mqtt
        self._password = password

    def settle(self, session: Session, _now: float) -> None:
        """Make the entry, or give it the password that it asks for."""
        entries = {one.entry_id: one for one in session.entries(MQTT)}
        if not entries:
            self._make(session)
        for flow in session.flows():
            entry = entries.get(flow.context.entry_id)
            if flow.handler == MQTT and flow.context.source == "reauth" and entry:
                self._give_password(session, flow.flow_id, entry.title)

    def _make(self, session: Session) -> None:
        flow = session.begin_flow(MQTT)
        address: Fields = {"broker": self._mqtt.host, "port": self._mqtt.port}
        step = session.answer_flow(flow.flow_id, address | self._login())
        if step.type == "form":
            session.give_up_flow(flow.flow_id)
        self._expect(step, "create_entry")
        logger.info("Home Assistant is connected to the broker")

    def _give_password(self, session: Session, flow_id: str, title: str) -> None:
        if title != self._mqtt.host:  # the password is no other broker's business
            raise Rejected(f"its broker {title!r} is not the gateway's, and refuses its login")
        self._expect(session.answer_flow(flow_id, self._login()), "abort", "reauth_successful")
        logger.info("Home Assistant has the broker's new password")

    def _login(self) -> Fields:
        return {"username": HOME_ASSISTANT, "password": self._password()}

    def _expect(self, step: FlowStep, kind: str, reason: str = "") -> None:
        if step.type != kind or step.reason != reason:
            broker = f"{self._mqtt.host}:{self._mqtt.port}"
            raise Rejected(f"it cannot log in to the broker {broker}: {step.trouble}")
