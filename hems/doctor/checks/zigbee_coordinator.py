"""Check that a Zigbee coordinator is plugged in, and that a backup of its network is kept.

A home without Zigbee has neither.
"""

from __future__ import annotations

import time
from pathlib import Path

from hems.doctor.check_interface import CheckContext, Finding, failed, note, ok
from hems.errors import ProtocolError
from hems.protocols.home_assistant import zha_network_backup
from hems.protocols.json_decoding import decode_json
from hems.system import files, serial_adapters
from hems.workers.provision.gateway_files import GatewayFiles
from hems.workers.provision.home_assistant.setup_record import HomeAssistantSetupRecord

TITLE = "zigbee"
ADVICE = "for Zigbee meters plug the coordinator in, with an extension cable, not beside USB 3"
DAY_S = 86400.0


def check(context: CheckContext) -> list[Finding]:
    section = context.settings.provision
    layout = GatewayFiles(Path(section.gateway_directory), Path(section.data_directory), False)
    paths = serial_adapters.paths()
    adapters = [f"{path.name} {serial_adapters.product(path)}".strip() for path in paths]
    plugged_in = ok(", ".join(adapters)) if adapters else note("no USB serial adapter", ADVICE)
    return [plugged_in, *backup(layout, time.time())]


def backup(layout: GatewayFiles, now: float) -> list[Finding]:
    """Return what is known of the network's backup at `now` (unix s), of a home that has one."""
    record = files.content(layout.home_assistant_record)
    path = layout.zigbee_network
    if record is None or not decode_json(record, HomeAssistantSetupRecord, "record").has_zigbee:
        return []
    try:
        content = files.content(path)
        kept = None if content is None else zha_network_backup.decoded(content, str(path))
    except ProtocolError as error:
        return [failed(str(error), "a backup of the Zigbee network", "delete the file")]
    if kept is None:
        return [note("no backup of the Zigbee network yet", "wait an hour after the set-up")]
    days = max(0.0, now - kept.backup_time.timestamp()) / DAY_S
    devices = len(kept.network_info.nwk_addresses)
    return [
        ok(f"backup of the network {days:.0f} d old, {devices} devices; rewritten when it changes")
    ]
