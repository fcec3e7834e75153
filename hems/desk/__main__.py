"""python -m hems.desk broker | meter: what supervisord runs on a desk beside the workers.

They read the same settings and secrets as the workers, and report to the same supervision.
"""

from __future__ import annotations

import argparse
import faulthandler
import os
import sys
from pathlib import Path

from loguru import logger

from hems.errors import ConfigError, HemsError
from hems.protocols.linky import Mode
from hems.runtime import Context, SignalStop, Worker, run
from hems.settings import Settings
from hems.settings.load import load
from hems.system import logs
from hems.system.clock import SystemClock
from hems.system.notify import SystemdNotifier


def arguments() -> argparse.Namespace:
    """Return the command line's values."""
    parser = argparse.ArgumentParser(prog="python -m hems.desk", description=__doc__)
    programs = parser.add_subparsers(dest="program", required=True)
    programs.add_parser("broker")
    meter = programs.add_parser("meter")
    meter.add_argument("name")
    meter.add_argument("device_id")
    meter.add_argument("mode", type=Mode)
    meter.add_argument("interval_s", type=float)
    return parser.parse_args()


def program(options: argparse.Namespace, settings: Settings) -> Worker:
    """Return the program asked for; each process imports its own only."""
    if options.program == "broker":
        from hems.desk.embedded_broker import EmbeddedBroker  # noqa: PLC0415

        secrets = settings.secrets
        return EmbeddedBroker(settings.mqtt.port, secrets.mqtt_user, secrets.mqtt_password)
    from hems.desk.dongle import Dongle  # noqa: PLC0415
    from hems.desk.meter import Meter  # noqa: PLC0415

    server = settings.eesmart_d2l
    known = {f"{one.id:012d}": one for one in settings.secrets.d2l_devices}
    if options.device_id not in known:
        raise ConfigError(f"D2L_DEVICES has no {options.device_id}, only {', '.join(known)}")
    dongle = Dongle((server.host, server.port), known[options.device_id], options.mode)
    return Meter(options.name, dongle, options.interval_s)


def main() -> int:
    """Run one program to its end and return the exit code."""
    faulthandler.enable()
    options = arguments()
    stop = SignalStop()
    try:
        settings = load(Path(os.environ["HEMS_CONFIG"]), os.environ)
        worker = program(options, settings)
    except HemsError as error:
        logger.error("{}: {}", options.program, error)
        return error.exit_code
    log = settings.logs
    logs.configure(worker.name, Path(log.directory), log.level, log.max_bytes, log.files)
    notify = SystemdNotifier(
        os.environ.get("NOTIFY_SOCKET"), int(os.environ.get("WATCHDOG_USEC", "0"))
    )
    return run(worker, Context(SystemClock(), stop, notify))


if __name__ == "__main__":
    sys.exit(main())
