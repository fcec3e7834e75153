"""What a meter is for: its role in the energy dashboard, which its label in Home Assistant says.

The gateway guesses the role of a new meter and gives its device a label. Whoever knows better
changes that label on the page of the device; an entity's own label goes before that of its device.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import NamedTuple


class Role(StrEnum):
    """The role of a meter; the values are the ids of the labels."""

    GRID = "smartcore_grid"
    SOLAR = "smartcore_solar"
    BATTERY = "smartcore_battery"
    DEVICE = "smartcore_device"
    ROOM = "smartcore_room"  # it measures what else is measured in its room
    NONE = "smartcore_not_counted"

    @property
    def name_in_english(self) -> str:
        """Return the name of which Home Assistant makes the label's id."""
        return self.value.replace("_", " ")


class Label(NamedTuple):
    """How a role's label looks: its icon, and its name by language."""

    icon: str
    names: dict[str, str]


LABELS = {
    Role.GRID: Label(
        "mdi:transmission-tower",
        {
            "en": "SmartCORE: grid",
            "fr": "SmartCORE : réseau",
            "nl": "SmartCORE: net",
            "de": "SmartCORE: Netz",
        },
    ),
    Role.SOLAR: Label(
        "mdi:solar-power",
        {
            "en": "SmartCORE: solar",
            "fr": "SmartCORE : solaire",
            "nl": "SmartCORE: zon",
            "de": "SmartCORE: Solar",
        },
    ),
    Role.BATTERY: Label(
        "mdi:home-battery",
        {
            "en": "SmartCORE: battery",
            "fr": "SmartCORE : batterie",
            "nl": "SmartCORE: batterij",
            "de": "SmartCORE: Batterie",
        },
    ),
    Role.DEVICE: Label(
        "mdi:power-plug",
        {
            "en": "SmartCORE: device",
            "fr": "SmartCORE : appareil",
            "nl": "SmartCORE: apparaat",
            "de": "SmartCORE: Gerät",
        },
    ),
    Role.ROOM: Label(
        "mdi:floor-plan",
        {
            "en": "SmartCORE: all of its room",
            "fr": "SmartCORE : toute sa pièce",
            "nl": "SmartCORE: hele kamer",
            "de": "SmartCORE: ganzer Raum",
        },
    ),
    Role.NONE: Label(
        "mdi:cancel",
        {
            "en": "SmartCORE: not counted",
            "fr": "SmartCORE : non compté",
            "nl": "SmartCORE: niet meegeteld",
            "de": "SmartCORE: nicht gezählt",
        },
    ),
}

GRID_METERS = frozenset(  # integrations, makers and models of the meter at the grid
    {"dsmr", "dsmr_reader", "linky", "lixee", "p1", "slimmelezer", "tic", "ticmeter", "zlinky"}
)
SOLAR_WORDS = frozenset(
    {
        *("enphase", "fronius", "growatt", "hoymiles", "inverter", "microinverter", "omvormer"),
        *(
            "onduleur",
            "panneaux",
            "photovoltaic",
            "photovoltaik",
            "photovoltaïque",
            "pv",
            "solaire",
            "solaires",
            "solar",
        ),
        *("solaredge", "solarnet", "wechselrichter", "zon", "zonnepanelen"),
    }
)
BATTERY_WORDS = frozenset(
    {"accu", "akku", "batterie", "batterij", "battery", "powerwall", "thuisbatterij"}
)
GENERATORS = ("pv", "wind", "generat")  # in a device type of the Zigbee cluster library
SWITCHED = frozenset({"climate", "fan", "light", "switch", "water_heater"})  # they use energy


class Traits(NamedTuple):
    """What is known of a meter whose role is guessed.

    `words` are those of its integration, maker, model and names, in lower case; `domains` are those
    of all entities of its device.
    """

    words: Collection[str]
    domains: Collection[str]
    device_type: str
    has_both_directions: bool


def chosen(labels: Collection[str]) -> Role | None:
    """Return the role that a person or the gateway chose with a label, None without one."""
    return next((role for role in Role if role in labels), None)


def guess(traits: Traits) -> Role | None:
    """Return the role of a meter from what it says of itself, None if that may be the grid's.

    A meter with a switch is a plug, whatever it is called: it may measure a small solar panel, but
    only a person knows that.
    """
    words = {*traits.words}
    if words & GRID_METERS:
        return Role.GRID
    if any(word in traits.device_type.lower() for word in GENERATORS):
        return Role.SOLAR
    if words & BATTERY_WORDS and traits.has_both_directions:
        return Role.BATTERY
    if words & SOLAR_WORDS:
        return Role.SOLAR
    if SWITCHED & {*traits.domains}:
        return Role.DEVICE
    return None
