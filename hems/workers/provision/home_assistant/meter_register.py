"""Read the register of meters, and give each new meter the label of its role.

The label is where a person corrects the role (protocols/meters/meter_roles.py). A meter gets it
once its entities have been the same for two rounds: a Zigbee device announces one after another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from loguru import logger

from hems.clients.home_assistant.admin_session import AdminSession
from hems.errors import Rejected
from hems.protocols.home_assistant.device_registry import DeviceEntry
from hems.protocols.home_assistant.energy_dashboard import INJECTED, POWERS, TARIFFS, total_keys
from hems.protocols.home_assistant.entity_registry import (
    METER,
    RegistryEntry,
    nodes,
)
from hems.protocols.meters.energy_entities import EnergyEntity, energy_entities
from hems.protocols.meters.meter_register import Meter, meters, roles
from hems.protocols.meters.meter_roles import LABELS, Role


class MeterRegister:
    """The part of the set-up that finds the meters. The dashboards are made of what it found.

    `language` is the family's, two letters; labels have names in it.
    """

    def __init__(self, language: str) -> None:
        self._language = language
        self._before: tuple[Meter, ...] = ()
        self.meters: tuple[Meter, ...] = ()
        self.roles: Mapping[str, Role] = {}
        self.others: Sequence[Meter] = ()  # without Linky meters
        self.tariffs: Sequence[Sequence[str]] = ()  # the tariff indexes of each Linky

    @property
    def is_settled(self) -> bool:
        """Return whether every meter has its label, and is as it was before."""
        return self.meters == self._before and all(meter.label for meter in self.meters)

    @property
    def counted(self) -> list[tuple[Meter, Role]]:
        """Return the meters besides a Linky with their roles, but for those that do not count."""
        pairs = ((meter, self.roles[meter.id]) for meter in self.others)
        return [(meter, role) for meter, role in pairs if role is not Role.NONE]

    def set_up(self, session: AdminSession, _now: float) -> None:
        """Read the registries, and label what is new. Raises HemsError."""
        registry = session.entities()
        found = energy_entities(registry, session.states())
        self.tariffs = _tariffs(registry)
        entities = [*_without_parts(found, registry)]
        self._before = self.meters
        devices = session.devices()
        self.meters = meters(devices, entities, _domains(registry))
        self.roles = roles(self.meters)
        linkys = nodes(registry, METER)
        of_linky = {entity for linky in linkys for entity in linky.entities.values()}
        self.others = [
            meter
            for meter in self.meters
            if not of_linky & {entity.entity_id for entity in meter.entities}
        ]
        if not all(meter.label for meter in self.meters):
            self._label(session, devices)

    def _label(self, session: AdminSession, devices: Iterable[DeviceEntry]) -> None:
        _make_labels(session, self._language)
        labels = {device.id: device.labels for device in devices}
        for meter in self.meters:
            if meter.label or meter not in self._before:
                continue
            role = self.roles[meter.id]
            of_device = labels[meter.device_id]
            if not {*Role} & {*of_device}:
                labels[meter.device_id] = (*of_device, role.value)
                session.label_device(meter.device_id, labels[meter.device_id])
                logger.info("{} is a meter; its role is {}", meter.name, LABELS[role].names["en"])


def _make_labels(session: AdminSession, language: str) -> None:
    """Make the labels that are missing, with names in `language`."""
    existing = {label.label_id for label in session.labels()}
    for role in Role:
        if role in existing:
            continue
        icon, names = LABELS[role]
        label = session.create_label(role.name_in_english, icon)
        if label.label_id != role:
            raise Rejected(
                f"Home Assistant: the label {role.name_in_english} got the id {label.label_id},"
                f" expected {role}: remove the label of that name"
            )
        session.rename_label(role, names.get(language, names["en"]))


def _domains(registry: Iterable[RegistryEntry]) -> dict[str, frozenset[str]]:
    """Return the domains of the visible entities of each device, by its id."""
    domains: dict[str, set[str]] = {}
    for entry in registry:
        if entry.device_id and not (entry.disabled_by or entry.hidden_by):
            domains.setdefault(entry.device_id, set()).add(entry.entity_id.partition(".")[0])
    return {device: frozenset(some) for device, some in domains.items()}


def _without_parts(
    entities: Iterable[EnergyEntity], registry: Iterable[RegistryEntry]
) -> Iterator[EnergyEntity]:
    """Yield the entities without those of a Linky that count what its total counts, too."""
    kept, all_of_linky = set[str](), set[str]()
    for linky in nodes(registry, METER):
        keys = (*total_keys(linky), INJECTED, *[key for key in POWERS if key in linky.entities][:1])
        kept |= {linky.entities[key] for key in keys if key in linky.entities}
        all_of_linky |= {*linky.entities.values()}
    for entity in entities:
        if entity.entity_id in kept or entity.entity_id not in all_of_linky:
            yield entity


def _tariffs(registry: Iterable[RegistryEntry]) -> list[list[str]]:
    return [
        [linky.entities[key] for key in TARIFFS if key in linky.entities]
        for linky in nodes(registry, METER)
    ]
