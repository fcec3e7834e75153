"""Keep the secrets that services share: from a variable, else its file, else a new random value."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from loguru import logger

from hems.errors import Unavailable
from hems.settings import shared_secret_rules
from hems.settings.shared_secret_rules import Secret
from hems.system import files
from hems.workers.provision.gateway_file_paths import GatewayFiles

SIZES = {  # random bytes, twice as many hex digits: they need no quotes anywhere
    Secret.CONFIG_PASSWORD: 10,  # a person may have to type it
    Secret.INFLUX_TOKEN: 32,
    Secret.MQTT_PASSWORD: 16,
    Secret.MQTT_HOMEASSISTANT_PASSWORD: 16,
    Secret.WIFI_PORTAL_PASSPHRASE: 10,  # for a printed card
}


class SharedSecrets:
    """Writes a file for each secret.

    `variables` has the values of environment variables; `random` returns that many random bytes
    as hex digits.
    """

    name = "secrets"

    def __init__(
        self, layout: GatewayFiles, variables: Mapping[Secret, str], random: Callable[[int], str]
    ) -> None:
        self._layout = layout
        self._variables = variables
        self._random = random
        self._files = {one: (layout.secrets / one, layout.secret(one)) for one in Secret}
        self._values: dict[Secret, str] = {}
        self._on_disk: set[Secret] = set()
        self._new: dict[Secret, tuple[str, str]] = {}  # what to log of a value once it is on disk

    def step(self, _now: float) -> None:
        """Write the files that differ. Raises Unavailable if one cannot be written."""
        files.ensure_directory(self._layout.gateway, self._layout.directory())
        files.ensure_directory(self._layout.secrets, self._layout.unlisted_directory())
        for secret, (path, access) in self._files.items():
            if secret not in self._values:
                self._values[secret] = self._variables.get(secret) or self._stored(secret)
            files.ensure(path, self._values[secret].encode(), access)
            self._on_disk.add(secret)
            if secret in self._new:  # only now it is certain
                logger.log(*self._new.pop(secret))

    def value(self, secret: Secret) -> str:
        """Return the current value. Raises Unavailable before it is on disk."""
        if secret not in self._on_disk:
            raise Unavailable(f"waits for {secret}")
        return self._values[secret]

    def login(self) -> tuple[str, str]:
        """Return the administrator's user and password. Raises Unavailable before they are made."""
        return self.value(Secret.CONFIG_USER), self.value(Secret.CONFIG_PASSWORD)

    def new_password(self) -> str:
        """Return a password that nobody has to type."""
        return self._random(SIZES[Secret.MQTT_PASSWORD])

    def is_set_by_variable(self, secret: Secret) -> bool:
        """Return whether a variable sets `secret`, from which every service then reads it."""
        return secret in self._variables

    def _stored(self, secret: Secret) -> str:
        """Return the file's value, or a new one if the file has no valid value."""
        path = self._layout.secrets / secret
        if value := shared_secret_rules.stored(path.parent, secret):
            return value
        if files.content(path) is not None:
            self._new[secret] = ("WARNING", f"{path} had no valid value and has a new one")
        else:
            self._new[secret] = ("INFO", f"created {secret}, which no variable sets")
        return shared_secret_rules.DEFAULTS.get(secret) or self._random(SIZES[secret])
