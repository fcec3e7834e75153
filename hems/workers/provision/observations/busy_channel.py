"""Report a Zigbee channel on which other radios are so loud that messages get lost.

ZHA measures all channels for its diagnostics, which takes some seconds in which it hears nothing:
so that is done a few times a day only, also if it fails, and again at once if the first result is
bad.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from hems.clients.home_assistant.admin_session import AdminSession
from hems.clients.home_assistant.zha_responses import ZigbeeScan
from hems.protocols.gateway.zigbee_problem_kinds import ZIGBEE_CHANNEL_BUSY
from hems.protocols.home_assistant.zigbee_stick_finder import LOADED, ZHA
from hems.supervision.worker.problem import ReportedProblem

SCAN_S, BUSY_SCAN_S = 6 * 3600.0, 3600.0  # between two measurements; while it is busy
BUSY = 85.0  # percent: from here on ZHA itself warns
SCANS = 3  # in a row that have to be bad: a scan is one moment


class BusyChannel:
    """`session` opens Home Assistant. Look often: most looks measure nothing."""

    def __init__(self, session: Callable[[float], AdminSession]) -> None:
        self._session = session
        self._scan_at = 0.0  # monotonic seconds
        self._problem: ReportedProblem | None = ZIGBEE_CHANNEL_BUSY.unknown()

    def problems(self, now: float, _wall: float) -> Iterator[ReportedProblem]:
        """Yield the problem if there is one. Raises HemsError without an answer."""
        if now >= self._scan_at:
            with self._session(now) as session:
                loaded = [one for one in session.entries(ZHA) if one.state == LOADED]
                if not loaded:
                    return
                self._scan_at = now + SCAN_S  # also if it fails: see above
                self._problem = _problem(session, loaded[0].entry_id)
            if self._problem:
                self._scan_at = now + BUSY_SCAN_S
        if self._problem:
            yield self._problem


def _problem(session: AdminSession, entry_id: str) -> ReportedProblem | None:
    for _ in range(SCANS):
        scan = session.zigbee_scan(entry_id)
        if (percent := scan.energy_scan.get(str(scan.channel), 0.0)) < BUSY:
            return None
    return ZIGBEE_CHANNEL_BUSY.found(f"channel {scan.channel}: {percent:.0f} %; {_quietest(scan)}")


def _quietest(scan: ZigbeeScan) -> str:
    channel = min(scan.energy_scan, key=lambda one: scan.energy_scan[one])
    return f"the quietest is {channel}: {scan.energy_scan[channel]:.0f} %"
