"""The password files of nginx and of the broker, and what each user may do there.

A password is hashed with a new salt only when it has changed, so that files stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from hems.errors import Unavailable
from hems.protocols import htpasswd, mosquitto
from hems.protocols.mosquitto import Grant, Right
from hems.settings import Mqtt
from hems.settings.logins import HOME_ASSISTANT, MqttUser, Secret
from hems.system import files
from hems.workers.provision.layout import Layout
from hems.workers.provision.shared_secrets import Secrets

# What services/mqtt includes; it has a listener of its own, for its health check.
CONFIGURATION = """\
listener 1883
allow_anonymous false
password_file {passwords}
acl_file {rights}
max_connections 200
"""
Random = Callable[[int], bytes]


class NginxPassword:
    """Keeps the one line of nginx's password file: the owner's."""

    name = "nginx"

    def __init__(self, layout: Layout, secrets: Secrets, random: Random) -> None:
        self._layout = layout
        self._secrets = secrets
        self._random = random

    def step(self, _now: float) -> None:
        """Make the file right. Raises Unavailable."""
        user = self._secrets.value(Secret.CONFIG_USER)
        password = self._secrets.value(Secret.CONFIG_PASSWORD)
        files.settle_directory(self._layout.nginx, self._layout.directory())
        path = self._layout.nginx / "htpasswd"
        for line in _lines(path):
            if htpasswd.lets_in(line, user, password):
                break
        else:
            line = htpasswd.password_line(user, password, self._random(htpasswd.SALT_SIZE))
        files.settle(path, f"{line}\n".encode(), self._layout.for_nginx())


class BrokerPasswords:
    """Keeps the broker's users; the configuration that names their files comes last."""

    name = "mqtt"

    def __init__(
        self,
        layout: Layout,
        secrets: Secrets,
        mqtt: Mqtt,
        others: Sequence[MqttUser],
        random: Random,
    ) -> None:
        self._layout = layout
        self._secrets = secrets
        self._mqtt = mqtt
        self._others = others
        self._random = random
        self._is_done = False

    def step(self, _now: float) -> None:
        """Make the files right. Raises Unavailable."""
        self._is_done = False
        workers = self._secrets.value(Secret.MQTT_USER)
        users = {
            HOME_ASSISTANT: self._secrets.value(Secret.MQTT_HOMEASSISTANT_PASSWORD),
            workers: self._secrets.value(Secret.MQTT_PASSWORD),
            **{one.name: one.password for one in self._others},
        }
        access = self._layout.for_mosquitto()
        passwords, rights, configuration = self._files()
        files.settle_directory(passwords.parent, self._layout.directory())
        found = _lines(passwords)
        lines = [self._line(found, user, password) for user, password in users.items()]
        files.settle(passwords, "".join(f"{line}\n" for line in lines).encode(), access)
        text = mosquitto.access_list(grants(workers, self._others, self._mqtt))
        files.settle(rights, text.encode(), access)
        text = CONFIGURATION.format(passwords=passwords, rights=rights)
        files.settle(configuration, text.encode(), self._layout.public())
        self._is_done = True

    def contents(self) -> list[bytes]:
        """Return what the broker reads when it starts. Raises Unavailable until it is right."""
        if not self._is_done:
            raise Unavailable("waits for the broker's files")
        return [files.content(path) or b"" for path in self._files()]

    def _files(self) -> list[Path]:
        directory = self._layout.mosquitto
        return [directory / "passwd", directory / "acl", self._layout.gateway / "mosquitto.conf"]

    def _line(self, found: Sequence[str], user: str, password: str) -> str:
        for line in found:
            if mosquitto.lets_in(line, user, password):
                return line
        return mosquitto.password_line(user, password, self._random(mosquitto.SALT_SIZE))


def grants(workers: str, others: Sequence[MqttUser], mqtt: Mqtt) -> list[Grant]:
    """Return what each user may do: Home Assistant all, the rest its own and discovery."""
    discovery = (
        (Right.WRITE, f"{mqtt.discovery_prefix}/#"),
        (Right.READ, f"{mqtt.discovery_prefix}/status"),
    )
    return [
        Grant(HOME_ASSISTANT, ((Right.READWRITE, "#"),)),
        Grant(workers, ((Right.READWRITE, f"{mqtt.base_topic}/#"), *discovery)),
        *(Grant(one.name, (*_own(one), *discovery)) for one in others),
    ]


def _own(user: MqttUser) -> list[tuple[Right, str]]:
    return [(Right.READWRITE, topic) for topic in user.topics or (f"{user.name}/#",)]


def _lines(path: Path) -> list[str]:
    return (files.content(path) or b"").decode(errors="replace").splitlines()
