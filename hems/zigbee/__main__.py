"""python -m hems.zigbee restore: move the home's Zigbee network to a blank stick; exit 1 if not."""

from __future__ import annotations

import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from loguru import logger

from hems import peer_clients
from hems.clients.home_assistant.admin_session import AdminSession
from hems.errors import HemsError, Unavailable
from hems.settings import Settings
from hems.settings.load import config_path, read
from hems.workers.provision.gateway_files import GatewayFiles
from hems.workers.provision.home_assistant.setup_record import (
    HomeAssistantSetupRecord,
    SetupRecordFile,
)
from hems.workers.provision.home_assistant.zigbee_network_backup import kept_backup
from hems.zigbee.network_restore import restore

USAGE = 2  # the exit status that argparse uses


def main() -> int:
    """Do what the command line says and return the exit status."""
    if sys.argv[1:] != ["restore"]:
        sys.stderr.write("expected python -m hems.zigbee restore\n")
        return USAGE
    logger.remove()
    try:
        settings = read(config_path(os.environ), os.environ)
        layout = _layout(settings)
        with _session(settings, layout) as session:
            kept = kept_backup(layout)
            backup = kept.to_restore(datetime.now(UTC)) if kept else None
            sys.stdout.write(f"{restore(session, time.sleep, backup)}\n")
    except HemsError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


def _layout(settings: Settings) -> GatewayFiles:
    section = settings.provision
    return GatewayFiles(Path(section.gateway_directory), Path(section.data_directory), False)


def _session(settings: Settings, layout: GatewayFiles) -> AdminSession:
    """Return a session with provision's token. Raises HemsError."""
    client = peer_clients.home_assistant(settings)
    if client is None:
        raise Unavailable("the gateway does not set up Home Assistant here")
    record = SetupRecordFile(layout.home_assistant_record, HomeAssistantSetupRecord()).record
    if not record.refresh_token:
        raise Unavailable("provision has not set up Home Assistant yet")
    return AdminSession(client, client.renewed(record.refresh_token).access_token)


if __name__ == "__main__":
    sys.exit(main())
