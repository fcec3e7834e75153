"""The workers' login is good at the broker."""

from __future__ import annotations

from hems.clients.mqtt_retained import Login, retained
from hems.doctor.finding import Finding, failed, ok
from hems.errors import Rejected, Unavailable
from hems.settings import Settings

EXPECTED = "a login as the workers have it"
RESTART = "restart mqtt: balena device logs UUID --service mqtt says why it is away"
ANEW = "supervisorctl restart provision: it brings the broker the password in force"


def look(settings: Settings) -> list[Finding]:
    secrets = settings.secrets
    login = Login(secrets.mqtt_user, secrets.mqtt_password)
    if not secrets.mqtt_password:
        return [failed("there is no MQTT_PASSWORD, given or made", EXPECTED, ANEW)]
    try:
        retained(settings.mqtt, login, f"{settings.mqtt.base_topic}/none", 0.0)
    except Rejected as error:
        return [failed(str(error), EXPECTED, ANEW)]
    except Unavailable as error:
        return [failed(str(error), EXPECTED, RESTART)]
    return [ok(f"{secrets.mqtt_user} is let in")]
