"""Say in words why the broker is away, or why it refuses a client."""

from __future__ import annotations

import re

import aiomqtt

LOGIN_REFUSED = {134, 135}  # MQTT 5 reason codes; paho maps CONNACK 4 and 5 of 3.1.1 to them
ERRNO = re.compile(r"^\[Errno -?\d+\] ")


def reason(group: BaseExceptionGroup[aiomqtt.MqttError]) -> str:
    """Return the reason of the first error, as words for the log."""
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if is_login_refused(error):
        return "it refuses the login: check MQTT_USER and MQTT_PASSWORD"
    return plain_reason(error)


def is_login_refused(error: BaseException) -> bool:
    """Return whether `error`, one of aiomqtt, means that the broker refuses the login."""
    return getattr(getattr(error, "rc", None), "value", None) in LOGIN_REFUSED


def plain_reason(error: BaseException) -> str:
    """Return the text of `error` without an error number, which people do not need."""
    return ERRNO.sub("", str(error))
