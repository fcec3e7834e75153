"""Write the password files of nginx and the broker, and the broker's access list.

The worker hashes a password with a new salt only if it has changed, so files stay the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from hems.errors import Unavailable
from hems.protocols.mqtt import broker_topics_and_limits, mosquitto_access_files
from hems.protocols.mqtt.mosquitto_access_files import AccessGrant
from hems.protocols.web import htpasswd
from hems.settings.shared_secret_rules import HOME_ASSISTANT, Secret
from hems.system import files
from hems.workers.provision.broker_rights import BrokerRights
from hems.workers.provision.gateway_file_paths import GatewayFiles
from hems.workers.provision.shared_secrets import SharedSecrets

# services/mqtt includes this file. 1883 is for Home Assistant and the workers, on the bridge only.
# The socket is for devices: nginx leads them to services/mqtt, and that to the socket. There the
# user name takes the place of a client's id: a login has one connection, and takes nobody's place.
# Without topic aliases services/mqtt sees the topic of each message.
CONFIGURATION = """\
listener 1883
allow_anonymous false
password_file {passwords}
acl_file {rights}
max_connections {connections}

listener 0 /run/mosquitto/devices.sock
allow_anonymous false
password_file /run/mosquitto/device-passwd
acl_file {device_rights}
use_username_as_clientid true
max_topic_alias 0
max_connections {device_connections}
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
        broker: BrokerRights,
        random: Random,
    ) -> None:
        self._layout = layout
        self._secrets = secrets
        self._broker = broker
        self._random = random
        self._is_done = False

    def step(self, _now: float) -> None:
        """Write the files that differ. Raises Unavailable."""
        self._is_done = False
        workers = self._secrets.value(Secret.MQTT_USER)
        own = {
            HOME_ASSISTANT: self._secrets.value(Secret.MQTT_HOMEASSISTANT_PASSWORD),
            workers: self._secrets.value(Secret.MQTT_PASSWORD),
        }
        devices = {user.name: user.password for user in self._broker.devices}
        passwords, rights, device_passwords, device_rights, configuration = self._files
        files.ensure_directory(passwords.parent, self._layout.directory())
        self._write_passwords(passwords, own)
        self._write_rights(rights, self._broker.of_gateway(workers))
        self._write_passwords(device_passwords, devices)
        self._write_rights(device_rights, self._broker.of_devices())
        text = CONFIGURATION.format(
            passwords=passwords,
            rights=rights,
            connections=broker_topics_and_limits.OWN_CONNECTIONS,
            device_rights=device_rights,
            device_connections=broker_topics_and_limits.DEVICE_CONNECTIONS,
        )
        files.ensure(configuration, text.encode(), self._layout.public())
        self._is_done = True

    def contents(self) -> list[bytes]:
        """Return what the broker reads at its start. Raises Unavailable until that is complete."""
        if not self._is_done:
            raise Unavailable("waits for the broker's files")
        return [files.content(path) or b"" for path in self._files]

    @cached_property
    def _files(self) -> list[Path]:
        names = ("passwd", "acl", "device-passwd", "device-acl")
        parts = [self._layout.mosquitto / name for name in names]
        return [*parts, self._layout.gateway / "mosquitto.conf"]

    def _write_passwords(self, path: Path, users: Mapping[str, str]) -> None:
        old_lines = _lines(path)
        lines = [self._line(old_lines, user, password) for user, password in users.items()]
        text = "".join(f"{line}\n" for line in lines if line)
        files.ensure(path, text.encode(), self._layout.for_mosquitto())

    def _write_rights(self, path: Path, grants: Sequence[AccessGrant]) -> None:
        text = mosquitto_access_files.access_list(grants)
        files.ensure(path, text.encode(), self._layout.for_mosquitto())

    def _line(self, old_lines: Sequence[str], user: str, password: str) -> str:
        """Return the user's line, empty if there is neither a password nor a previous line."""
        if not password:
            lines = (line for line in old_lines if mosquitto_access_files.is_line_of(line, user))
            return next(lines, "")
        for line in old_lines:
            if mosquitto_access_files.is_line_for(line, user, password):
                return line
        return mosquitto_access_files.password_line(
            user, password, self._random(mosquitto_access_files.SALT_SIZE)
        )


def _lines(path: Path) -> list[str]:
    return (files.content(path) or b"").decode(errors="replace").splitlines()
