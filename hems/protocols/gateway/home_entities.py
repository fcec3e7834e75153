"""The home as a device in Home Assistant: its power, energy and costs, for the family.

As with the gateway's entities, the ids begin with `home_` on every gateway, and the node makes the
unique ids unique. Only what is measured now has a state class: the rest begins again each day, and
Home Assistant's statistics of the meters have it already.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass, replace

from hems.protocols.gateway.gateway_entities import NODE_DIGITS, digits
from hems.protocols.home_assistant.mqtt_discovery import DiscoveryDevice, Entity
from hems.protocols.linky.packed_values import TempoColour
from hems.protocols.tariffs.price_levels import PriceLevel

PREFIX = "home"
HOME = rf"{PREFIX}_[0-9a-f]{{{NODE_DIGITS}}}"  # the node
COLOURS = (TempoColour.BLUE, TempoColour.WHITE, TempoColour.RED)


@dataclass(frozen=True)
class HomeParts:
    """What the home has: a contract with prices, a price for its surplus, and so on."""

    has_prices: bool = False
    has_feed_in: bool = False
    has_export: bool = False
    has_solar: bool = False
    has_tempo: bool = False

    def __or__(self, other: HomeParts) -> HomeParts:
        """Return what one of both has."""
        pairs = zip(astuple(self), astuple(other), strict=True)
        return HomeParts(*(one or another for one, another in pairs))


def device(identity: str, version: str) -> DiscoveryDevice:
    """Return the device of the home whose gateway the text `identity` identifies."""
    return DiscoveryDevice(
        node=f"{PREFIX}_{digits(identity)}",
        name="Home",
        manufacturer="SmartCORE",
        model="Home",
        sw_version=version,
        entity_prefix=PREFIX,
    )


def attributes_key(key: str) -> str:
    """Return the key of the object that has the attributes of an entity, in the state."""
    return f"{key}_attributes"


def entities(parts: HomeParts, currency: str) -> tuple[Entity, ...]:
    """Return the entities of a home that has these parts."""
    money = replace(_PRICE, unit=f"{currency}/kWh"), *_PRICE_WORDS, *_money(_COSTS, currency)
    return (
        *_ALWAYS,
        *(money if parts.has_prices else ()),
        *(_money(_FEED_IN, currency) if parts.has_feed_in else ()),
        *(_EXPORT if parts.has_export else ()),
        *(_SOLAR if parts.has_solar else ()),
        *(_TEMPO if parts.has_tempo else ()),
    )


def _energy(key: str, name: str) -> Entity:
    return Entity(key, name, device_class="energy", unit="kWh", precision=1)


def _money(names: Mapping[str, str], currency: str) -> Iterator[Entity]:
    for key, name in names.items():
        yield Entity(
            key,
            name,
            device_class="monetary",
            unit=currency,
            precision=2,
            attributes_key=attributes_key(key),
        )


_ALWAYS = (
    Entity("power_now", "Power now", device_class="power", state_class="measurement", unit="W"),
    Entity("subscribed_power", "Subscribed power", device_class="apparent_power", unit="VA"),
    _energy("energy_today", "Energy today"),
    _energy("energy_yesterday", "Energy yesterday"),
    _energy("energy_yesterday_by_now", "Energy yesterday by this time"),
    _energy("energy_last_week_by_now", "Energy a week ago by this time"),
    _energy("energy_month", "Energy this month"),
)
_PRICE = Entity("price_now", "Price now", state_class="measurement", precision=4)
_PRICE_WORDS = (
    Entity("tariff_now", "Tariff now"),
    Entity("price_level", "Price level", device_class="enum", options=tuple(PriceLevel)),
    Entity(
        "next_price_change",
        "Next price change",
        device_class="timestamp",
        attributes_key=attributes_key("next_price_change"),
    ),
)
_COSTS = {
    "cost_today": "Cost today",
    "cost_yesterday": "Cost yesterday",
    "cost_month": "Cost this month",
}
_FEED_IN = {"feed_in_today": "Feed-in today", "feed_in_month": "Feed-in this month"}
_EXPORT = (_energy("exported_today", "Exported today"),)
_SOLAR = (
    _energy("solar_today", "Solar energy today"),
    Entity("self_consumption", "Self-consumption", unit="%", precision=0),
    Entity("self_sufficiency", "Self-sufficiency", unit="%", precision=0),
)
_TEMPO = tuple(
    Entity(f"tempo_days_left_{colour}", f"Tempo {colour} days left")
    for colour in (one.name.lower() for one in COLOURS)
)
