"""Report batteries of meters and of Zigbee devices that are nearly empty."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from hems.clients.home_assistant.admin_session import AdminSession
from hems.protocols.gateway.zigbee_problem_kinds import BATTERY_LOW
from hems.protocols.home_assistant.entity_state import EntityState
from hems.protocols.home_assistant.zigbee_stick_finder import ZHA
from hems.supervision.worker.problem import ReportedProblem
from hems.workers.provision.observations.silent_devices import CountedMeters

LOW, ENOUGH = 15.0, 20.0  # percent: low from here on, until it has more than enough
BATTERY, PERCENT = "battery", "%"


class LowBatteries:
    """Looks at the battery of each counted meter (`meters`) and of everything that ZHA has.

    `session` opens Home Assistant.
    """

    def __init__(self, session: Callable[[float], AdminSession], meters: CountedMeters) -> None:
        self._session = session
        self._meters = meters
        self._low: set[str] = set()  # entities

    def problems(self, now: float, _wall: float) -> Iterator[ReportedProblem]:
        """Yield a problem for each low battery. Raises HemsError without an answer."""
        with self._session(now) as session:
            low = {state.entity_id for state in session.states() if self._is_low(state)}
            if not low:
                self._low = low
                return  # the registries are large
            registry = session.entities()
            names = {device.id: device.shown_name for device in session.devices()}
        meters = {meter.device_id for meter, _role in self._meters()}
        self._low = low
        for entry in registry:
            is_ours = entry.platform == ZHA or entry.device_id in meters
            if entry.entity_id in low and entry.device_id and is_ours:
                name = names.get(entry.device_id, entry.device_id)
                yield BATTERY_LOW.found(
                    f"{LOW:g} % or less; over when it has more than {ENOUGH:g} %", name
                )

    def _is_low(self, state: EntityState) -> bool:
        about = state.attributes
        if about.device_class != BATTERY or about.unit_of_measurement != PERCENT:
            return False
        was_low = state.entity_id in self._low
        if not state.has_value or (percent := state.number) is None:
            return was_low
        return percent <= (ENOUGH if was_low else LOW)
