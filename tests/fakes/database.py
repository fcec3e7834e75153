"""An InfluxDB client without HTTP; for InfluxDB's HTTP API see tests/fakes/influxdb.py."""

from __future__ import annotations

from dataclasses import dataclass, field

from hems.clients.influxdb.api import Influxdb, NewInfluxdb
from hems.clients.influxdb.responses import Bucket, FluxTask, MissingBucket
from hems.errors import Rejected


@dataclass
class FakeDatabase(Influxdb):
    """Keeps buckets and tasks; `done` has the changes in order."""

    is_new: bool = False
    may_make: bool = True
    buckets: dict[str, int] = field(default_factory=dict)
    scripts: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)

    def is_set_up(self) -> bool:
        return not self.is_new

    def set_up(self, wanted: NewInfluxdb) -> None:
        self.is_new = False
        self.create_bucket(wanted.organisation, wanted.bucket, wanted.retention_s)

    def require_writable(self, organisation: str, bucket: str) -> None:
        if bucket not in self.buckets:
            raise MissingBucket(f"no bucket {bucket}", "make it")

    def bucket(self, organisation: str, name: str) -> Bucket | None:
        return Bucket(name, name, self.buckets[name]) if name in self.buckets else None

    def create_bucket(self, organisation: str, name: str, retention_s: int) -> None:
        if not self.may_make:
            raise Rejected("401")
        self.done.append(f"make {name} for {retention_s}")
        self.buckets[name] = retention_s

    def set_retention(self, bucket: Bucket, retention_s: int) -> None:
        self.done.append(f"keep {bucket.name} for {retention_s}")
        self.buckets[bucket.name] = retention_s

    def tasks(self, organisation: str, name: str) -> tuple[FluxTask, ...]:
        return tuple(FluxTask(str(number), name, flux) for number, flux in enumerate(self.scripts))

    def create_task(self, organisation: str, flux: str) -> None:
        self.done.append("make the task")
        self.scripts.append(flux)

    def update_task(self, task: FluxTask, flux: str) -> None:
        self.done.append(f"change task {task.id}")
        self.scripts[int(task.id)] = flux

    def delete_task(self, task: FluxTask) -> None:
        self.done.append(f"remove task {task.id}")
        self.scripts.remove(task.flux)
