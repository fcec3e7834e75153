"""Home Assistant's MQTT config entry: create it, and give it a new broker password.

The worker creates an entry again after a person deletes it, because without it Home Assistant
shows nothing of the gateway.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from loguru import logger

from hems.clients.home_assistant.admin_session import AdminSession
from hems.clients.home_assistant.responses import ConfigEntry, FlowStep
from hems.errors import Rejected
from hems.settings.mqtt import MqttSettings
from hems.settings.shared_secret_rules import HOME_ASSISTANT
from hems.workers.provision.home_assistant.setup_record import SetupRecordFile

MQTT = "mqtt"
NOT_OURS = "is not the gateway's, and its broker refuses its login"
Fields = dict[str, object]
# The form's section beyond the login must be filled in: no TLS, over TCP.
PLAIN: Fields = {
    "protocol": "5",
    "other_settings": {"set_client_cert": False, "set_ca_cert": "off", "transport": "tcp"},
}


class MqttEntry:
    """Creates the entry and repairs it; `password` returns the broker's or raises Unavailable.

    After a password change the entry itself looks healthy; Home Assistant starts a reauth flow.
    The worker leaves alone an entry for a broker that a person chose.
    """

    def __init__(
        self, mqtt: MqttSettings, password: Callable[[], str], record: SetupRecordFile
    ) -> None:
        self._mqtt = mqtt
        self._password = password
        self._record = record

    def set_up(self, session: AdminSession, _now: float) -> None:
        """Create a missing entry, and answer a request for a new password. Raises Rejected."""
        entries = _entries(session)
        if not entries:
            self._create(session)
            entries = _entries(session)
        gateway_entry_id = self._gateway_entry_id(entries)
        for flow in session.flows():
            entry = entries.get(flow.context.entry_id)
            if flow.handler == MQTT and flow.context.source == "reauth" and entry:
                if entry.entry_id != gateway_entry_id:  # no other broker may get the password
                    raise Rejected(f"its MQTT entry {entry.title!r} {NOT_OURS}")
                self._send_password(session, flow.flow_id)

    def _gateway_entry_id(self, entries: Mapping[str, ConfigEntry]) -> str:
        """Return the id of the gateway's entry, whose title a person may have changed."""
        recorded_id = self._record.record.broker_entry
        if recorded_id in entries:
            return recorded_id
        title = self._mqtt.host  # Home Assistant's own choice
        ids = (entry.entry_id for entry in entries.values() if entry.title == title)
        entry_id = next(ids, "")
        if entry_id:
            self._record.update(broker_entry=entry_id)
        return entry_id

    def _create(self, session: AdminSession) -> None:
        flow = session.begin_flow(MQTT)
        address: Fields = {"broker": self._mqtt.host, "port": self._mqtt.port}
        try:
            step = session.answer_flow(flow.flow_id, address | self._login() | PLAIN)
        except Rejected:  # a form with other fields: Home Assistant keeps the flow open
            session.give_up_flow(flow.flow_id)
            raise
        if step.type == "form":
            session.give_up_flow(flow.flow_id)
        self._require(step, "create_entry")
        logger.info("connected Home Assistant to the broker")

    def _send_password(self, session: AdminSession, flow_id: str) -> None:
        self._require(session.answer_flow(flow_id, self._login()), "abort", "reauth_successful")
        logger.info("gave Home Assistant the broker's new password")

    def _login(self) -> Fields:
        return {"username": HOME_ASSISTANT, "password": self._password()}

    def _require(self, step: FlowStep, kind: str, reason: str = "") -> None:
        if step.type != kind or step.reason != reason:
            broker = f"{self._mqtt.host}:{self._mqtt.port}"
            raise Rejected(f"it cannot log in to the broker {broker}: {step.trouble}")


def _entries(session: AdminSession) -> dict[str, ConfigEntry]:
    return {entry.entry_id: entry for entry in session.entries(MQTT)}
