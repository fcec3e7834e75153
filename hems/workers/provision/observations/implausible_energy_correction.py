"""Report readings that no meter can have measured, and take their energy out of the statistics.

This is the only observation that changes something: Home Assistant would show a wrong kilowatt-hour
for ever. It corrects the sums from the slot with the jump on; the readings themselves stay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime

from loguru import logger

from hems.clients.home_assistant.admin_session import AdminSession
from hems.protocols.gateway.problem_kinds import READING_IMPLAUSIBLE
from hems.protocols.home_assistant.entity_state import EntityState
from hems.protocols.meters.energy_entity_recognition import EnergyEntity
from hems.protocols.meters.meter_inventory import Meter
from hems.protocols.meters.meter_roles import Role
from hems.protocols.meters.plausible_energy import impossible, most_watts
from hems.supervision.worker.problem import ReportedProblem
from hems.workers.provision.observations.silent_devices import CountedMeters

WINDOW_S = 2 * 3600.0  # of statistics that each look reads; older ones were read before
HISTORY_S = 60 * 86400.0  # in which the reading before a jump is looked for
HOUR_S = 3600.0
LISTED_S = 86400.0  # for which a jump is a problem


class ImplausibleReadings:
    """Looks at each meter but a Linky, whose worker judges every frame.

    `meters` returns them with their roles; `session` opens Home Assistant.
    """

    def __init__(
        self,
        session: Callable[[float], AdminSession],
        meters: CountedMeters,
    ) -> None:
        self._session = session
        self._meters = meters
        self._jumps: dict[str, tuple[float, str]] = {}  # by name: monotonic s, what was found

    def problems(self, now: float, wall: float) -> Iterator[ReportedProblem]:
        """Yield what is implausible. Raises HemsError when Home Assistant does not answer."""
        if not (meters := self._meters()):
            return
        with self._session(now) as session:
            states = {state.entity_id: state for state in session.states()}
            for meter, role in meters:
                for entity in (*meter.imported, *meter.exported):
                    if found := _correct(session, entity, most_watts(role), wall):
                        self._jumps[meter.name] = now, found
        self._jumps = {name: one for name, one in self._jumps.items() if now - one[0] < LISTED_S}
        for meter, role in meters:
            jump = self._jumps.get(meter.name, (0.0, ""))[1]
            if found := "; ".join(text for text in (_power(meter, role, states), jump) if text):
                yield READING_IMPLAUSIBLE.found(found, meter.name)


def _power(meter: Meter, role: Role, states: Mapping[str, EntityState]) -> str:
    """Return what is wrong with the power that the meter shows now, empty if nothing is."""
    state = states.get(meter.power.entity_id) if meter.power else None
    if meter.power is None or state is None or (value := state.number) is None:
        return ""
    watts, most = value * meter.power.factor, most_watts(role)
    return "" if abs(watts) <= most else f"{watts:.3g} W, more than {most:.3g} W"


def _correct(session: AdminSession, entity: EnergyEntity, watts: float, wall: float) -> str:
    """Take impossible energy out of the statistics; return what it was, empty if there is none."""
    slots = session.counted_energy(entity.entity_id, wall - WINDOW_S, "5minute")
    if not any(impossible(slots, watts, wall - WINDOW_S)):
        return ""  # enough even if the meter counted something just before
    older = session.counted_energy(entity.entity_id, wall - HISTORY_S, "hour")
    first = min(slot.begin for slot in slots)
    counted = [slot.begin + HOUR_S for slot in older if slot.wh and slot.begin + HOUR_S <= first]
    counted_at = max(counted, default=min(slot.begin for slot in (*older, *slots)))
    jumps = [*impossible(slots, watts, counted_at)]
    for jump in jumps:
        session.correct_energy(entity.entity_id, jump.begin, -jump.wh)
        logger.warning("{}: {:.3g} kWh are not counted", entity.entity_id, jump.wh / 1000)
    if not jumps:
        return ""
    time = f"{datetime.fromtimestamp(jumps[-1].begin, UTC):%Y-%m-%d %H:%M} UTC"
    return f"{jumps[-1].wh / 1000:.3g} kWh within 5 min at {time}, which are not counted"
