"""Build the page Home, for the family: power, energy, money, tariff, devices, problems.

Its numbers are those of the device "Home" (worker telemetry); a home without it has the
Linky's. Energy is in kWh. What the home does not have is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from hems.protocols.home_assistant.page_audiences import Audience, path
from hems.protocols.home_assistant.page_cards import (
    FULL,
    GREEN,
    PLAIN,
    RED,
    YELLOW,
    Card,
    having_value,
    icon,
    markdown,
    number,
    one_of,
    section,
    state_is,
    subtitle,
    tile,
    visible,
)
from hems.protocols.home_assistant.page_content import PageContent
from hems.protocols.home_assistant.problem_card import problem_cards
from hems.protocols.meters.meter_roles import Role
from hems.protocols.translations import translated

PATH, TITLE, ICON = "smartcore", "SmartCORE", "mdi:home-lightning-bolt"
POWERS = ("power_now", "power_estimated", "sinsts", "papp")
CONSUMERS = {Role.DEVICE, Role.ROOM}
HIGH, HIGHEST = 0.6, 0.85  # parts of the subscribed power
LEVELS = {  # name, icon, colour
    "cheap": ("Cheap now", "mdi:arrow-down-bold-circle", "green"),
    "normal": ("Normal price now", "mdi:equal-box", "blue"),
    "expensive": ("Expensive now", "mdi:arrow-up-bold-circle", "red"),
}
NEXT_LEVELS = {
    "cheap": ("Cheap from", "green"),
    "normal": ("Normal price from", "blue"),
    "expensive": ("Expensive from", "red"),
}
TEMPO = {"blue": "blue", "white": "light-grey", "red": "red"}
TEMPO_DAYS = {
    "tempo_today": {"blue": "Today: blue", "white": "Today: white", "red": "Today: red"},
    "tempo_tomorrow": {
        "blue": "Tomorrow: blue",
        "white": "Tomorrow: white",
        "red": "Tomorrow: red",
        "not announced": "Tomorrow: not announced yet",
    },
}
DAYS_LEFT = {"blue": "#1e88e5", "white": "#bdbdbd", "red": RED}
Text = Callable[[str], str]


def view(content: PageContent, who: Audience) -> Card:
    """Return the view for this audience."""
    text = partial(translated, language=who.language)
    at_once = (  # what fits on the first screen of a phone
        *_problems(content, who.language),
        *_power(content, text),
        *_numbers(content, text, FIRST | BOUGHT if _has_solar(content) else FIRST),
        *_price(content, text),
    )
    sections = [
        *section(text("Now"), "mdi:flash", at_once),
        *section("Tempo", "mdi:calendar", _tempo(content, text)),
        *section(text("Energy"), "mdi:lightning-bolt", _energy(content, text, who.language)),
        *section(text("Money"), "mdi:cash", _money(content, text, who.language)),
        *section(text("What uses how much"), "mdi:power-plug", _devices(content, text)),
    ]
    return {
        "title": text("Home"),
        "path": path("home", who),
        "icon": "mdi:home-lightning-bolt",
        "type": "sections",
        "max_columns": 3,
        "dense_section_placement": True,
        "sections": sections,
    }


def _problems(content: PageContent, language: str) -> list[Card]:
    problem = content.of_gateway("problem")
    return problem_cards(problem, language, is_detailed=False) if problem else []


def _power(content: PageContent, text: Text) -> Iterator[Card]:
    """Yield the power now: a gauge if the power of the contract is known."""
    power, limit = content.entity(*POWERS) or _grid_power(content), content.subscribed_va
    if power is None:
        return
    name = text("Grid power now" if _has_solar(content) else "Power now")
    if not limit:
        yield {**number(power, name, "mdi:flash"), **FULL}
        return
    low = -limit if _has_solar(content) else 0
    yield {
        "type": "gauge",
        "entity": power,
        "name": name,
        "min": low,
        "max": limit,
        "needle": True,
        "segments": [
            {"from": low, "color": GREEN},
            {"from": round(limit * HIGH), "color": YELLOW},
            {"from": round(limit * HIGHEST), "color": RED},
        ],
        **FULL,
        **visible(having_value(power)),
    }


def _has_solar(content: PageContent) -> bool:
    return "solar" in content.energy_sources


def _grid_power(content: PageContent) -> str | None:
    """Return the power of the meter at the grid, None without one."""
    grids = (one for one in content.meters if content.roles[one.id] is Role.GRID)
    return next((one.power.entity_id for one in grids if one.power), None)


def _price(content: PageContent, text: Text) -> Iterator[Card]:
    """Yield whether it is cheap now, and when that changes."""
    price, level = content.entity("price_now"), content.entity("price_level")
    change = content.entity("next_price_change")
    if level:
        shown: Card = {} if price else {"hide_state": True}
        for state, (name, symbol, color) in LEVELS.items():
            look = {"icon": symbol, "color": color, **shown, **visible(state_is(level, state))}
            yield tile(price or level, text(name), **look)
    elif tariff := content.entity("ltarf", "ptec"):
        yield tile(tariff, text("Current tariff"), icon="mdi:tag")
    if level and change:
        for state, (name, color) in NEXT_LEVELS.items():
            conditions = visible(state_is(change, state, "level"))
            look = {"icon": "mdi:clock-outline", "color": color, "time_format": "time"}
            yield tile(change, text(name), **look, **conditions)
    elif change := content.entity("next_price_change", "next_tariff_change"):
        conditions = visible(having_value(change))
        look = {"icon": "mdi:clock-outline", "time_format": "time"}
        yield tile(change, text("Next tariff change"), **look, **conditions)


def _tempo(content: PageContent, text: Text) -> Iterator[Card]:
    for key, names in TEMPO_DAYS.items():
        entity = content.entity(key)
        for state, name in names.items() if entity else ():
            look = {"icon": "mdi:calendar", "color": TEMPO.get(state, "grey"), "hide_state": True}
            yield tile(str(entity), text(name), **look, **visible(state_is(str(entity), state)))
    left = {colour: content.entity(f"tempo_days_left_{colour}") for colour in DAYS_LEFT}
    if all(left.values()):
        days = " · ".join(f"{dot(one)} {{{{ states('{left[one]}') }}}}" for one in left)
        yield markdown(f"{text('Days left:')} {days}")


def dot(colour: str) -> str:
    """Return a dot of this colour of Tempo."""
    return icon("mdi:circle", DAYS_LEFT[colour])


def _energy(content: PageContent, text: Text, language: str) -> Iterator[Card]:
    """Yield how the energy of today compares, and how it went by the hour."""
    yield from _comparison(content, text, language)
    yield from _numbers(content, text, SOLAR if _has_solar(content) else TOTALS)
    if {"grid", "solar"} & content.energy_sources:
        yield {"type": "energy-usage-graph", **FULL}


def _numbers(content: PageContent, text: Text, names: Mapping[str, str]) -> Iterator[Card]:
    for key, name in names.items():
        if entity := content.entity(key):
            yield number(entity, text(name), ICONS[key])


FIRST = {"cost_today": "Cost today", "energy_today": "Used today"}
BOUGHT = {"energy_today": "Bought today"}  # where the panels give the rest
TOTALS = {"energy_month": "This month", "energy_yesterday": "Yesterday"}
SOLAR = {
    "solar_today": "Solar today",
    "exported_today": "Sold today",
    "self_consumption": "Solar used here",
    "self_sufficiency": "Covered by solar",
    **TOTALS,
}
COSTS = {"cost_month": "This month", "cost_yesterday": "Yesterday"}
EARNED = {"feed_in_today": "Earned today", "feed_in_month": "Earned this month"}
ICONS = {
    "energy_today": "mdi:lightning-bolt",
    "energy_yesterday": "mdi:calendar-arrow-left",
    "energy_month": "mdi:calendar-month",
    "solar_today": "mdi:solar-power",
    "exported_today": "mdi:transmission-tower-import",
    "self_consumption": "mdi:home-import-outline",
    "self_sufficiency": "mdi:solar-power-variant",
    "cost_today": "mdi:cash",
    "cost_yesterday": "mdi:calendar-arrow-left",
    "cost_month": "mdi:calendar-month",
}
COMPARED = {
    "energy_yesterday_by_now": "than yesterday by this time",
    "energy_last_week_by_now": "than a week ago by this time",
}


def _comparison(content: PageContent, text: Text, language: str) -> Iterator[Card]:
    today = content.entity("energy_today")
    others = {key: entity for key in COMPARED if (entity := content.entity(key))}
    lines = [
        f"{{% set other = states('{entity}') | float(0) %}}{{% if other > 0 %}}"
        "{% set part = ((now_kwh / other - 1) * 100) | round(0) | int %}"
        f"{{% if part > 0 %}}{icon('mdi:arrow-up-bold', RED)}{{% else %}}"
        f"{icon('mdi:arrow-down-bold', GREEN)}{{% endif %}} **{{{{ part | abs }}}} % "
        f"{{{{ {text('more')!r} if part > 0 else {text('less')!r} }}}}** {text(COMPARED[key])} "
        f"({{{{ {_decimal('other', language)} }}}} kWh)\n\n{{% endif %}}"
        for key, entity in others.items()
    ]
    if today and lines:
        begin = f"{{% set now_kwh = states('{today}') | float(0) %}}"
        known = one_of(having_value(one) for one in others.values())
        yield markdown(begin + "".join(lines), having_value(today), known)


def _money(content: PageContent, text: Text, language: str) -> Iterator[Card]:
    yield from _numbers(content, text, COSTS)
    for key, name in EARNED.items():
        if entity := content.entity(key):
            yield tile(entity, text(name), icon="mdi:cash-plus", color="green")
    for key, name in (("cost_today", "Today"), ("cost_month", "This month")):
        if entity := content.entity(key):
            yield markdown(_by_tariff(entity, text(name), text, language), having_value(entity))


def _by_tariff(entity: str, title: str, text: Text, language: str) -> str:
    """Return a table of the tariffs: what was used, and what it cost."""
    kwh, cost = (_decimal(f"one.{name}", language, digits) for name, digits in COLUMNS)
    standing = _decimal("standing", language, 2)
    return (
        f"{PLAIN}{{% set unit = state_attr('{entity}', 'unit_of_measurement') %}}"
        "{% set unit = {'EUR': '€', 'GBP': '£', 'CHF': 'CHF'}.get(unit, unit) %}"
        f"{{% set standing = state_attr('{entity}', 'standing_charge') %}}"
        f"| {title} | kWh | {{{{ unit }}}} |\n|:--|--:|--:|\n"
        f"{{% for one in state_attr('{entity}', 'by_tariff') or [] %}}"
        f"| {{{{ plain(one.name) }}}} | {{{{ {kwh} }}}} | {{{{ {cost} }}}} |\n{{% endfor %}}"
        "{% if standing is number %}"
        f"| {text('Standing charge')} | | {{{{ {standing} }}}} |\n{{% endif %}}"
    )


COLUMNS = (("kWh", 1), ("cost", 2))  # as telemetry lists them


def _devices(content: PageContent, text: Text) -> Iterator[Card]:
    """Yield what each device uses now, and how much it has used today."""
    meters = [one for one in content.meters if content.roles[one.id] in CONSUMERS]
    powers = [{"entity": one.power.entity_id, "name": one.name} for one in meters if one.power]
    if powers:
        yield subtitle(text("Power now"))
        yield {"type": "entities", "entities": powers, **FULL}
    if "device" in content.energy_sources:
        yield subtitle(text("Energy today"))
        yield {"type": "energy-devices-graph", "modes": ["bar"], **FULL}


def _decimal(expression: str, language: str, digits: int = 1) -> str:
    """Return the number as people write it in the language, as an expression of Jinja."""
    mark = "" if language == "en" else ".replace('.', ',')"
    return f"('%.{digits}f' | format({expression} | float(0))){mark}"
