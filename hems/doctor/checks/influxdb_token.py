"""Check that Home Assistant's token may write to its InfluxDB bucket."""

from __future__ import annotations

from hems import peer_clients
from hems.clients.influxdb.api import Influxdb
from hems.clients.influxdb.responses import NotWritable
from hems.doctor.check_interface import CheckContext, Finding, failed, note, ok
from hems.doctor.repair_commands import RepairCommands
from hems.errors import HemsError
from hems.settings import shared_secret_rules
from hems.settings.influxdb import BUCKET, ORGANISATION
from hems.settings.shared_secret_rules import Secret

TITLE = "INFLUX_TOKEN"
CAUSES = ("problems", "services")
SERVICE = "influxdb"
EXPECTED = f"a token that may write to the bucket {BUCKET}"


def check(context: CheckContext) -> list[Finding]:
    settings, commands = context.settings, context.commands
    connect = peer_clients.influxdb(settings)
    if connect is None:
        return [note("this gateway has no InfluxDB")]
    stored = shared_secret_rules.stored(settings.provision.secrets_directory, Secret.INFLUX_TOKEN)
    token = settings.secrets.variables.get(Secret.INFLUX_TOKEN) or stored
    if not token:
        return [failed("INFLUX_TOKEN is neither set nor generated", EXPECTED, _reason(commands))]
    return [_write_permission(connect(token), commands)]


def _write_permission(client: Influxdb, commands: RepairCommands) -> Finding:
    try:
        if not client.is_set_up():
            return failed("InfluxDB is not set up", EXPECTED, _reason(commands))
        client.require_writable(ORGANISATION, BUCKET)
    except NotWritable as error:
        return failed(error.finding, EXPECTED, error.advice)
    except HemsError as error:
        log = f"read its log: {commands.service_log(SERVICE)}"
        return failed(str(error), EXPECTED, f"{log}; then {commands.restart_service(SERVICE)}")
    return ok(f"INFLUX_TOKEN may write to the bucket {BUCKET}")


def _reason(commands: RepairCommands) -> str:
    return f"read why provision has not done it: {commands.health}"
