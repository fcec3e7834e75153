"""Read the secrets from credentials or variables, or else from the files that provision created.

On a device a worker's credentials (credentials_directory.py) replace the container's variables.
These are the secrets of shared_secret_rules.py, and some that nobody creates:
MQTT_USERS                 name:password;… - see hems/settings/mqtt_users.py
D2L_DEVICES                id:key:iv;id:key:iv - the 12 digits of each dongle, its AES-128 key and
                           its IV, 32 hex digits each
MQTT_BRIDGE                mqtts://USER:PASSWORD@HOST:PORT - see hems/settings/mqtt_bridge.py
BALENA_…                   set by balena - see hems/settings/balena_access.py
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from string import hexdigits
from typing import TypeVar

from hems.errors import ConfigError, Unavailable
from hems.settings import shared_secret_rules
from hems.settings.balena_access import Balena, balena_access
from hems.settings.mqtt_bridge import NAME as BRIDGE
from hems.settings.mqtt_bridge import PREVIOUS, CentralBroker, central_broker
from hems.settings.mqtt_users import MqttUser, mqtt_users
from hems.settings.shared_secret_rules import Secret
from hems.settings.validation_problems import SettingsProblem, strange

KEY_DIGITS = 32
ID_DIGITS = 12
PORTAL = Secret.WIFI_PORTAL_PASSPHRASE
MAX_MISTAKES = 10  # that are listed for one variable
# What is used in place of a wrong variable; with a mistake in another one its worker cannot start.
INSTEAD: Mapping[str, str] = {
    **{name: "the previous or generated value" for name in Secret if name != PORTAL},
    "MQTT_USERS": "each correct login, and the previous password for a wrong one,",
    BRIDGE: PREVIOUS,
}
T = TypeVar("T")


@dataclass(frozen=True)
class D2lDevice:
    """One dongle: its id, and its AES-128-CBC key and IV of 16 bytes each."""

    id: int
    key: bytes = field(repr=False)
    iv: bytes = field(repr=False)


@dataclass(frozen=True)
class Secrets:
    """The secrets in use: a variable's value, else a file's. `variables` has only the former."""

    mqtt_user: str = ""
    mqtt_password: str = field(default="", repr=False)
    mqtt_users: tuple[MqttUser, ...] = ()
    variables: Mapping[Secret, str] = field(default_factory=dict, repr=False)
    d2l_devices: tuple[D2lDevice, ...] = ()
    balena: Balena | None = None  # None away from balena
    wifi_portal_passphrase: str = field(default="", repr=False)
    central_broker: CentralBroker | None = None

    def mqtt_login(self) -> tuple[str, str]:
        """Return the workers' user and password at the broker.

        Raises Unavailable while there is none; a restarted worker finds it later.
        """
        if not self.mqtt_password:
            raise Unavailable(
                "no login at the broker yet: wait for provision to create it, or set MQTT_PASSWORD"
            )
        return self.mqtt_user, self.mqtt_password


def read(
    environ: Mapping[str, str], problems: list[SettingsProblem], created: Path | None = None
) -> Secrets:
    """Return the secrets; append each mistake to `problems`, without the value of any secret.

    A wrong secret counts as not set. `created` is the folder of the secrets that provision has
    created, None without one.
    """

    def part(name: str, parse: Callable[[str, list[str]], T]) -> T:
        mistakes: list[str] = []
        value = parse(environ.get(name, ""), mistakes)
        instead = INSTEAD.get(name, "")
        if len(mistakes) > MAX_MISTAKES:
            more = len(mistakes) - MAX_MISTAKES
            mistakes[MAX_MISTAKES:] = [f"{name}: {more} more such mistakes"]
        problems.extend(SettingsProblem(name, mistake, instead) for mistake in mistakes)
        return value

    others = [secret for secret in Secret if secret is not PORTAL]
    texts = {
        secret: part(secret, partial(shared_secret_rules.checked, secret)) for secret in others
    }
    texts[PORTAL] = part(PORTAL, _passphrase)
    variables = {secret: text for secret, text in texts.items() if text}
    user, password = (
        variables.get(secret) or (shared_secret_rules.stored(created, secret) if created else "")
        for secret in (Secret.MQTT_USER, Secret.MQTT_PASSWORD)
    )
    user = user or shared_secret_rules.DEFAULTS[Secret.MQTT_USER]
    return Secrets(
        user if password else "",
        password,
        part("MQTT_USERS", partial(_others, user)),
        variables,
        part("D2L_DEVICES", _devices),
        balena_access(environ, problems),
        texts[PORTAL],
        part(BRIDGE, central_broker),
    )


def _others(workers: str, text: str, problems: list[str]) -> tuple[MqttUser, ...]:
    """Return the logins of other devices; none may have the user name `workers`."""
    users = mqtt_users(text, problems)
    if workers in {user.name for user in users}:
        problems.append(f"MQTT_USERS: {workers} is the workers' user name: choose another")
    return tuple(user for user in users if user.name != workers)


def _passphrase(text: str, problems: list[str]) -> str:
    """Return the portal's passphrase if WPA2 allows it."""
    if not text or shared_secret_rules.is_passphrase(text):
        return text
    kind = strange(text) or ("" if text.isascii() else "a non-ASCII character")
    found = kind or _counted(len(text), "character")
    problems.append(f"{PORTAL}: found {found}, expected {shared_secret_rules.PASSPHRASE}")
    return ""


def _devices(text: str, problems: list[str]) -> tuple[D2lDevice, ...]:
    devices: list[D2lDevice] = []
    entries = (entry.strip() for entry in text.split(";"))
    for number, entry in enumerate((entry for entry in entries if entry), 1):
        mistakes = list(device_problems(entry))
        problems += [f"D2L_DEVICES: device {number}: {mistake}" for mistake in mistakes]
        if not mistakes:
            devices.append(parse_device(entry))
    ids = Counter(device.id for device in devices)
    for repeated in sorted(number for number, count in ids.items() if count > 1):
        problems.append(f"D2L_DEVICES: {repeated:0{ID_DIGITS}d} is listed more than once")
    return tuple(devices)


def parse_device(entry: str) -> D2lDevice:
    """Return the device of one `id:key:iv`. Raises ConfigError, which never shows key or IV."""
    if mistakes := list(device_problems(entry)):
        raise ConfigError("; ".join(mistakes))
    identity, key, iv = (part.strip() for part in entry.split(":"))
    return D2lDevice(int(identity), bytes.fromhex(key), bytes.fromhex(iv))


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def device_problems(entry: str) -> Iterator[str]:
    """Yield each mistake in one `id:key:iv`, without showing key or IV."""
    parts = [part.strip() for part in entry.split(":")]
    if len(parts) != 3:
        fields = _counted(len(parts), "field")
        yield f"found {fields} between colons, expected the three of id:key:iv"
        return
    identity, *keys = parts
    if len(identity) != ID_DIGITS or not (identity.isascii() and identity.isdecimal()):
        yield f"the id has {_counted(len(identity), 'character')}, expected {ID_DIGITS} digits"
    for name, value in zip(("key", "IV"), keys, strict=True):
        if strange := sum(character not in hexdigits for character in value):
            verb = "is not a hex digit" if strange == 1 else "are not hex digits"
            yield f"the {name} has {_counted(strange, 'character')} that {verb}"
        elif len(value) != KEY_DIGITS:
            yield f"the {name} has {_counted(len(value), 'hex digit')}, expected {KEY_DIGITS}"
