"""Report the meters and plugs of Home Assistant that send no readings; Linky meters apart.

Home Assistant keeps the last value of a Zigbee device over a restart, and a broker that of an MQTT
device: such a value has the time of the restart and looks new. Therefore ZHA says itself when it
heard a device. Of the others a value counts if it differs from the one before, or if the device has
repeated it since. Time in which nobody could hear a device excuses it: while Home Assistant, the
Zigbee stick or the home's router was away.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from hems.clients.home_assistant.admin_session import AdminSession
from hems.clients.home_assistant.zha_responses import ZhaDevice
from hems.protocols.gateway.problem_kinds import DEVICE_SILENT
from hems.protocols.gateway.zigbee_problem_kinds import ZIGBEE_ROUTER_SILENT
from hems.protocols.home_assistant.entity_state import EntityState
from hems.protocols.home_assistant.zigbee_stick_finder import LOADED, ZHA
from hems.protocols.meters.meter_inventory import Meter
from hems.protocols.meters.meter_roles import Role
from hems.supervision.worker.problem import ReportedProblem
from hems.system.network.last_home_router_outage import LastRouterOutage
from hems.workers.provision.observations.lost_routers import lost_routers

LOOKS = 12  # in the time after which a device is silent
INTERVALS = 3.0
MOST_S = 86400.0  # of silence, whatever the usual interval is
BLIND_S = 900.0  # between two looks: Home Assistant was away meanwhile
GAPS = 50  # of which the second longest is the usual interval: the longest may be an outage
CountedMeters = Callable[[], Sequence[tuple[Meter, Role]]]


@dataclass
class Activity:
    """When a device was heard (monotonic s), and its usual pauses (s)."""

    since: float  # the first look at it
    heard_at: float | None = None
    latest: float = -math.inf  # the time of the newest reading (unix s)
    values: dict[str, str] = field(default_factory=dict)
    gaps: deque[float] = field(default_factory=lambda: deque(maxlen=GAPS))
    text: str = ""

    def hear(self, at: float) -> None:
        """Record that the device was heard at `at` (monotonic s)."""
        if self.heard_at is not None:
            self.gaps.append(at - self.heard_at)
        self.heard_at, self.text = at, ""

    def patience_s(self, least_s: float) -> float:
        """Return for how long it may be silent (s), at least `least_s`."""
        interval_s = sorted(self.gaps)[-2] if len(self.gaps) > 1 else 0.0
        return min(MOST_S, max(least_s, INTERVALS * interval_s))


class SilentDevices:
    """Looks at every device that measures.

    `meters` returns what of the register is judged here, with the roles: not Linky meters, and
    nothing that a person does not count. `session` opens Home Assistant. A device is silent after
    `silent_after_s`, or three of its usual pauses if they are longer; look every `period_s`.
    """

    def __init__(
        self,
        session: Callable[[float], AdminSession],
        meters: CountedMeters,
        router: LastRouterOutage,
        silent_after_s: float,
    ) -> None:
        self.period_s = silent_after_s / LOOKS
        self._least_s = silent_after_s - self.period_s
        self._session = session
        self._meters = meters
        self._router = router
        self._activity: dict[str, Activity] = {}  # by device id
        self._looked_at = -math.inf
        self._blind_at = -math.inf  # when Home Assistant could not be asked last
        self._without_stick_at = -math.inf

    def ages(self, now: float) -> dict[str, float | None]:
        """Return the age (s) of each device's newest reading by its name, None if not known."""
        ages: dict[str, float | None] = {}
        for device, meters in self._devices().items():
            activity = self._activity.get(device)
            heard_at = activity.heard_at if activity else None
            ages[meters[0].device_name] = None if heard_at is None else now - heard_at
        return ages

    def problems(self, now: float, wall: float) -> Iterator[ReportedProblem]:
        """Yield what is known of each device that may be silent.

        Raises HemsError when Home Assistant does not answer.
        """
        devices = self._devices()
        if not devices:
            return
        with self._session(now) as session:
            states = {state.entity_id: state for state in session.states()}
            zigbee = _zigbee_devices(session)
        last_seen = None if zigbee is None else _last_seen(zigbee)
        silent: dict[str, ReportedProblem] = {}
        if now - self._looked_at > BLIND_S:
            self._blind_at = now
        if last_seen is None:
            self._without_stick_at = now
        off_at = self._router.off_at(now)
        for device, meters in devices.items():
            activity = self._activity.setdefault(device, Activity(now))
            is_zigbee = meters[0].platform == ZHA
            if not is_zigbee:
                at = _reported_at(activity, meters, states)
            else:
                at = (last_seen or {}).get(device)
            if at is not None:
                self._take(activity, at, now, wall)
            since = max(self._blind_at, self._without_stick_at if is_zigbee else off_at)
            if self._is_silent(activity, since, now):
                text = _text(activity, now, wall)
                silent[device] = DEVICE_SILENT.found(text, meters[0].device_name)
        self._activity = {device: self._activity[device] for device in devices}
        self._looked_at = now
        yield from with_routers(silent, zigbee or ())

    def _devices(self) -> dict[str, list[Meter]]:
        devices: dict[str, list[Meter]] = {}
        for meter, _role in self._meters():
            devices.setdefault(meter.device_id, []).append(meter)
        return devices

    def _take(self, activity: Activity, at: float, now: float, wall: float) -> None:
        """Take a reading of unix time `at`; a clock that was set meanwhile makes it no older."""
        if at <= activity.latest:
            return
        activity.latest = at
        age_s = max(0.0, wall - at)
        if activity.heard_at is not None:
            age_s = min(age_s, now - self._looked_at)
        activity.hear(now - age_s)

    def _is_silent(self, activity: Activity, excused_at: float, now: float) -> bool:
        """Return whether it was silent for too long since it was excused last (monotonic s)."""
        since = activity.since if activity.heard_at is None else activity.heard_at
        return now - max(since, excused_at) > activity.patience_s(self._least_s)


def _zigbee_devices(session: AdminSession) -> tuple[ZhaDevice, ...] | None:
    """Return the devices of ZHA, None without a stick."""
    if not any(entry.state == LOADED for entry in session.entries(ZHA)):
        return None
    return session.zigbee_devices()


def _last_seen(devices: Iterable[ZhaDevice]) -> dict[str, float]:
    """Return when ZHA heard each device (unix s), by device id."""
    return {one.device_reg_id: one.last_seen.timestamp() for one in devices if one.last_seen}


def with_routers(
    silent: Mapping[str, ReportedProblem], zigbee: Iterable[ZhaDevice]
) -> Iterator[ReportedProblem]:
    """Yield the problems of silent devices; one for a router and all who send through it."""
    behind: set[str] = set()
    for router in lost_routers(zigbee, silent):
        names = ", ".join(silent[one].subject for one in router.children)
        behind |= {router.device_id, *router.children}
        yield ZIGBEE_ROUTER_SILENT.found(f"behind it: {names}", router.name)
    yield from (problem for device, problem in silent.items() if device not in behind)


def _reported_at(
    activity: Activity, meters: Sequence[Meter], states: Mapping[str, EntityState]
) -> float | None:
    """Return the time of the newest value that the device has sent itself (unix s)."""
    entities = [entity.entity_id for meter in meters for entity in meter.entities]
    known = [states[one] for one in entities if one in states and states[one].has_value]
    sent = [
        state.reported_at
        for state in known
        if state.is_repeated or state.state != activity.values.get(state.entity_id, state.state)
    ]
    activity.values |= {state.entity_id: state.state for state in known}
    return max(sent, default=None)


def _text(activity: Activity, now: float, wall: float) -> str:
    """Return what was found, the same text for as long as the silence lasts."""
    if not activity.text:
        since = activity.since if activity.heard_at is None else activity.heard_at
        time = f"{datetime.fromtimestamp(wall - (now - since), UTC):%Y-%m-%d %H:%M} UTC"
        activity.text = f"no reading since {time}"
    return activity.text
