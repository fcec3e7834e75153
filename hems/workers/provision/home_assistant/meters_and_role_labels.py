"""Read the inventory of meters, and give each new meter the label of its role.

The label is where a person corrects the role (protocols/meters/meter_roles.py). A meter gets it
once its entities have been the same for two rounds: a Zigbee device announces one after another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from loguru import logger

from hems.clients.home_assistant.admin_session import AdminSession
from hems.errors import Rejected
from hems.protocols.home_assistant.device_registry import DeviceEntry
from hems.protocols.meters.household_meters import HouseholdMeters, household_meters
from hems.protocols.meters.meter_inventory import Meter
from hems.protocols.meters.meter_roles import LABELS, Role


class MeterRegister:
    """The part of the set-up that finds the meters. The dashboards are made of what it found.

    `language` is the family's, two letters; labels have names in it.
    """

    def __init__(self, language: str) -> None:
        self._language = language
        self._before: tuple[Meter, ...] = ()
        self.home = HouseholdMeters()

    @property
    def meters(self) -> tuple[Meter, ...]:
        """Return every meter."""
        return self.home.meters

    @property
    def roles(self) -> Mapping[str, Role]:
        """Return the role of each meter, by its id."""
        return self.home.roles

    @property
    def others(self) -> Sequence[Meter]:
        """Return the meters that are no Linky."""
        return self.home.others

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
        self._before = self.meters
        devices = session.devices()
        self.home = household_meters(session.entities(), session.states(), devices)
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
