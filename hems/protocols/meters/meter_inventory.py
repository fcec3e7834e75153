"""Build the inventory of meters: everything in the home that measures electricity, once.

A device is one meter, or one for each of its channels. A meter has the entities that count its
energy, each Wh in one of them only: not the counters of a day or a month, not the phases or tariffs
of a total, and not a second entity for the same energy.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from hems.protocols.home_assistant.device_registry import DeviceEntry
from hems.protocols.meters.energy_entity_recognition import EnergyEntity, MeasuredQuantity, words
from hems.protocols.meters.meter_roles import Role, Traits, chosen, guess

EXPORTED = frozenset(
    {
        *("received", "return", "returned", "export", "exported", "injected", "injection", "feed"),
        *("feedin", "produced", "production", "negative", "sold", "surplus", "backfeed"),
        *("discharge", "discharged", "discharging", "generated", "generation"),
        *("injectée", "injecté", "produite", "restituée", "teruggeleverd", "teruglevering"),
        *("opgewekt", "geleverd", "eingespeist", "einspeisung", "erzeugt", "erzeugung"),
    }
)  # towards the grid, or out of what is measured
OF_A_PERIOD = frozenset(
    {
        *("today", "yesterday", "daily", "day", "hour", "hourly", "week", "weekly", "last"),
        *("month", "monthly", "year", "yearly", "session", "previous", "since", "interval"),
    }
)
PARTIAL = frozenset(
    {
        *("phase", "ph", "l1", "l2", "l3", "tariff", "tarif", "rate", "high", "low", "peak"),
        *("t1", "t2", *(f"tier{number}" for number in range(1, 7)), "tier", "reactive"),
    }
)
WHOLE = frozenset({"total", "lifetime", "sum"})
OF_DEMAND = frozenset({"demand"})  # of two powers of a load, the less precise one


@dataclass(frozen=True)
class Meter:
    """One meter. `imported` and `exported` count energy, by entity id; `power` measures W now.

    `imported` is what flows to the home or to the device, `exported` what comes back: each is one
    entity, or one for each tariff or phase where there is no total. `guess` is None if the meter
    may be the grid's. `label` is the role that was chosen. `name` has the channel after
    the device's name.
    """

    id: str
    device_id: str
    device_name: str
    platform: str
    name: str
    area_id: str | None
    imported: tuple[EnergyEntity, ...]
    exported: tuple[EnergyEntity, ...]
    power: EnergyEntity | None
    exported_power: EnergyEntity | None
    label: Role | None
    guess: Role | None

    @property
    def entities(self) -> tuple[EnergyEntity, ...]:
        """Return all entities of the meter."""
        powers = (power for power in (self.power, self.exported_power) if power)
        return (*self.imported, *self.exported, *powers)


def meters(
    devices: Iterable[DeviceEntry],
    entities: Iterable[EnergyEntity],
    domains: Mapping[str, frozenset[str]],
) -> tuple[Meter, ...]:
    """Return every meter, sorted by name and id.

    `domains` has the domains of all entities of each device, by its id.
    """
    of_device: dict[str, list[EnergyEntity]] = {}
    for entity in entities:
        of_device.setdefault(entity.device_id, []).append(entity)
    known = _once(device for device in devices if device.id in of_device and not device.disabled_by)
    register = [
        meter
        for device in known
        for meter in _of_device(device, of_device[device.id], domains.get(device.id, frozenset()))
    ]
    return tuple(sorted(register, key=lambda meter: (meter.name, meter.id)))


def roles(register: Sequence[Meter]) -> dict[str, Role]:
    """Return the role of each meter, by its id.

    A meter that may be the grid's is so if it is the only one, or the only one that also counts
    what is exported, and if no other is the grid's. Otherwise it is a device.
    """
    known = {meter.id: meter.label or meter.guess for meter in register}
    open_ones = [meter for meter in register if known[meter.id] is None]
    both = [meter for meter in open_ones if meter.exported]
    at_grid = next((some for some in (open_ones, both) if len(some) == 1), [])
    has_grid = Role.GRID in known.values()
    for meter in open_ones:
        known[meter.id] = Role.GRID if meter in at_grid and not has_grid else Role.DEVICE
    return {name: role for name, role in known.items() if role}


def _once(devices: Iterable[DeviceEntry]) -> Iterator[DeviceEntry]:
    """Yield each device once, although two integrations may know it: the first one counts."""
    seen: set[tuple[str, str]] = set()
    for device in sorted(devices, key=lambda device: (device.parent_device_id or "", device.id)):
        if not seen & {*device.connections}:
            yield device
        seen |= {*device.connections}


def _of_device(
    device: DeviceEntry, entities: Sequence[EnergyEntity], domains: frozenset[str]
) -> Iterator[Meter]:
    energies = [entity for entity in entities if entity.quantity is MeasuredQuantity.ENERGY]
    powers = [entity for entity in entities if entity.quantity is MeasuredQuantity.POWER]
    position, channels = _channels(energies or powers)
    for channel in channels:

        def of_channel(some: Sequence[EnergyEntity], channel: str = channel) -> list[EnergyEntity]:
            if not channel:
                return list(some)
            return [one for one in some if one.parts[position : position + 1] == (channel,)]

        imported, exported = _directions(of_channel(energies))
        power, exported_power = _directions(of_channel(powers))
        counted = (*imported, *exported)
        labels = frozenset().union(*(entity.labels for entity in counted))
        first = next(iter((*counted, *power)), None)
        if first is None:
            continue
        yield Meter(
            id=f"{device.id}/{channel}" if channel else device.id,
            device_id=device.id,
            device_name=device.shown_name,
            platform=first.platform,
            name=f"{device.shown_name} {channel}".strip(),
            area_id=device.area_id,
            imported=imported,
            exported=exported,
            power=power[0] if len(power) == 1 else None,
            exported_power=exported_power[0] if len(exported_power) == 1 else None,
            label=chosen(labels) or chosen(device.labels),
            guess=guess(_traits(device, entities, domains, has_both=bool(imported and exported))),
        )


def _traits(
    device: DeviceEntry,
    entities: Sequence[EnergyEntity],
    domains: frozenset[str],
    *,
    has_both: bool,
) -> Traits:
    texts = (device.name, device.name_by_user, device.manufacturer, device.model, device.model_id)
    known = words(*(text for text in texts if text), *(entity.platform for entity in entities))
    known = known.union(*(entity.words for entity in entities))
    types = " ".join(sorted({entity.device_type for entity in entities}))
    return Traits(known, domains, types, has_both)


def _channels(entities: Sequence[EnergyEntity]) -> tuple[int, list[str]]:
    """Return where the unique ids of alike entities differ, and the channels found there.

    Alike are totals whose unique ids differ in one number only. Without such ones there is one
    channel, the empty text.
    """
    whole = [entity for entity in entities if not entity.words & (PARTIAL | OF_A_PERIOD)]
    by_form: dict[tuple[str, ...], list[EnergyEntity]] = {}
    for entity in whole:
        form = tuple("#" if part.isdigit() else part for part in entity.parts)
        by_form.setdefault(form, []).append(entity)
    alike = max(by_form.values(), key=len, default=[])
    if len(alike) > 1:
        for position, parts in enumerate(zip(*(one.parts for one in alike), strict=True)):
            if len({*parts}) == len(alike):
                return position, sorted(parts)
    return 0, [""]


def _directions(
    entities: Sequence[EnergyEntity],
) -> tuple[tuple[EnergyEntity, ...], tuple[EnergyEntity, ...]]:
    """Return the entities that count each unit once: what is imported, and what is exported."""
    exported = [entity for entity in entities if entity.words & EXPORTED]
    imported = [entity for entity in entities if entity not in exported]
    return _counted_once(imported), _counted_once(exported)


def _counted_once(entities: Sequence[EnergyEntity]) -> tuple[EnergyEntity, ...]:
    lasting = [entity for entity in entities if not entity.words & OF_A_PERIOD] or entities
    if whole := [entity for entity in lasting if not entity.words & PARTIAL]:
        return (min(whole, key=_rank),)
    return tuple(sorted(lasting, key=lambda entity: entity.entity_id))


def _rank(entity: EnergyEntity) -> tuple[bool, bool, int, str]:
    """Return the place of one of several entities for the same: the best is the least."""
    words = entity.words
    is_total = bool(words & WHOLE)
    return (bool(words & OF_DEMAND), not is_total, len(entity.parts), entity.entity_id)
