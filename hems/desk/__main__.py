"""python -m hems.desk balena | broker | meter: what supervisord runs on a desk beside the workers.

They read the same settings and secrets as the workers, and report to the same supervision.
"""

from __future__ import annotations

import argparse
import sys

from hems.__main__ import start
from hems.errors import ConfigError
from hems.protocols.linky import Mode
from hems.runtime import Worker
from hems.settings import Settings


def arguments() -> argparse.Namespace:
    """Return the command line's values."""
    parser = argparse.ArgumentParser(prog="python -m hems.desk", description=__doc__)
    programs = parser.add_subparsers(dest="program", required=True)
    programs.add_parser("balena")
    programs.add_parser("broker")
    meter = programs.add_parser("meter")
    meter.add_argument("name")
    meter.add_argument("device_id")
    meter.add_argument("mode", type=Mode)
    meter.add_argument("interval_s", type=float)
    return parser.parse_args()


def program(options: argparse.Namespace, settings: Settings) -> Worker:
    """Return the program asked for; each process imports its own only."""
    if options.program == "balena":
        return balena(settings)
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


def balena(settings: Settings) -> Worker:
    """Return the simulated Supervisor that the workers' variables describe."""
    from hems.desk.balena import BalenaProgram  # noqa: PLC0415

    if settings.secrets.balena is None:
        raise ConfigError("the variables BALENA_SUPERVISOR_ADDRESS and so on are not all set")
    return BalenaProgram(settings.secrets.balena)


def main() -> int:
    """Run the program that the command line names."""
    options = arguments()
    name = getattr(options, "name", options.program)
    # No part is its own: bin/up has refused what is wrong.
    return start(name, lambda settings, _notify: program(options, settings), frozenset())


if __name__ == "__main__":
    sys.exit(main())
