"""Decide whether Home Assistant has to be restarted to use the current INFLUX_TOKEN.

Its start program writes the token into Home Assistant's store (services/homeassistant, start.py),
and on a new volume waits until there is one. So the store says what the next start, or the one of
now, uses; without an entry there, that start is still to come.
"""

from __future__ import annotations

from pathlib import Path

from hems.errors import HemsError
from hems.protocols.home_assistant.influxdb_integration import ENTRIES, EntryStore, influxdb_tokens
from hems.protocols.json_decoding import decode_json
from hems.settings.shared_secret_rules import Secret
from hems.system import files
from hems.workers.provision.provision_record import ProvisionRecordFile, digest
from hems.workers.provision.shared_secrets import SharedSecrets

SERVICE = "homeassistant"


class HomeAssistantToken:
    """`folder` is Home Assistant's configuration, None if provision cannot see it."""

    def __init__(
        self, secrets: SharedSecrets, record: ProvisionRecordFile, folder: Path | None
    ) -> None:
        self._secrets = secrets
        self._record = record
        self._folder = folder

    def digest(self) -> str:
        """Return the digest of the token. Raises Unavailable before there is one."""
        return digest([self._secrets.value(Secret.INFLUX_TOKEN).encode()])

    def is_in_use(self) -> bool:
        """Return whether Home Assistant uses the token, or will when it starts."""
        if self._secrets.is_set_by_variable(Secret.INFLUX_TOKEN):
            return True
        if self._folder is None:
            return False
        try:
            data = files.content(self._folder / ENTRIES)
            store = None if data is None else decode_json(data, EntryStore, ENTRIES)
        except HemsError:
            return False
        tokens = influxdb_tokens(store) if store else frozenset()
        is_new = SERVICE not in self._record.record.restarted
        return self._secrets.value(Secret.INFLUX_TOKEN) in tokens or (is_new and not tokens)
