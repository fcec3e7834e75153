"""Home Assistant's token may write into its bucket."""

from __future__ import annotations

from hems.clients.influxdb import Influxdb
from hems.clients.influxdb_refusals import NotWritable
from hems.doctor.finding import Finding, failed, note, ok
from hems.errors import HemsError
from hems.settings import Settings, logins
from hems.settings.influxdb import BUCKET, ORGANISATION
from hems.settings.logins import Secret

EXPECTED = f"a token that may write into the bucket {BUCKET}"
WHY = "supervisorctl health says why provision has not done it"


def look(settings: Settings) -> list[Finding]:
    own, secret = settings.influxdb, Secret.INFLUX_TOKEN
    if not own.host:
        return [note("there is no InfluxDB here")]
    directory = settings.provision.secrets_directory
    token = settings.secrets.given.get(secret) or logins.kept(directory, secret)
    if not token:
        return [failed("there is no INFLUX_TOKEN, given or made", EXPECTED, WHY)]
    return [_asked(Influxdb((own.host, own.port), token, own.timeout_s))]


def _asked(client: Influxdb) -> Finding:
    try:
        if not client.is_set_up():
            return failed("InfluxDB is not set up", EXPECTED, WHY)
        client.require_writable(ORGANISATION, BUCKET)
    except NotWritable as error:
        return failed(error.found, EXPECTED, error.advice)
    except HemsError as error:
        restart = "restart it: balena device logs UUID --service influxdb says why it is not well"
        return failed(str(error), EXPECTED, restart)
    return ok(f"INFLUX_TOKEN may write into the bucket {BUCKET}")
