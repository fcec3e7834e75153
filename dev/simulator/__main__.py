"""Run one simulator: python -m dev.simulator balena, broker, meter, wallbox, resident or zigbee.

They read the same settings and secrets as the workers, and report to the same supervision.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from dev.simulator.linky_variants import KINDS
from hems.__main__ import start
from hems.errors import ConfigError
from hems.settings import Settings
from hems.supervision.worker.notifier import SupervisorNotifier
from hems.worker_runtime import Worker
from hems.worker_table import WorkerEntry

if TYPE_CHECKING:
    from dev.simulator.household import Household


def preload() -> None:
    """Import the modules of the simulators, except amqtt's broker, which not every desk uses."""
    for module in ("balena_server", "d2l_dongle", "meter_program"):
        importlib.import_module(f"dev.simulator.{module}")


def arguments() -> argparse.Namespace:
    """Return the command line's values."""
    parser = argparse.ArgumentParser(prog="python -m dev.simulator", description=__doc__)
    programs = parser.add_subparsers(dest="program", required=True)
    programs.add_parser("balena")
    programs.add_parser("broker").add_argument("listen", metavar="ADDRESS")
    meter = programs.add_parser("meter")
    meter.add_argument("name")
    meter.add_argument("device_id")
    meter.add_argument("kind", choices=KINDS)
    meter.add_argument("interval_s", type=float)
    meter.add_argument("--failing", action="store_true", help="it falls silent and spoils frames")
    _add_pace(meter)
    zigbee = programs.add_parser("zigbee")
    zigbee.add_argument("port", type=_tcp_port_or_path, metavar="PORT", help="TCP port, or path")
    zigbee.add_argument("control_port", type=int)
    zigbee.add_argument("--memory", type=Path, help="the file of what the stick keeps")
    zigbee.add_argument("--unplugged", action="store_true")
    zigbee.add_argument("--home", nargs=2, metavar=("SEED", "KIND"), help="with a home's meters")
    _add_pace(zigbee)
    wallbox = programs.add_parser("wallbox")
    wallbox.add_argument("port", type=int, help="the broker's for devices")
    wallbox.add_argument("seed", type=int)
    wallbox.add_argument("kind", choices=KINDS)
    _add_pace(wallbox)
    resident = programs.add_parser("resident")
    resident.add_argument("seed", type=int)
    resident.add_argument("kind", choices=KINDS)
    resident.add_argument("days", type=int)
    resident.add_argument("zigbee_port", type=int)
    _add_pace(resident)
    return parser.parse_args()


def _add_pace(parser: argparse.ArgumentParser) -> None:
    """Let a person choose how fast the hours of the household pass."""
    parser.add_argument("--begin", type=int, default=0, metavar="UNIX_TIME")
    parser.add_argument("--speed", type=int, default=1)


def _tcp_port_or_path(text: str) -> int | Path:
    return int(text) if text.isdigit() else Path(text)


def program(options: argparse.Namespace, settings: Settings) -> Worker:
    """Return the chosen program; each process imports only its own."""
    if options.program == "balena":
        return balena(settings)
    if options.program == "broker":
        from dev.simulator.embedded_broker import EmbeddedBroker  # noqa: PLC0415

        secrets = settings.secrets
        return EmbeddedBroker(
            options.listen, settings.mqtt.port, secrets.mqtt_user, secrets.mqtt_password
        )
    if options.program == "zigbee":
        from dev.simulator.zigbee.zigbee_program import ZigbeeProgram  # noqa: PLC0415

        home = household(options, *options.home) if options.home else None
        is_plugged_in = not options.unplugged
        return ZigbeeProgram(
            options.port, options.control_port, options.memory, is_plugged_in, home
        )
    if options.program == "wallbox":
        from dev.simulator.mqtt_wallbox import wallbox  # noqa: PLC0415

        return wallbox(settings, household(options, options.seed, options.kind), options.port)
    if options.program == "resident":
        from dev.simulator.resident_sets_up_home import DeskPast, Resident  # noqa: PLC0415

        home = household(options, options.seed, options.kind)
        seed, begin, days = options.seed, options.begin, options.days
        return Resident(settings, DeskPast(home, seed, begin, days, options.zigbee_port))
    return meter(options, settings)


def meter(options: argparse.Namespace, settings: Settings) -> Worker:
    """Return the simulated meter. Raises ConfigError if no such dongle may connect."""
    from dev.simulator import meter_program  # noqa: PLC0415
    from dev.simulator.d2l_dongle import SimulatedDongle  # noqa: PLC0415
    from dev.simulator.household_pace import HouseholdPace  # noqa: PLC0415

    listening = settings.eesmart_d2l
    host = "127.0.0.1" if listening.host == "0.0.0.0" else listening.host
    known = {f"{one.id:012d}": one for one in settings.secrets.d2l_devices}
    if options.device_id not in known:
        raise ConfigError(f"D2L_DEVICES has no {options.device_id}, only {', '.join(known)}")
    dongle = SimulatedDongle(
        (host, listening.port),
        known[options.device_id],
        KINDS[options.kind],
        pace=HouseholdPace(options.begin, options.speed),
    )
    is_failing = options.failing
    often = meter_program.FAILING_SPOILT_EVERY if is_failing else meter_program.SPOILT_EVERY
    return meter_program.MeterProgram(
        options.name, dongle, options.interval_s, often, is_failing=is_failing
    )


def household(options: argparse.Namespace, seed: str | int, kind: str) -> Household:
    """Return the home whose meters a program simulates."""
    from dev.simulator.household import Household  # noqa: PLC0415
    from dev.simulator.household_pace import HouseholdPace  # noqa: PLC0415

    pace = HouseholdPace(options.begin, options.speed)
    return Household(int(seed), KINDS[kind].calendar, KINDS[kind].solar_w, pace)


def balena(settings: Settings) -> Worker:
    """Return the simulated Supervisor at the address in the workers' variables."""
    from dev.simulator.balena_server import BalenaProgram  # noqa: PLC0415

    if settings.secrets.balena is None:
        raise ConfigError("the variables BALENA_SUPERVISOR_ADDRESS and so on are not all set")
    return BalenaProgram(settings.secrets.balena)


def main() -> int:
    """Run the program that the command line names."""
    options = arguments()
    name = getattr(options, "name", options.program)

    # No setting stops a simulator: bin/up has refused the mistakes already.
    def build(settings: Settings, _notify: SupervisorNotifier) -> Worker:
        return program(options, settings)

    return start(WorkerEntry(name, "simulates a part of the home", build, frozenset()))


if __name__ == "__main__":
    sys.exit(main())
