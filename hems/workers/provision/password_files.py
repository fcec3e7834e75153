"""Write the password files of nginx and the broker, and the broker's access list.

The worker hashes a password with a new salt only if it has changed, so files stay the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from hems.errors import Unavailable
from hems.protocols.mqtt import broker_figures, mosquitto_users
from hems.protocols.mqtt.mosquitto_users import AccessGrant, AccessRight
from hems.protocols.web import htpasswd
from hems.settings.logins import HOME_ASSISTANT, MqttUser, Secret
from hems.settings.mqtt import MqttSettings
from hems.system import files
from hems.workers.provision.gateway_files import GatewayFiles
from hems.workers.provision.shared_secrets import SharedSecrets

# services/mqtt includes this file; it has its own listener for the health check.
CONFIGURATION = """\
listener 1883
allow_anonymous false
password_file {passwords}
acl_file {rights}
max_connections {connections}
"""
Random = Callable[[int], bytes]
NewSalt = Callable[[], bytes]


class NginxPassword:
    """Writes nginx's password file, which has one line: the owner's."""

    name = "nginx"

    def __init__(self, layout: GatewayFiles, secrets: SharedSecrets, new_salt: NewSalt) -> None:
        self._layout = layout
        self._secrets = secrets
        self._new_salt = new_salt

    def step(self, _now: float) -> None:
        """Write the file if it differs. Raises Unavailable."""
        user = self._secrets.value(Secret.CONFIG_USER)
        password = self._secrets.value(Secret.CONFIG_PASSWORD)
        files.ensure_directory(self._layout.nginx, self._layout.directory())
        path = self._layout.nginx / "htpasswd"
        for line in _lines(path):
            if htpasswd.is_line_for(line, user, password):
                break
        else:
            line = htpasswd.password_line(user, password, self._new_salt())
        files.ensure(path, f"{line}\n".encode(), self._layout.for_nginx())


class BrokerPasswords:
    """Writes the broker's users and rights, and last the configuration that names the files."""

    name = "mqtt"

    def __init__(
        self,
        layout: GatewayFiles,
        secrets: SharedSecrets,
        mqtt: MqttSettings,
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
        """Write the files that differ. Raises Unavailable."""
        self._is_done = False
        workers = self._secrets.value(Secret.MQTT_USER)
        users = {
            HOME_ASSISTANT: self._secrets.value(Secret.MQTT_HOMEASSISTANT_PASSWORD),
            workers: self._secrets.value(Secret.MQTT_PASSWORD),
            **{user.name: user.password for user in self._others},
        }
        access = self._layout.for_mosquitto()
        passwords, rights, configuration = self._files()
        files.ensure_directory(passwords.parent, self._layout.directory())
        old_lines = _lines(passwords)
        lines = [self._line(old_lines, user, password) for user, password in users.items()]
        files.ensure(passwords, "".join(f"{line}\n" for line in lines if line).encode(), access)
        text = mosquitto_users.access_list(grants(workers, self._others, self._mqtt))
        files.ensure(rights, text.encode(), access)
        text = CONFIGURATION.format(
            passwords=passwords, rights=rights, connections=broker_figures.MAX_CONNECTIONS
        )
        files.ensure(configuration, text.encode(), self._layout.public())
        self._is_done = True

    def contents(self) -> list[bytes]:
        """Return what the broker reads at its start. Raises Unavailable until that is complete."""
        if not self._is_done:
            raise Unavailable("waits for the broker's files")
        return [files.content(path) or b"" for path in self._files()]

    def _files(self) -> list[Path]:
        directory = self._layout.mosquitto
        return [directory / "passwd", directory / "acl", self._layout.gateway / "mosquitto.conf"]

    def _line(self, old_lines: Sequence[str], user: str, password: str) -> str:
        """Return the user's line, empty if there is neither a password nor a previous line."""
        if not password:
            lines = (line for line in old_lines if mosquitto_users.is_line_of(line, user))
            return next(lines, "")
        for line in old_lines:
            if mosquitto_users.is_line_for(line, user, password):
                return line
        return mosquitto_users.password_line(
            user, password, self._random(mosquitto_users.SALT_SIZE)
        )


def grants(workers: str, others: Sequence[MqttUser], mqtt: MqttSettings) -> list[AccessGrant]:
    """Return the rights: all topics for Home Assistant, for others their own and discovery.

    The workers may also read the broker's figures.
    """
    discovery = (
        (AccessRight.WRITE, f"{mqtt.discovery_prefix}/#"),
        (AccessRight.READ, f"{mqtt.discovery_prefix}/status"),
    )
    figures = (AccessRight.READ, broker_figures.ALL)
    return [
        AccessGrant(HOME_ASSISTANT, ((AccessRight.READWRITE, "#"),)),
        AccessGrant(
            workers, ((AccessRight.READWRITE, f"{mqtt.base_topic}/#"), *discovery, figures)
        ),
        *(AccessGrant(user.name, (*_own_topics(user), *discovery)) for user in others),
    ]


def _own_topics(user: MqttUser) -> list[tuple[AccessRight, str]]:
    return [(AccessRight.READWRITE, topic) for topic in user.topics or (f"{user.name}/#",)]


def _lines(path: Path) -> list[str]:
    return (files.content(path) or b"").decode(errors="replace").splitlines()
