"""python -m hems.zigbee restore: move the home's Zigbee network to a blank stick; exit 1 if not."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from loguru import logger

from hems import peer_clients
from hems.clients.home_assistant.admin_session import AdminSession
from hems.errors import HemsError, Unavailable
from hems.settings.load import config_path, read
from hems.workers.provision.gateway_files import GatewayFiles
from hems.workers.provision.home_assistant.setup_record import (
    HomeAssistantSetupRecord,
    SetupRecordFile,
)
from hems.zigbee.network_restore import restore

USAGE = 2  # the exit status that argparse uses


def main() -> int:
    """Do what the command line says and return the exit status."""
    if sys.argv[1:] != ["restore"]:
        sys.stderr.write("expected python -m hems.zigbee restore\n")
        return USAGE
    logger.remove()
    try:
        with _session() as session:
            sys.stdout.write(f"{restore(session, time.sleep)}\n")
    except HemsError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


def _session() -> AdminSession:
    """Return a session with provision's token. Raises HemsError."""
    settings = read(config_path(os.environ), os.environ)
    section, client = settings.provision, peer_clients.home_assistant(settings)
    if client is None:
        raise Unavailable("the gateway does not set up Home Assistant here")
    layout = GatewayFiles(Path(section.gateway_directory), Path(section.data_directory), False)
    record = SetupRecordFile(layout.home_assistant_record, HomeAssistantSetupRecord()).record
    if not record.refresh_token:
        raise Unavailable("provision has not set up Home Assistant yet")
    return AdminSession(client, client.renewed(record.refresh_token).access_token)


if __name__ == "__main__":
    sys.exit(main())
