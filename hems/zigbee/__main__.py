"""python -m hems.zigbee: what an operator does with the Zigbee network; exit 1 if it is not done.

restore             move the home's network to a blank stick
join [--name NAME]  let meters join for five minutes; with a name, one meter, which gets it
"""

from __future__ import annotations

import argparse
import os
import select
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from loguru import logger

from hems import peer_clients
from hems.clients.home_assistant.auth_api import HomeAssistant
from hems.errors import HemsError, Unavailable
from hems.settings.load import config_path, read
from hems.workers.provision.gateway_file_paths import GatewayFiles
from hems.workers.provision.home_assistant.login import kept_login
from hems.workers.provision.home_assistant.zigbee_network_backup import kept_backup
from hems.workers.provision.zigbee_joining.joining_window import JoiningWindow
from hems.zigbee.join_dialogue import JoinDialogue
from hems.zigbee.network_restore import restore

INTERRUPTED = 130


def main() -> int:
    """Do what the command line says and return the exit status."""
    options = _options(sys.argv[1:])
    logger.remove()
    try:
        client, layout = _gateway()
        if options.command == "join":
            return _join(client, layout, options.name)
        kept = kept_backup(layout)
        backup = kept.to_restore(datetime.now(UTC)) if kept else None
        with kept_login(client, layout.home_assistant_record)() as session:
            _show(restore(session, time.sleep, backup))
    except HemsError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m hems.zigbee")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("restore", help="move the home's network to a blank stick")
    join = commands.add_parser("join", help="let meters join for five minutes")
    join.add_argument("--name", default="", help="the name of the meter; ends when it has joined")
    return parser.parse_args(arguments)


def _gateway() -> tuple[HomeAssistant, GatewayFiles]:
    """Return Home Assistant and provision's files. Raises HemsError."""
    settings = read(config_path(os.environ), os.environ)
    section, client = settings.provision, peer_clients.home_assistant(settings)
    if client is None:
        raise Unavailable("the gateway does not set up Home Assistant here")
    return client, GatewayFiles(
        Path(section.gateway_directory), Path(section.data_directory), sets_owner=False
    )


def _join(client: HomeAssistant, layout: GatewayFiles, name: str) -> int:
    window = JoiningWindow(kept_login(client, layout.home_assistant_record))
    joined = JoinDialogue(window, time.monotonic, _typed, _show).run(name)
    if not joined:
        _show("nothing has joined: bring the meter closer, and start its pairing again")
    return 0 if joined else 1


def _typed(seconds: float) -> str | None:
    """Return a line of the terminal within so many seconds, None without one."""
    if not sys.stdin.isatty():
        time.sleep(seconds)
        return None
    return sys.stdin.readline() if select.select([sys.stdin], [], [], seconds)[0] else None


def _show(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
