"""What Home Assistant knows of the home's meters at one moment, for the numbers of the home."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hems.clients.home_assistant.admin_session import AdminSession
from hems.protocols.linky.entity_catalogue import words
from hems.protocols.linky.packed_values import TempoColour
from hems.protocols.meters.energy_entity_recognition import EnergyEntity
from hems.protocols.meters.household_meters import household_meters
from hems.protocols.meters.meter_inventory import Meter
from hems.protocols.meters.meter_roles import Role
from hems.protocols.tariffs.current_tariff import MeterTariffs, NamedTariff
from hems.protocols.tariffs.register_aliases import other_names
from hems.protocols.tariffs.tariff_from_linky_entities import LinkyTariffs

# Apparent power, while a Linky's total has not moved since the last frame.
APPARENT = ("apparent_power_net", "sinsts", "papp")
VA_OF_AMPERE = 200.0  # how the grid operator converts the subscribed current
THREE_PHASES = "iinst2"  # only a three-phase meter has it


class HomeView:
    """The meters of the home, and the states of their entities."""

    def __init__(self, session: AdminSession, names: Mapping[str, Mapping[int, str]]) -> None:
        """Read the registries and the states. Raises HemsError.

        `names` are the supplier's names of the registers, as far as they are known, by the id of
        the Linky's meter and the number of the register.
        """
        states = session.states()
        self.home = household_meters(session.entities(), states, session.devices())
        self.grid = self.home.of_role(Role.GRID)
        self._states = {state.entity_id: state for state in states}
        self._linkys = {
            meter.id: LinkyTariffs(linky, self._states, names.get(meter.id, {}))
            for meter in self.grid
            if (linky := self.home.linky(meter)) is not None
        }

    @property
    def linkys(self) -> list[LinkyTariffs]:
        """Return the Linkys that are meters of the grid."""
        return [*self._linkys.values()]

    @property
    def names(self) -> dict[str, Mapping[int, str]]:
        """Return the supplier's names of registers, with those that were learned now."""
        return {meter_id: linky.names for meter_id, linky in self._linkys.items()}

    @property
    def power(self) -> float | None:
        """Return the power that flows from the grid now (W), negative to it; None if unknown."""
        powers = [self._power(meter) for meter in self.grid]
        known = [power for power in powers if power is not None]
        return sum(known) if known and len(known) == len(powers) else None

    @property
    def subscribed_va(self) -> float | None:
        """Return the subscribed power that a Linky says (VA)."""
        for linky in self.linkys:
            for key in ("pref", "pcoup"):
                if (power := linky.number(key)) is not None:
                    return power
            if (current := linky.number("isousc")) is not None:
                phases = 1 if linky.number(THREE_PHASES) is None else 3
                return current * VA_OF_AMPERE * phases
        return None

    @property
    def tariffs(self) -> MeterTariffs:
        """Return what the first meter with tariffs says of them."""
        current = (linky.current for linky in self.linkys)
        return next((one for one in current if one is not None), MeterTariffs())

    @property
    def has_tempo(self) -> bool:
        return any(linky.has("tempo_today") for linky in self.linkys)

    @property
    def tempo_today(self) -> TempoColour | None:
        """Return the Tempo colour in force, None if it is not known."""
        texts = [linky.text("tempo_today") for linky in self.linkys]
        return next((colour for colour in TempoColour if words(colour) in texts), None)

    def registers(self, meter: Meter) -> Iterator[tuple[str, NamedTariff]]:
        """Yield entity id and names of each register of a meter that counts tariffs."""
        if meter.id in self._linkys:
            for _, entity_id, named in self._linkys[meter.id].registers:
                yield entity_id, named
        elif len(meter.imported) > 1:
            for entity in meter.imported:
                names = other_names(entity.parts, entity.name)
                yield entity.entity_id, NamedTariff(names, names[-1])

    def _power(self, meter: Meter) -> float | None:
        power = self._watts(meter.power)
        if linky := self._linkys.get(meter.id):
            apparent = (linky.number(key) for key in APPARENT)
            va = next((one for one in apparent if one is not None), None)
            # The total stands still while the home exports, and so says 0 W.
            if power is None or (va is not None and va < 0):
                return va
        exported = self._watts(meter.exported_power) if meter.exported_power else 0.0
        return None if power is None or exported is None else power - exported

    def _watts(self, entity: EnergyEntity | None) -> float | None:
        state = self._states.get(entity.entity_id) if entity else None
        if entity is None or state is None or not state.has_value or state.number is None:
            return None
        return state.number * entity.factor
