"""Report the meters that send no frames.

A dongle is on the home's Wi-Fi. While the router is off, perhaps every night, a meter is silent for
no fault of its own: that time does not count, unless it lasts for more than a day.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import UTC, datetime

from hems.protocols.gateway.problem_kinds import METER_NEVER_SEEN, METER_SILENT
from hems.supervision.worker.problem import ReportedProblem
from hems.system.network.last_home_router_outage import LastRouterOutage
from hems.workers.eesmart_d2l.dongle import Dongle
from hems.workers.eesmart_d2l.trusted_clock import TrustedClock

NEVER_SEEN_S = 3600.0  # until a dongle counts that never sent anything
ALWAYS_S = 86400.0  # until a silent meter counts whatever the router does


class SilentMeters:
    """Which dongles are silent, since this worker `started` (monotonic s).

    A dongle is silent after `silent_after_s` without a frame. `read_watchdog` returns the
    watchdog's report or raises HemsError.
    """

    def __init__(
        self,
        silent_after_s: float,
        started: float,
        read_watchdog: Callable[[], bytes],
        clock: TrustedClock,
    ) -> None:
        self._silent_after_s = silent_after_s
        self._started = started
        self._router = LastRouterOutage(read_watchdog)
        self._clock = clock
        self._known: frozenset[int] | None = None  # the ids of dongles that have ever sent
        self._texts: dict[int, tuple[float, str]] = {}  # by id: the last frame, what was found

    def recall(self, known: Collection[int]) -> None:
        """Record which dongles have sent before this worker started."""
        self._known = frozenset(known)

    def problems(self, dongles: Iterable[Dongle], now: float) -> Iterator[ReportedProblem]:
        """Yield what is known of each dongle that may be silent at monotonic `now` (s)."""
        router_off_at = self._router.off_at(now)
        for dongle in dongles:
            heard_at = self._heard_at(dongle)
            if heard_at is not None and now - heard_at <= self._silent_after_s:
                continue
            if heard_at is None and self._known is not None and dongle.id not in self._known:
                if now - self._started > NEVER_SEEN_S:
                    yield METER_NEVER_SEEN.found(_first_contact(dongle), dongle.name)
                else:
                    yield METER_NEVER_SEEN.unknown(dongle.name)
            elif self._is_silent(heard_at, router_off_at, now):
                yield METER_SILENT.found(self._text(dongle, now), dongle.name)
            else:
                yield METER_SILENT.unknown(dongle.name)

    def _is_silent(self, heard_at: float | None, router_off_at: float, now: float) -> bool:
        since = self._started if heard_at is None else heard_at
        counted_from = max(since, router_off_at)
        patience_s = self._silent_after_s
        if heard_at is None and self._known is None:
            patience_s = max(patience_s, NEVER_SEEN_S)
        return now - counted_from > patience_s or now - since > ALWAYS_S

    def _heard_at(self, dongle: Dongle) -> float | None:
        """Return when the dongle was last heard.

        No frame is judged before the broker has said what it retains: until then any counts.
        """
        return dongle.last_frame_at if self._known is None else dongle.last_life_at

    def _text(self, dongle: Dongle, now: float) -> str:
        """Return what was found, the same text for as long as the silence lasts."""
        last_at = self._heard_at(dongle)
        heard_at = self._started if last_at is None else last_at
        if self._texts.get(dongle.id, (None, ""))[0] != heard_at:
            wall = self._clock.time()
            minutes = f"no reading for {self._silent_after_s / 60:.3g} min"
            text = minutes if wall is None else f"no reading since {_utc(wall - (now - heard_at))}"
            self._texts[dongle.id] = heard_at, text
        return f"{self._texts[dongle.id][1]}{_refusal(dongle)}"


def _refusal(dongle: Dongle) -> str:
    return f"; the newest was refused: {dongle.refusal}" if dongle.refusal else ""


def _first_contact(dongle: Dongle) -> str:
    if dongle.refusal:
        return f"the newest with its id was refused: {dongle.refusal}"
    if dongle.frames:
        return "frames with its id have arrived, but no reading, and too few to be sure of them"
    return "no frame with its id has arrived"


def _utc(wall: float) -> str:
    return f"{datetime.fromtimestamp(wall, UTC):%Y-%m-%d %H:%M} UTC"
