"""Check that a Zigbee coordinator is plugged in, and that a backup of its network is kept.

A home without Zigbee has neither.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from hems.doctor.check_interface import CheckContext, Finding, failed, note, ok
from hems.errors import ProtocolError
from hems.protocols.home_assistant import zha_network_backup
from hems.system import files, serial_adapters

TITLE = "zigbee"
ADVICE = "for Zigbee meters plug the coordinator in, with an extension cable, not beside USB 3"
DAY_S = 86400.0


def check(context: CheckContext) -> list[Finding]:
    paths = serial_adapters.paths()
    adapters = [f"{path.name} {serial_adapters.product(path)}".strip() for path in paths]
    plugged_in = ok(", ".join(adapters)) if adapters else note("no USB serial adapter", ADVICE)
    directory = Path(context.settings.provision.data_directory)
    return [plugged_in, *backup(directory / "zigbee_network.json", time.time())]


def backup(path: Path, now: float) -> Iterator[Finding]:
    """Yield what is known of the network's backup at `now` (unix s), if provision has kept one."""
    content = files.content(path)
    if content is None:
        return
    try:
        kept = zha_network_backup.decoded(content, str(path))
    except ProtocolError as error:
        yield failed(str(error), "a backup of the Zigbee network", "delete the file")
        return
    days = max(0.0, now - kept.backup_time.timestamp()) / DAY_S
    devices = len(kept.network_info.nwk_addresses)
    yield ok(f"backup of the network of {days:.0f} d ago, {devices} devices; kept at each change")
