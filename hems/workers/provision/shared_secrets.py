"""The secrets that services share: a variable's value, else the file's, else a new random one."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from loguru import logger

from hems.errors import Unavailable
from hems.settings import logins
from hems.settings.logins import Secret
from hems.system import files
from hems.workers.provision.layout import Layout

SIZES = {  # random bytes, twice as many hex digits: they need no quotes anywhere
    Secret.CONFIG_PASSWORD: 10,  # a person may have to type it
    Secret.INFLUX_TOKEN: 32,
    Secret.MQTT_PASSWORD: 16,
    Secret.MQTT_HOMEASSISTANT_PASSWORD: 16,
}


class Secrets:
    """Keeps a file for each; `given` is what variables say, `random` makes hex digits."""

    name = "secrets"

    def __init__(
        self, layout: Layout, given: Mapping[Secret, str], random: Callable[[int], str]
    ) -> None:
        self._layout = layout
        self._given = given
        self._random = random
        self._values: dict[Secret, str] = {}
        self._on_disk: set[Secret] = set()

    def step(self, _now: float) -> None:
        """Make every file right. Raises Unavailable when one cannot be."""
        files.settle_directory(self._layout.gateway, self._layout.directory())
        files.settle_directory(self._layout.secrets, self._layout.passage())
        for secret in Secret:
            value = self._values.setdefault(secret, self._given.get(secret) or self._kept(secret))
            path, access = self._layout.secrets / secret, self._layout.secret(secret)
            files.settle(path, value.encode(), access)
            self._on_disk.add(secret)

    def value(self, secret: Secret) -> str:
        """Return the value in force. Raises Unavailable before it is safe on disk."""
        if secret not in self._on_disk:
            raise Unavailable(f"waits for {secret}")
        return self._values[secret]

    def is_given(self, secret: Secret) -> bool:
        """Tell whether a variable says it, so that every service has it from there."""
        return secret in self._given

    def _kept(self, secret: Secret) -> str:
        """Return what the file holds, or a new value where that is none."""
        path = self._layout.secrets / secret
        if value := logins.kept(path.parent, secret):
            return value
        if files.content(path) is not None:
            logger.warning("{} was of no use: it has a new value", path)
        else:
            logger.info("{} is made: no variable gives it", secret)
        return logins.DEFAULTS.get(secret) or self._random(SIZES[secret])
