"""Find out that InfluxDB gets no new points although Home Assistant has new values.

After a disk that was full for a moment influxd 2.7 refuses every write until it is restarted, while
its /health and an empty write succeed. Home Assistant does not read the responses to its writes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from hems.clients.home_assistant.admin_session import AdminSession
from hems.clients.influxdb.api import Influxdb
from hems.errors import HemsError
from hems.protocols.gateway.problem_kinds import INFLUXDB_NO_NEW_POINTS
from hems.protocols.home_assistant.influxdb_integration import (
    ENTRIES,
    EntryStore,
    is_as_shipped,
    is_written,
    newest_between,
    writes_to,
)
from hems.protocols.json_decoding import decode_json
from hems.settings.influxdb import BUCKET, ORGANISATION
from hems.supervision.worker.problem import ReportedProblem
from hems.system import files

CONFIGURATION = "configuration.yaml"
URL = "http://172.18.4.3:8086"  # as services/homeassistant/influxdb_entry.py has it
COMPONENT = "influxdb"  # of Home Assistant
WINDOW_S = 240.0  # without a point
BATCH_S = 60.0  # within which a value reaches InfluxDB
# Older values do not count: Home Assistant may not have written those of its own start.
NEW_S = 180.0


@dataclass
class MissingPoints:
    """Compares the newest values; `session` and `database` open the two peers.

    `folder` is Home Assistant's configuration as hems sees it. A person who changed what is written
    to InfluxDB may have chosen that nothing is.
    """

    session: Callable[[float], AdminSession]
    database: Callable[[], Influxdb]
    folder: Path
    _answers_since: float | None = field(default=None, init=False)  # monotonic seconds
    _values: set[float] = field(default_factory=set, init=False)  # times of values, unix s

    def problems(self, now: float, wall: float) -> Iterator[ReportedProblem]:
        """Yield the problem if there is one; "unknown" while that cannot be decided.

        Raises HemsError when a peer does not answer or refuses to say.
        """
        if not is_as_shipped(self._text(CONFIGURATION)):
            return
        if not writes_to(
            decode_json(self._text(ENTRIES).encode(), EntryStore, ENTRIES), URL, BUCKET
        ):
            return
        if self._has_points(now):
            return
        newest = self._newest(now, wall) if self._has_answered_long(now) else None
        if newest is None:
            yield INFLUXDB_NO_NEW_POINTS.unknown()
            return
        time = datetime.fromtimestamp(newest, UTC).strftime("%H:%M:%S")
        yield INFLUXDB_NO_NEW_POINTS.found(
            f"Home Assistant has a value of {time} UTC, but InfluxDB got no point in"
            f" {WINDOW_S / 60:g} min"
        )

    def _text(self, name: str) -> str:
        return files.read(self.folder / name).decode(errors="replace")

    def _has_points(self, now: float) -> bool:
        """Return whether there is a new point; count since when InfluxDB answers."""
        try:
            has_points = self.database().has_points(ORGANISATION, BUCKET, WINDOW_S)
        except HemsError:
            self._answers_since = None
            raise
        if self._answers_since is None:
            self._answers_since = now
        return has_points

    def _has_answered_long(self, now: float) -> bool:
        """Return whether a point could have arrived during the whole window."""
        return self._answers_since is not None and now - self._answers_since >= WINDOW_S

    def _newest(self, now: float, wall: float) -> float | None:
        """Return the unix time (s) of a value that must have arrived, None if there is none.

        Home Assistant shows only the last value of an entity, which may be too new to tell:
        therefore those of earlier looks count, too.
        """
        with self.session(now) as session:
            components = session.home().get("components")
            if not (isinstance(components, list) and COMPONENT in components):
                self._values.clear()
                return None  # it is starting, or in recovery mode
            self._values |= {
                state.last_updated.timestamp()
                for state in session.states()
                if is_written(state.entity_id, state.state)
            }
        self._values = {time for time in self._values if wall - NEW_S <= time <= wall}
        return newest_between(self._values, wall - NEW_S, wall - BATCH_S)
