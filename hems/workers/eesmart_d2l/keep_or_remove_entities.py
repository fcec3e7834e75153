"""Know the entities of one dongle: those that Home Assistant has, and those that it is to remove.

An entity that was announced stays while its value is absent. It is removed when the output's mode,
the contract or the phases have changed, and the meter has not sent its value since. After a restart
it is not known what the entities were announced for, so only registers and values that the mode
does not have are removed.

hems 0.1.0 announced EAST as the total of a meter in STANDARD. There the total keeps that entity,
with its statistics and its place in the energy dashboard, and EAST itself has none.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import replace
from typing import Any

from hems.protocols.home_assistant.mqtt_discovery import Entity, Platform, RemovedEntity
from hems.protocols.linky.entity_catalogue import ALWAYS, TOTAL, catalogue
from hems.protocols.linky.label_names import INDEXES
from hems.protocols.linky.labels import HISTORIQUE_LABELS, OTHER_PHASES
from hems.protocols.linky.meter_reading import LinkyMode, MeterReading

CONFIRMED = 2  # readings; the name of the contract and its registers are confirmed before
OF_DONGLE = {"last_frame", "firmware_update_wanted"}  # known without a reading
KEPT = {TOTAL.key, *(entity.key for entity in ALWAYS)}
REGISTERS = {label.lower() for label in INDEXES}
HISTORIQUE_KEYS = {label.lower() for label in HISTORIQUE_LABELS}
PHASE_KEYS = {label.lower() for label in OTHER_PHASES}
EARLIER_TOTAL = replace(TOTAL, key="east", value_key=TOTAL.key)

Profile = tuple[LinkyMode, str, bool]


class DongleEntities:
    """The entities of one dongle, by key."""

    def __init__(self) -> None:
        self._keys: dict[str, None] = {}  # a set, the newest last
        self._removed: dict[str, str] = {}  # platforms
        self._is_single_phase = True
        self._has_earlier_total = False
        self._profile: Profile | None = None  # what the entities were announced for
        self._next_profile: Profile | None = None
        self._sent: set[str] = set()  # by the meter since then
        self._former: Set[str] = set()  # registers that the contract before had
        self._readings = 0
        self._is_announced = False  # since the start: an update may have changed names
        self._taken: Set[str] | None = None  # the keys of the last reading, which changed nothing
        self._has_total = False

    @property
    def is_three_phase(self) -> bool:
        """Return whether there are entities that only a three-phase meter has."""
        return not PHASE_KEYS.isdisjoint(self._keys)

    @property
    def has_imax(self) -> bool:
        """Return whether the meter has sent IMAX, which only a single-phase meter does."""
        return "imax" in self._keys

    def remember(self, components: Mapping[str, Mapping[str, Any]]) -> None:
        """Start with the components of the discovery message before a restart."""
        known = catalogue(is_single_phase=True)
        for key, component in reversed(list(components.items())):
            if key in known and component.keys() > {"platform"}:
                self._keys[key] = None
            else:
                self._removed[key] = str(component.get("platform", Platform.SENSOR))
        self._is_single_phase = not self.is_three_phase
        self._has_earlier_total = "east" in self._keys and TOTAL.key not in self._keys

    def show_dongle(self) -> bool:
        """Show what is known without a reading; return whether to publish the discovery."""
        return self._show(OF_DONGLE) or not self._is_announced

    def take(
        self, reading: MeterReading, keys: Set[str], *, is_whole: bool, has_total: bool
    ) -> bool:
        """Show the entities `keys` of a reading; return whether to publish the discovery.

        `keys` is the same object only while the mode, the contract and the phases are the same. The
        reading `is_whole` if the meter sent registers in it, so that it is no short frame. It
        `has_total` if the total of the delivery point is known.
        """
        if keys is self._taken and has_total == self._has_total:
            return False
        sent = {*keys, TOTAL.key} if has_total else {*keys}
        if self._has_earlier_total:
            sent = sent - {TOTAL.key} | {EARLIER_TOTAL.key}
        is_renamed = reading.is_single_phase != self._is_single_phase
        self._is_single_phase = reading.is_single_phase
        is_removed = is_whole and self._remove_old(reading, sent)
        is_changed = self._show(sent) or is_removed or is_renamed or not self._is_announced
        is_settled = not is_changed and self._is_settled(reading)
        self._taken, self._has_total = keys if is_settled else None, has_total
        return is_changed

    def _is_settled(self, reading: MeterReading) -> bool:
        return self._next_profile is None and self._profile == _profile(reading)

    def discovery(self) -> list[Entity | RemovedEntity]:
        """Return the entities for the discovery message, what is new in it first.

        Home Assistant ignores the rest of a message once it finds a component that it is
        still busy with.
        """
        self._is_announced = True
        every = dict(catalogue(is_single_phase=self._is_single_phase))
        if self._has_earlier_total:
            every[EARLIER_TOTAL.key] = EARLIER_TOTAL
        removed = [RemovedEntity(key, platform) for key, platform in self._removed.items()]
        return [*removed, *(every[key] for key in reversed(self._keys))]

    def _show(self, keys: Set[str]) -> bool:
        if self._keys.keys() >= keys:
            return False
        new = dict.fromkeys(key for key in keys if key not in self._keys)
        self._keys |= new
        for key in new:
            self._removed.pop(key, None)
        return bool(new)

    def _remove_old(self, reading: MeterReading, keys: set[str]) -> bool:
        """Remove the entities that the meter no longer has; return whether there are any."""
        profile = _profile(reading)
        if profile == self._profile:
            self._next_profile = None
            return self._remove(self._former - keys)  # what was held for a while is unknown now
        if profile != self._next_profile:
            self._next_profile, self._sent, self._readings = profile, set(), 0
        self._sent |= keys - REGISTERS
        self._readings += 1
        if self._readings < CONFIRMED:
            return False
        old = self._keys.keys() - self._sent - keys - KEPT
        if self._profile is None:
            of_mode = HISTORIQUE_KEYS if reading.mode is LinkyMode.STANDARD else set()
            old &= REGISTERS | of_mode
        self._former = self._keys.keys() & REGISTERS if self._profile else set()
        self._profile, self._next_profile = profile, None
        return self._remove(old)

    def _remove(self, old: Set[str]) -> bool:
        every = catalogue(is_single_phase=True)
        for key in old:
            del self._keys[key]
            self._removed[key] = every[key].platform
        self._former -= old
        return bool(old)


def _profile(reading: MeterReading) -> Profile:
    return reading.mode, reading.tariff_calendar, reading.is_single_phase
