"""InfluxDB: set up when it is new, else proved to take what Home Assistant writes.

Nobody's values are touched: that the token may write is proved by a write of nothing, and a
bucket is made or told how long to keep its values, never removed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from loguru import logger

from hems.clients.influxdb import SetUp
from hems.clients.influxdb_answers import Bucket, Task
from hems.clients.influxdb_refusals import MissingBucket
from hems.errors import Rejected
from hems.settings.influxdb import BUCKET, DAY_S, LONG_TERM_BUCKET, ORGANISATION, Influxdb
from hems.settings.logins import Secret
from hems.workers.provision import downsampling
from hems.workers.provision.shared_secrets import Secrets


class Database(Protocol):
    """What is needed of InfluxDB; clients/influxdb.py says what is raised."""

    def is_set_up(self) -> bool: ...
    def set_up(self, wanted: SetUp) -> None: ...
    def require_writable(self, organisation: str, bucket: str) -> None: ...
    def bucket(self, organisation: str, name: str) -> Bucket | None: ...
    def create_bucket(self, organisation: str, name: str, retention_s: int) -> None: ...
    def set_retention(self, bucket: Bucket, retention_s: int) -> None: ...
    def tasks(self, organisation: str, name: str) -> tuple[Task, ...]: ...
    def create_task(self, organisation: str, flux: str) -> None: ...
    def update_task(self, task: Task, flux: str) -> None: ...
    def delete_task(self, task: Task) -> None: ...


Connect = Callable[[str], Database]


@dataclass
class InfluxdbReady:
    """Makes InfluxDB ready for Home Assistant. `connect` returns it as whoever has a token."""

    settings: Influxdb
    secrets: Secrets
    connect: Connect
    name: str = "influxdb"

    def step(self, _now: float) -> None:
        """Look, and change what differs. Raises HemsError with what a person has to do."""
        database = self.connect(self.secrets.value(Secret.INFLUX_TOKEN))
        if not database.is_set_up():
            database.set_up(self._wanted())
            logger.info("InfluxDB is set up: organisation {}, bucket {}", ORGANISATION, BUCKET)
        self._require_writable(database)
        self._keep(database)
        self._downsample(database)

    def _wanted(self) -> SetUp:
        return SetUp(
            self.secrets.value(Secret.CONFIG_USER),
            self.secrets.value(Secret.CONFIG_PASSWORD),
            ORGANISATION,
            BUCKET,
            self.settings.retention_s or 0,
        )

    def _require_writable(self, database: Database) -> None:
        try:
            database.require_writable(ORGANISATION, BUCKET)
        except MissingBucket:
            _make(database, BUCKET, self.settings.retention_s or 0)
            database.require_writable(ORGANISATION, BUCKET)

    def _keep(self, database: Database) -> None:
        """Have the bucket keep its values for as long as the setting says, if it does."""
        wanted_s = self.settings.retention_s
        if wanted_s is None:
            return
        bucket = database.bucket(ORGANISATION, BUCKET)
        if bucket is None:
            raise Rejected(
                f"INFLUX_TOKEN may not see the bucket {BUCKET}, so retention_days cannot be "
                "brought about: let the token read it, or set the retention on the page /influx/"
            )
        if bucket.retention_s == wanted_s:
            return
        database.set_retention(bucket, wanted_s)
        now, before = _span(wanted_s), _span(bucket.retention_s)
        logger.warning("InfluxDB keeps the values in {} {} now; it was {}", BUCKET, now, before)

    def _downsample(self, database: Database) -> None:
        """Have the task if the setting wants it, and none if not; its bucket stays."""
        tasks = database.tasks(ORGANISATION, downsampling.NAME)
        if not self.settings.is_downsampling:
            for task in tasks:
                database.delete_task(task)
                logger.info("InfluxDB downsamples no more; {} stays", LONG_TERM_BUCKET)
            return
        if database.bucket(ORGANISATION, LONG_TERM_BUCKET) is None:
            _make(database, LONG_TERM_BUCKET, 0)
        flux = downsampling.flux(ORGANISATION, BUCKET, LONG_TERM_BUCKET)
        if not tasks:
            database.create_task(ORGANISATION, flux)
            logger.info("InfluxDB downsamples into {} from now on", LONG_TERM_BUCKET)
        for task in tasks:
            if task.flux != flux:
                database.update_task(task, flux)
                logger.info("InfluxDB downsamples in another way now")


def _make(database: Database, name: str, retention_s: int) -> None:
    try:
        database.create_bucket(ORGANISATION, name, retention_s)
    except Rejected as error:
        raise Rejected(
            f"InfluxDB has no bucket {name} and INFLUX_TOKEN may not make it ({error}): "
            "make it on the page /influx/, Load Data, Buckets"
        ) from None
    logger.info("InfluxDB: made the bucket {}", name)


def _span(retention_s: int) -> str:
    return f"for {retention_s / DAY_S:g} d" if retention_s else "for ever"
