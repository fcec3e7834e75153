"""The paths and access rights of the files that provision writes for the other services.

docker-compose.yml mounts the volume at /gateway. Each service can read its own files only. Users
and groups are numbers from the images, because a name means nothing in another container.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from hems.settings.shared_secret_rules import READER_TOKEN, Secret
from hems.system.files import Access

ROOT = 0
WORKERS = 7846  # the group of the unprivileged workers in hems's own image
NGINX = 101  # the group of nginx in nginx:alpine
MOSQUITTO = 1883  # the user and group in services/mqtt
TELEMETRY = 7847  # the group of the worker telemetry there, which has no other user
FOR_WORKERS = {Secret.MQTT_USER, Secret.MQTT_PASSWORD}


@dataclass(frozen=True)
class GatewayFiles:
    """Paths below two directories; only root can set owners (`sets_owner`)."""

    gateway: Path
    data: Path
    sets_owner: bool

    @cached_property
    def secrets(self) -> Path:
        return self.gateway / "secrets"

    @cached_property
    def tls(self) -> Path:
        return self.gateway / "tls"

    @cached_property
    def nginx(self) -> Path:
        return self.gateway / "nginx"

    @cached_property
    def names(self) -> Path:
        """Return the folder with an empty file for each name and address of the gateway."""
        return self.nginx / "names"

    @cached_property
    def pages_on_http(self) -> Path:
        """Return the empty file that is there while nginx serves the pages on HTTP too."""
        return self.nginx / "pages-on-http"

    @cached_property
    def mosquitto(self) -> Path:
        return self.gateway / "mosquitto"

    @cached_property
    def pki(self) -> Path:
        """Return where the CA's key is; it never leaves this service."""
        return self.data / "pki"

    @cached_property
    def record(self) -> Path:
        return self.data / "provision.json"

    @cached_property
    def home_assistant_record(self) -> Path:
        return self.data / "homeassistant.json"

    @cached_property
    def zigbee_joining(self) -> Path:
        return self.data / "zigbee_joining.json"

    @cached_property
    def zigbee_network(self) -> Path:
        """Return where the backup of the Zigbee network is, with its key."""
        return self.data / "zigbee_network.json"

    @cached_property
    def zigbee_network_before(self) -> Path:
        """Return where the last backup of the network before this one is."""
        return self.data / "zigbee_network_before.json"

    def directory(self) -> Access:
        """Return the access of a directory whose file names are public."""
        return self._access(0o755, ROOT, ROOT)

    def unlisted_directory(self) -> Access:
        """Return the access of a directory that everybody may enter and only root may list."""
        return self._access(0o711, ROOT, ROOT)

    def private_directory(self) -> Access:
        return self._access(0o700, ROOT, ROOT)

    def public(self) -> Access:
        return self._access(0o644, ROOT, ROOT)

    def private(self) -> Access:
        return self._access(0o600, ROOT, ROOT)

    def secret(self, secret: Secret) -> Access:
        return self._access(0o640, ROOT, WORKERS) if secret in FOR_WORKERS else self.private()

    @cached_property
    def reader_token(self) -> Path:
        return self.secrets / READER_TOKEN

    def for_telemetry(self) -> Access:
        return self._access(0o640, ROOT, TELEMETRY)

    def for_nginx(self) -> Access:
        return self._access(0o640, ROOT, NGINX)

    def for_mosquitto(self) -> Access:
        """Return the access that mosquitto requires: its own files, private."""
        return self._access(0o600, MOSQUITTO, MOSQUITTO)

    def _access(self, mode: int, uid: int, gid: int) -> Access:
        return Access(mode, (uid, gid) if self.sets_owner else None)
