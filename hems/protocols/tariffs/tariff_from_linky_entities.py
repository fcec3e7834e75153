"""Read from a Linky's entities which tariff counts, and what its registers are called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from hems.protocols.home_assistant.entity_registry import DeviceEntities
from hems.protocols.home_assistant.entity_state import EntityState
from hems.protocols.meters.household_meters import tariff_registers
from hems.protocols.tariffs.current_tariff import MeterTariffs, NamedTariff
from hems.protocols.tariffs.register_aliases import label_of_period, linky_names, shown_name

REGISTER_COUNT = 10


class LinkyTariffs:
    """The tariffs of one Linky; `states` are by entity id.

    `known` has the supplier's names of registers that were learned before; `names` has them all.
    """

    def __init__(
        self,
        linky: DeviceEntities,
        states: Mapping[str, EntityState],
        known: Mapping[int, str],
    ) -> None:
        self._linky = linky
        self._states = states
        self.names = {**known, **self._learned()}

    @property
    def current(self) -> MeterTariffs | None:
        """Return what the meter says of its tariffs, None if it does not say which one counts."""
        label = self._label
        return None if label is None else MeterTariffs(self.named(label), *self._next())

    @property
    def registers(self) -> Iterator[tuple[str, str, NamedTariff]]:
        """Yield label, entity id and names of each register that the meter can have."""
        for label, entity_id in tariff_registers(self._linky).items():
            yield label, entity_id, self.named(label)

    def named(self, label: str) -> NamedTariff:
        """Return the names of the register `label`."""
        calendar = self.text("ngtf")
        names = linky_names(label, calendar, self.names)
        return NamedTariff(names, shown_name(label, calendar, self.names))

    def has(self, key: str) -> bool:
        """Return whether the meter has an entity, with or without a value."""
        return key in self._linky.entities

    def text(self, key: str) -> str:
        """Return the state of an entity, empty if it has no value."""
        state = self._state(key)
        return "" if state is None else state.state.strip()

    def number(self, key: str) -> float | None:
        """Return the state of an entity, None if it is no number."""
        state = self._state(key)
        return None if state is None else state.number

    @property
    def _label(self) -> str | None:
        if (number := self.number("ntarf")) is not None and 1 <= number <= REGISTER_COUNT:
            return f"EASF{int(number):02}"
        return label_of_period(self.text("ptec"))

    def _next(self) -> tuple[NamedTariff | None, float | None]:
        state = self._state("next_tariff_change")
        if state is None:
            return None, None
        index = state.attributes.next_tariff_index
        named = None if index is None else self.named(f"EASF{index:02}")
        return named, datetime.fromisoformat(state.state).timestamp()

    def _learned(self) -> dict[int, str]:
        names = {}
        number, name = self.number("ntarf"), self.text("ltarf")
        if number is not None and name:
            names[int(number)] = name
        state = self._state("next_tariff_change")
        if state and state.attributes.next_tariff_index and state.attributes.next_tariff_name:
            names[state.attributes.next_tariff_index] = state.attributes.next_tariff_name
        return names

    def _state(self, key: str) -> EntityState | None:
        state = self._states.get(self._linky.entities.get(key, ""))
        return state if state is not None and state.has_value else None
