"""Check that the MQTT broker accepts the workers' login."""

from __future__ import annotations

from hems.clients.mqtt.retained_messages import MqttLogin, retained
from hems.doctor.check_interface import CheckContext, Finding, failed, ok
from hems.errors import Rejected, Unavailable

TITLE = "MQTT login"
CAUSES = ("problems", "services")
SERVICE = "mqtt"
EXPECTED = "the broker accepts the workers' login"


def check(context: CheckContext) -> list[Finding]:
    secrets, mqtt = context.settings.secrets, context.settings.mqtt
    commands = context.commands
    provision = f"{commands.supervisorctl('restart', 'provision')} (gives the broker the password)"
    if not secrets.mqtt_password:
        return [failed("MQTT_PASSWORD is neither set nor generated", EXPECTED, provision)]
    login = MqttLogin(secrets.mqtt_user, secrets.mqtt_password)
    try:
        retained(mqtt, login, f"{mqtt.base_topic}/none", 0.0)
    except Rejected as error:
        return [failed(str(error), EXPECTED, provision)]
    except Unavailable as error:
        log = f"read its log: {commands.service_log(SERVICE)}"
        return [failed(str(error), EXPECTED, f"{log}; then {commands.restart_service(SERVICE)}")]
    return [ok(f"the broker accepts the login of {secrets.mqtt_user}")]
