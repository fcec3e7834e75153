"""Home Assistant, InfluxDB, nginx and the disk in virtual time, as provision observes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from influxdb_entry import write_entry

import hems
from hems.clients.http import HttpClient, HttpResponse
from hems.clients.influxdb.api import Influxdb
from hems.errors import Unavailable
from hems.protocols.home_assistant.influxdb_integration import ENTRIES
from hems.system.host_metrics import DiskSpace
from hems.workers.provision.observations import Observation, observations
from hems.workers.provision.observations.disk_room import DiskRoom
from hems.workers.provision.observations.missing_points import CONFIGURATION
from hems.workers.provision.observations.web_pages import HOME_ASSISTANT, PAGES, WebPages
from tests.fakes.home_assistant_session import FakeSession

SHIPPED = Path(hems.__file__).parents[1] / "services" / "homeassistant" / "config" / CONFIGURATION
VALUE_S = 60.0  # between two values
LOADED_S = 30.0  # from Home Assistant's first answer until it writes to InfluxDB
INFLUX, EDITOR = PAGES[1:]


@dataclass
class ObservedServices:
    """`away` has the services that do not run; `refuses` is an InfluxDB that takes no point.

    `free` is in percent of the disk.
    """

    folder: Path
    away: set[str] = field(default_factory=set)
    refuses: bool = False
    free: float = 50.0
    session: FakeSession = field(default_factory=FakeSession)
    _wall: float = 0.0
    _point_at: float = 0.0
    _up_at: float | None = None

    def __post_init__(self) -> None:
        (self.folder / CONFIGURATION).write_bytes(SHIPPED.read_bytes())
        (self.folder / ENTRIES).parent.mkdir()
        write_entry(self.folder, "a token")

    def observations(self) -> Iterator[Observation]:
        """Yield what provision observes of them."""
        pages = WebPages(cast(HttpClient, self), lambda: ("admin", "password"))
        disk = DiskRoom(lambda: DiskSpace(32 * 10**9, round(self.free * 320e6)), dict)
        database = cast(Influxdb, self)
        return observations(
            folder=self.folder,
            session=self.session.open,
            database=lambda: database,
            pages=pages,
            disk=disk,
            meters=None,
        )

    def live(self, wall: float) -> None:
        """Let it be unix time `wall` (s)."""
        self._wall = wall
        if "homeassistant" in self.away:
            self._up_at, self.session.refusal = None, Unavailable("refused")
            return
        times = self.session.times
        if self._up_at is None:
            self._up_at, self.session.refusal = wall, None
            times["sensor.quiet"] = wall  # every state begins again
        if wall - times.get("sensor.power", 0.0) < VALUE_S:
            return
        times["sensor.power"] = wall
        is_loaded = wall - self._up_at >= LOADED_S
        if is_loaded and "influxdb" not in self.away and not self.refuses:
            self._point_at = wall

    def has_points(self, _organisation: str, _bucket: str, seconds: float) -> bool:
        """Respond in place of hems.clients.influxdb.api.Influxdb."""
        if "influxdb" in self.away:
            raise Unavailable("refused")
        return self._wall - self._point_at < seconds

    def request(
        self, _method: str, path: str, _timeout_s: float, _headers: Mapping[str, str]
    ) -> HttpResponse:
        """Respond in place of nginx's hems.clients.http.HttpClient."""
        if "nginx-reverse-proxy" in self.away:
            raise Unavailable("refused")
        service = {HOME_ASSISTANT: "homeassistant", INFLUX: "influxdb", EDITOR: "editor"}[path]
        return HttpResponse(502 if service in self.away else 200, b"")
