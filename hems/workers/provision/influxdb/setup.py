"""Set up a new InfluxDB; check that an existing one accepts what Home Assistant writes.

The worker never touches values: it checks the token with a write without lines, and creates a
bucket or sets its retention, but never removes one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from loguru import logger

from hems.clients.influxdb.api import Influxdb, NewInfluxdb
from hems.clients.influxdb.responses import MissingBucket, UnknownToken
from hems.errors import Rejected
from hems.settings.influxdb import BUCKET, DAY_S, LONG_TERM_BUCKET, ORGANISATION, InfluxdbSettings
from hems.settings.shared_secret_rules import Secret
from hems.workers.provision.influxdb import downsampling_script
from hems.workers.provision.shared_secrets import SharedSecrets

Connect = Callable[[str], Influxdb]


@dataclass
class InfluxdbSetup:
    """The step of provision that sets up InfluxDB; `connect` returns a client with a token."""

    settings: InfluxdbSettings
    secrets: SharedSecrets
    connect: Connect
    name: str = "influxdb"
    unknown_token: str = field(default="", init=False)  # what was found, while that is so

    def step(self, _now: float) -> None:
        """Check, and change what differs. Raises HemsError, which says what a person must do."""
        database = self.connect(self.secrets.value(Secret.INFLUX_TOKEN))
        if not database.is_set_up():
            database.set_up(self._wanted())
            logger.info("set up InfluxDB: organisation {}, bucket {}", ORGANISATION, BUCKET)
        self._require_writable(database)
        self._set_retention(database)
        self._downsample(database)

    def _wanted(self) -> NewInfluxdb:
        return NewInfluxdb(
            self.secrets.value(Secret.CONFIG_USER),
            self.secrets.value(Secret.CONFIG_PASSWORD),
            ORGANISATION,
            BUCKET,
            self.settings.retention_s or 0,
        )

    def _require_writable(self, database: Influxdb) -> None:
        try:
            database.require_writable(ORGANISATION, BUCKET)
        except UnknownToken as error:
            self.unknown_token = error.finding
            raise
        except MissingBucket:
            _create_bucket(database, BUCKET, self.settings.retention_s or 0)
            database.require_writable(ORGANISATION, BUCKET)
        self.unknown_token = ""

    def _set_retention(self, database: Influxdb) -> None:
        """Set the bucket's retention if a setting says one."""
        wanted_s = self.settings.retention_s
        if wanted_s is None:
            return
        bucket = database.bucket(ORGANISATION, BUCKET)
        if bucket is None:
            raise Rejected(
                f"INFLUX_TOKEN may not read the bucket {BUCKET}, which retention_days needs: "
                "let the token read it, or set the retention on the page /influx/"
            )
        if bucket.retention_s == wanted_s:
            return
        database.set_retention(bucket, wanted_s)
        new, old = _span(wanted_s), _span(bucket.retention_s)
        logger.warning("InfluxDB now keeps the values in {} {}, before {}", BUCKET, new, old)

    def _downsample(self, database: Influxdb) -> None:
        """Create the task if the setting wants it, else remove it; its bucket stays."""
        tasks = database.tasks(ORGANISATION, downsampling_script.NAME)
        if not self.settings.is_downsampling:
            for task in tasks:
                database.delete_task(task)
                logger.info("removed InfluxDB's downsampling task; {} stays", LONG_TERM_BUCKET)
            return
        if database.bucket(ORGANISATION, LONG_TERM_BUCKET) is None:
            _create_bucket(database, LONG_TERM_BUCKET, 0)
        flux = downsampling_script.flux(ORGANISATION, BUCKET, LONG_TERM_BUCKET)
        if not tasks:
            database.create_task(ORGANISATION, flux)
            logger.info("created InfluxDB's downsampling task; it writes to {}", LONG_TERM_BUCKET)
        for task in tasks:
            if task.flux != flux:
                database.update_task(task, flux)
                logger.info("updated InfluxDB's downsampling task")


def _create_bucket(database: Influxdb, name: str, retention_s: int) -> None:
    try:
        database.create_bucket(ORGANISATION, name, retention_s)
    except Rejected as error:
        raise Rejected(
            f"InfluxDB has no bucket {name} and INFLUX_TOKEN may not create it ({error}): "
            "create it on the page /influx/, Load Data, Buckets"
        ) from None
    logger.info("created InfluxDB's bucket {}", name)


def _span(retention_s: int) -> str:
    return f"for {retention_s / DAY_S:g} d" if retention_s else "for ever"
