"""Secrets: from the environment, else what the worker provision made; never shown.

The logins of hems/settings/logins.py, and from the environment only:
D2L_DEVICES                id:key:iv;id:key:iv - each dongle's 12 digits and its AES-128 key and
                           IV, 32 hex digits each
MQTT_BRIDGE                mqtts://USER:PASSWORD@HOST:PORT - see hems/settings/mqtt_bridge.py
WIFI_PORTAL_PASSPHRASE     WPA2's of the Wi-Fi portal; none leaves it open to everybody near it
BALENA_SUPERVISOR_ADDRESS, BALENA_SUPERVISOR_API_KEY, BALENA_APP_ID, BALENA_APP_NAME
                           set by balena for a service with the label
                           io.balena.features.supervisor-api
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from string import hexdigits
from typing import TypeVar
from urllib.parse import urlsplit

from hems.errors import ConfigError, Unavailable
from hems.settings import logins
from hems.settings.logins import MqttUser, Secret
from hems.settings.mqtt_bridge import CentralBroker, central_broker
from hems.settings.problem import Problem

KEY_DIGITS = 32
ID_DIGITS = 12
BALENA = "BALENA"  # the part of its four variables
T = TypeVar("T")


@dataclass(frozen=True)
class D2lDevice:
    """One dongle: its id and its AES-128-CBC key and IV, 16 bytes each."""

    id: int
    key: bytes = field(repr=False)
    iv: bytes = field(repr=False)


@dataclass(frozen=True)
class Balena:
    """The balena Supervisor of this device, and the application that it runs."""

    address: str
    api_key: str = field(repr=False)
    app_id: int
    app_name: str


@dataclass(frozen=True)
class Secrets:
    """`given` is what variables say; the rest is in force: a variable's value, else a file's."""

    mqtt_user: str = ""
    mqtt_password: str = field(default="", repr=False)
    mqtt_users: tuple[MqttUser, ...] = ()
    given: Mapping[Secret, str] = field(default_factory=dict, repr=False)
    d2l_devices: tuple[D2lDevice, ...] = ()
    balena: Balena | None = None  # None away from balena
    wifi_portal_passphrase: str = field(default="", repr=False)
    central_broker: CentralBroker | None = None

    def mqtt_login(self) -> tuple[str, str]:
        """Return the workers' user and password at the broker.

        Raises Unavailable while there are none: a worker that is started again finds them.
        """
        if not self.mqtt_password:
            raise Unavailable(
                "there is no login at the broker yet: provision makes it, or set MQTT_PASSWORD"
            )
        return self.mqtt_user, self.mqtt_password


def read(environ: Mapping[str, str], problems: list[Problem], made: Path | None = None) -> Secrets:
    """Return the secrets; append to `problems` what is wrong, without any secret's value.

    What is wrong counts as not given. `made` is the directory of what provision made, None for
    none.
    """

    def part(name: str, parse: Callable[[str, list[str]], T]) -> T:
        wrong: list[str] = []
        value = parse(environ.get(name, ""), wrong)
        problems.extend(Problem(name, one) for one in wrong)
        return value

    texts = {one: part(one, partial(logins.checked, one)) for one in Secret}
    given = {secret: text for secret, text in texts.items() if text}
    user, password = (
        given.get(one) or (logins.kept(made, one) if made else "")
        for one in (Secret.MQTT_USER, Secret.MQTT_PASSWORD)
    )
    user = user or logins.DEFAULTS[Secret.MQTT_USER]
    return Secrets(
        user if password else "",
        password,
        part("MQTT_USERS", partial(_others, user)),
        given,
        part("D2L_DEVICES", _devices),
        _balena(environ, problems),
        part("WIFI_PORTAL_PASSPHRASE", _passphrase),
        part("MQTT_BRIDGE", central_broker),
    )


def _others(own: str, text: str, problems: list[str]) -> tuple[MqttUser, ...]:
    """Return the logins of other devices, none of which may be the workers' `own`."""
    users = logins.mqtt_users(text, problems)
    if own in {one.name for one in users}:
        problems.append(f"MQTT_USERS: {own} is the workers' own, see MQTT_USER: choose another")
    return tuple(one for one in users if one.name != own)


def _passphrase(text: str, problems: list[str]) -> str:
    """Return the portal's passphrase, of the length and letters that WPA2 takes."""
    if not text or (8 <= len(text) <= 63 and text.isascii() and text.isprintable()):
        return text
    problems.append("WIFI_PORTAL_PASSPHRASE: expected 8 to 63 printable ASCII characters")
    return ""


def _devices(text: str, problems: list[str]) -> tuple[D2lDevice, ...]:
    devices: list[D2lDevice] = []
    entries = (entry.strip() for entry in text.split(";"))
    for number, entry in enumerate((entry for entry in entries if entry), 1):
        wrong = list(device_problems(entry))
        problems += [f"D2L_DEVICES: device {number}: {problem}" for problem in wrong]
        if not wrong:
            devices.append(parse_device(entry))
    ids = [device.id for device in devices]
    for repeated in sorted({one for one in ids if ids.count(one) > 1}):
        problems.append(f"D2L_DEVICES: {repeated:012d} is listed more than once")
    return tuple(devices)


def _balena(environ: Mapping[str, str], problems: list[Problem]) -> Balena | None:
    """Return the Supervisor's access, None when a part of it is not set."""
    names = ("SUPERVISOR_ADDRESS", "SUPERVISOR_API_KEY", "APP_ID", "APP_NAME")
    address, key, app_id, app_name = (environ.get(f"BALENA_{name}", "") for name in names)
    if not (address and key and app_id and app_name):
        return None
    wrong = list(_balena_problems(address, key, app_id))
    problems += [Problem(BALENA, one) for one in wrong]
    return None if wrong else Balena(address, key, int(app_id), app_name)


def _balena_problems(address: str, key: str, app_id: str) -> Iterator[str]:
    if not is_http_url(address):
        yield f"BALENA_SUPERVISOR_ADDRESS: {address!r}, expected http://host:port"
    if not (key.isascii() and key.isprintable() and " " not in key):
        yield "BALENA_SUPERVISOR_API_KEY has characters that no HTTP header may have"
    if not (app_id.isascii() and app_id.isdecimal()):
        yield f"BALENA_APP_ID: {app_id!r}, expected a number"


def is_http_url(text: str) -> bool:
    """Tell whether `text` is http://host[:port][/path]."""
    try:
        parts = urlsplit(text)
        return parts.scheme == "http" and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def parse_device(entry: str) -> D2lDevice:
    """Return the device of one `id:key:iv`. Raises ConfigError, which never shows key or IV."""
    if wrong := list(device_problems(entry)):
        raise ConfigError("; ".join(wrong))
    identity, key, iv = (part.strip() for part in entry.split(":"))
    return D2lDevice(int(identity), bytes.fromhex(key), bytes.fromhex(iv))


def device_problems(entry: str) -> Iterator[str]:
    """Yield what is wrong with one `id:key:iv`, in words that show neither key nor IV."""
    parts = [part.strip() for part in entry.split(":")]
    if len(parts) != 3:
        yield f"found {len(parts)} fields between colons, expected three: id:key:iv"
        return
    identity, *keys = parts
    if len(identity) != ID_DIGITS or not (identity.isascii() and identity.isdecimal()):
        yield f"the id has {len(identity)} characters, expected {ID_DIGITS} digits"
    for name, value in zip(("key", "IV"), keys, strict=True):
        if strange := sum(character not in hexdigits for character in value):
            yield f"the {name} has {strange} characters that are not hex digits"
        elif len(value) != KEY_DIGITS:
            yield f"the {name} has {len(value)} hex digits, expected {KEY_DIGITS}"
