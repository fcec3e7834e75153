"""See from the machine, without a question, when something about Home Assistant has changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from hems.system import files
from hems.workers.provision.home_assistant.user_language_reader import CHOICES

REGISTRIES = (".storage/core.entity_registry", ".storage/core.device_registry")
LOGINS = ".storage/auth_provider.homeassistant"


class HostView(NamedTuple):
    """What provision sees of Home Assistant's files, and of the machine.

    `folder` is Home Assistant's configuration, None if provision cannot see it. `serial_adapters`
    returns what identifies each USB serial adapter: another one may be a Zigbee stick. `time`
    returns unix seconds.
    """

    folder: Path | None
    serial_adapters: Callable[[], Sequence[tuple[str, int]]]
    time: Callable[[], float]

    def changes(self) -> tuple[object, ...]:
        """Return what differs once an adapter was plugged in, or something has changed.

        That is an entity, a device, a login, or the language of a user. Home Assistant saves its
        registries 10 s after a change.
        """
        folder = self.folder
        watched = [folder / name for name in (*REGISTRIES, LOGINS)] if folder else []
        watched += sorted(folder.glob(f"{CHOICES}*")) if folder else []
        return (*self.serial_adapters(), *(files.modified_at(path) for path in watched))
