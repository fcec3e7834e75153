"""The logins between the gateway's services, and the rules for each user name and password.

CONFIG_USER, CONFIG_PASSWORD   the owner: Home Assistant, InfluxDB, /configurator/, /influx/
INFLUX_TOKEN                   Home Assistant's access to InfluxDB
MQTT_USER, MQTT_PASSWORD       the workers' login at the broker
MQTT_HOMEASSISTANT_PASSWORD    Home Assistant's, as user homeassistant
WIFI_PORTAL_PASSPHRASE         of the Wi-Fi portal (WPA2)

TELEMETRY_TOKEN                telemetry's, for Home Assistant's user that may only read

The worker provision creates them when no variable sets them, and keeps them in
/gateway/secrets/NAME. mqtt_users.py has the logins of other devices.
"""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path

from hems.settings.validation_problems import strange

HOME_ASSISTANT = "homeassistant"  # its user name at the broker
MIN_LENGTH, MAX_TOKEN = 8, 256  # characters; InfluxDB refuses a shorter password
MAX_BYTES = 72  # of a password: bcrypt's limit, in nginx, InfluxDB and Home Assistant
TOKEN = f"[!-~]{{{MIN_LENGTH},{MAX_TOKEN}}}"
NO_TOKEN = f"is not a token of {MIN_LENGTH} to {MAX_TOKEN} ASCII characters without spaces"
PASSPHRASE = "8 to 63 printable ASCII characters"  # noqa: S105 - what it is
PLAIN_NAME = "[A-Za-z0-9][A-Za-z0-9._@-]{0,63}"


class Secret(StrEnum):
    """The secrets that services share, by the name of the variable and of the file."""

    CONFIG_USER = "CONFIG_USER"
    CONFIG_PASSWORD = "CONFIG_PASSWORD"  # noqa: S105 - a name
    INFLUX_TOKEN = "INFLUX_TOKEN"  # noqa: S105
    MQTT_USER = "MQTT_USER"
    MQTT_PASSWORD = "MQTT_PASSWORD"  # noqa: S105
    MQTT_HOMEASSISTANT_PASSWORD = "MQTT_HOMEASSISTANT_PASSWORD"  # noqa: S105
    WIFI_PORTAL_PASSPHRASE = "WIFI_PORTAL_PASSPHRASE"  # noqa: S105


READER_TOKEN = "TELEMETRY_TOKEN"  # noqa: S105 - the file beside them: of Home Assistant's reader
DEFAULTS = {Secret.CONFIG_USER: "admin", Secret.MQTT_USER: "hems"}  # the others are random
BROKERS = {Secret.MQTT_PASSWORD, Secret.MQTT_HOMEASSISTANT_PASSWORD}  # the broker allows any length


def checked(secret: Secret, value: str, problems: list[str]) -> str:
    """Return `value`, or append what is wrong with it to `problems` and return nothing."""
    mistake = problem(secret, value) if value else ""
    if mistake:
        problems.append(f"{secret} {mistake}")
    return "" if mistake else value


def problem(secret: Secret, value: str) -> str:
    """Return what is wrong with a value, without showing it; empty when it is valid."""
    if (kind := strange(value)) and secret not in BROKERS:
        return f"has {kind}: remove it"
    if secret is Secret.WIFI_PORTAL_PASSPHRASE:
        return "" if is_passphrase(value) else f"is not {PASSPHRASE}"
    if secret in DEFAULTS:
        return _name_problem(secret, value)
    if secret is Secret.INFLUX_TOKEN:
        return "" if re.fullmatch(TOKEN, value) else NO_TOKEN
    return password_problem(value, 1 if secret in BROKERS else MIN_LENGTH)


def is_passphrase(text: str) -> bool:
    """Return whether WPA2 takes this passphrase."""
    return 8 <= len(text) <= 63 and text.isascii() and text.isprintable()


def _name_problem(secret: Secret, value: str) -> str:
    is_owner = secret is Secret.CONFIG_USER  # Home Assistant refuses capital letters
    if not re.fullmatch(PLAIN_NAME, value) or (is_owner and value != value.lower()):
        letters = "lower-case letters" if is_owner else "letters"
        return f"is not a user name: expected up to 64 {letters}, digits and . _ @ -"
    if secret is Secret.MQTT_USER and value == HOME_ASSISTANT:
        return f"is {HOME_ASSISTANT}, the user name of Home Assistant: choose another"
    return ""


def password_problem(value: str, least: int) -> str:
    """Return what is wrong with a password of at least `least` characters, or nothing."""
    if kind := strange(value) or ("a space at an end" if value != value.strip() else ""):
        return f"has {kind}: remove it"
    if len(value) < least:
        return f"has {len(value)} character{'s' * (len(value) != 1)}, expected at least {least}"
    if (size := len(value.encode())) > MAX_BYTES:
        return f"has {size} bytes, expected at most {MAX_BYTES}"
    return ""


def stored(directory: Path, secret: Secret) -> str:
    """Return the content of the file of `secret`, empty when it is unreadable or invalid."""
    try:
        value = (directory / secret).read_bytes()[: 2 * MAX_TOKEN].decode()
    except (OSError, UnicodeDecodeError):
        return ""
    return "" if problem(secret, value) else value
