"""The state of one entity, as Home Assistant returns it from get_states."""

from __future__ import annotations

from datetime import datetime

import msgspec

WITHOUT_VALUE = frozenset({"", "unknown", "unavailable"})


class StateAttributes(msgspec.Struct, frozen=True):
    """`restored` means that the state is from the registry, and that no integration has it.

    `device_class`, `state_class` and `unit_of_measurement` are Home Assistant's, after what a
    person has changed. `device_type` is that of ZHA's metering entities, `next_tariff_…` are
    those of a Linky's next change of tariff.
    """

    restored: bool = False
    device_class: str | None = None
    state_class: str | None = None
    unit_of_measurement: str | None = None
    device_type: str | None = None
    next_tariff_index: int | None = None
    next_tariff_name: str | None = None


class EntityState(msgspec.Struct, frozen=True):
    """`last_updated` is when the value or an attribute changed, `last_reported` when it came."""

    entity_id: str
    state: str
    attributes: StateAttributes
    last_updated: datetime
    last_reported: datetime | None = None
    last_changed: datetime | None = None

    @property
    def has_value(self) -> bool:
        """Return whether an integration has the entity, and a value for it."""
        return self.state not in WITHOUT_VALUE and not self.attributes.restored

    @property
    def number(self) -> float | None:
        """Return the value, None if it is no number."""
        try:
            return float(self.state)
        except ValueError:
            return None

    @property
    def is_repeated(self) -> bool:
        """Return whether the value was reported again after it had changed."""
        return self.last_changed is not None and self.reported_at > self.last_changed.timestamp()

    @property
    def reported_at(self) -> float:
        """Return the unix time (s) at which the value was last reported."""
        return (self.last_reported or self.last_updated).timestamp()
