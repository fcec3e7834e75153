"""A home whose energy is known to the Wh, as a session of Home Assistant shows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast
from zoneinfo import ZoneInfo

from hems.clients.home_assistant.admin_session import AdminSession
from hems.protocols.home_assistant.device_registry import DeviceEntry
from hems.protocols.home_assistant.entity_registry import RegistryEntry
from hems.protocols.home_assistant.entity_state import EntityState, StateAttributes
from hems.protocols.meters.plausible_energy import SLOT_S, CountedEnergy
from tests.fakes.meters import KWH, Home, W, home

LINKY = "d2l_012345678901"
TEXT = StateAttributes()


@dataclass
class EnergyHome:
    """`counted` has the Wh of each slot of five minutes, by entity and unix time (s).

    What it has after `now` is not known yet. `questions` counts what was asked. Home Assistant has
    no slots before `purged_until`, but hours.
    """

    zone: ZoneInfo
    here: Home = field(default_factory=home)
    counted: dict[str, dict[float, float]] = field(default_factory=dict)
    now: float = 0.0
    purged_until: float = 0.0
    questions: Counter[str] = field(default_factory=Counter)

    def at(self, text: str) -> float:
        """Return the unix time of a time of the home."""
        return datetime.fromisoformat(text).replace(tzinfo=self.zone).timestamp()

    def linky(self, **values: str) -> None:
        """Add a Linky with a total, and a text or number for each key."""
        self.here.device("Linky")
        self.linky_device_has(energy_total="1", power_estimated="350", **values)

    def linky_device_has(self, **values: str) -> None:
        """Add entities of the Linky."""
        (device,) = (one for one in self.here.devices if one.name == "Linky")
        for key, value in values.items():
            is_energy = key.startswith(("easf", "bbr", "hc", "base", "energy", "eait", "ejp"))
            kind = KWH if is_energy else W if key.startswith("power") else TEXT
            name = "Energy injected" if key == "eait" else key
            unique_id = f"{LINKY}_{key}"
            self.here.entity(device, unique_id, kind, platform="mqtt", name=name)
            self.say(f"sensor.{unique_id}", value)

    def say(self, entity_id: str, value: str, **attributes: object) -> None:
        """Let an entity have a value."""
        (number,) = (n for n, one in enumerate(self.here.states) if one.entity_id == entity_id)
        old = self.here.states[number].attributes
        kind = StateAttributes(
            device_class=old.device_class,
            state_class=old.state_class,
            unit_of_measurement=old.unit_of_measurement,
            **attributes,  # type: ignore[arg-type]
        )
        self.here.states[number] = EntityState(entity_id, value, kind, datetime.now(UTC))

    def use(self, begin: str, end: str, wh: float, *keys: str) -> None:
        """Let entities of the Linky count `wh` in each slot from `begin` up to `end`."""
        for key in keys:
            slots = self.counted.setdefault(f"sensor.{LINKY}_{key}", {})
            at = self.at(begin)
            while at < self.at(end):
                slots[at] = slots.get(at, 0.0) + wh
                at += SLOT_S

    def session(self) -> AdminSession:
        return cast(AdminSession, self)

    def home(self) -> dict[str, object]:
        return {"time_zone": self.zone.key}

    def states(self) -> tuple[EntityState, ...]:
        self.questions["states"] += 1
        return tuple(self.here.states)

    def entities(self) -> tuple[RegistryEntry, ...]:
        return tuple(self.here.entries)

    def devices(self) -> tuple[DeviceEntry, ...]:
        return tuple(self.here.devices)

    def energy_of(
        self, entity_ids: Collection[str], begin: float, end: float | None, period: str
    ) -> dict[str, tuple[CountedEnergy, ...]]:
        """Return what is in the statistics; the real one makes hours and days of slots, too."""
        self.questions[period] += 1
        if period == "5minute" and end is not None and end < self.purged_until:
            return {}
        slot_of = self._slots(period)
        answer = {}
        for entity_id in entity_ids:
            slots: dict[float, float] = {}
            for at, wh in sorted(self.counted.get(entity_id, {}).items()):
                slot, ends = slot_of(at)
                is_complete = (at + SLOT_S if period == "day" else ends) <= self.now
                if is_complete and begin <= slot and (end is None or slot < end):
                    slots[slot] = slots.get(slot, 0.0) + wh
            if slots:
                answer[entity_id] = tuple(CountedEnergy(at, wh) for at, wh in slots.items())
        return answer

    def _slots(self, period: str) -> Callable[[float], tuple[float, float]]:
        """Return a function from a time to the begin and the end of its slot."""

        def of_day(at: float) -> tuple[float, float]:
            day = datetime.fromtimestamp(at, self.zone)
            begin = day.replace(hour=0, minute=0, second=0, microsecond=0, fold=0).timestamp()
            return begin, begin

        seconds = {"5minute": SLOT_S, "hour": 3600.0}.get(period)
        if seconds is None:
            return of_day
        return lambda at: (at // seconds * seconds, at // seconds * seconds + seconds)
