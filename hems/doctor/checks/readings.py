"""Every dongle of D2L_DEVICES sends."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec

from hems.clients.mqtt_retained import Login, retained
from hems.doctor.finding import Finding, failed, note, ok
from hems.errors import HemsError
from hems.settings import Settings

WAIT_S = 1.0  # for what is retained: it comes with the subscription
PLUG = "look at the dongle: in the meter, on the Wi-Fi, sending to this gateway's port 7845"
MALFORMED = (msgspec.DecodeError, UnicodeDecodeError, ValueError)


class _State(msgspec.Struct):
    """What is needed of hems/workers/eesmart_d2l/publication.py."""

    last_frame: str = ""


def look(settings: Settings) -> list[Finding]:
    secrets, topics = settings.secrets, f"{settings.mqtt.base_topic}/d2l/+/state"
    if not secrets.d2l_devices:
        return [note("no dongle is expected", "for Linky meters set D2L_DEVICES=id:key:iv")]
    try:
        login = Login(secrets.mqtt_user, secrets.mqtt_password)
        states = retained(settings.mqtt, login, topics, WAIT_S)
    except HemsError:
        return [
            failed("not known: the broker does not tell", "a reading", "see the check MQTT login")
        ]
    known = (f"{device.id:012d}" for device in secrets.d2l_devices)
    newest = {topic.split("/")[-2]: state for topic, state in states.items()}
    return judged(known, newest, time.time(), settings.eesmart_d2l.silent_after_s)


def judged(
    devices: Iterable[str], states: Mapping[str, bytes], now: float, silent_after_s: float
) -> list[Finding]:
    """Return how old the newest reading of each device is at `now` (unix s)."""
    return [_device(name, states.get(name), now, silent_after_s) for name in devices]


def _device(name: str, state: bytes | None, now: float, silent_after_s: float) -> Finding:
    expected = f"a reading within {silent_after_s / 60:.0f} min"
    if state is None:
        return failed(f"{name} has not sent yet", expected, PLUG)
    try:
        told = msgspec.json.decode(state, type=_State).last_frame
        age_s = now - datetime.fromisoformat(told).timestamp() if told else None
    except MALFORMED:
        return failed(
            f"{name}: its state makes no sense", expected, "supervisorctl restart eesmart-d2l"
        )
    if age_s is None:
        return note(f"{name} has sent, when is not known: the clock was not synchronised")
    if age_s > silent_after_s:
        return failed(f"{name} sent {age_s / 60:.0f} min ago", expected, PLUG)
    return ok(f"{name} sent {max(0.0, age_s):.0f} s ago")
