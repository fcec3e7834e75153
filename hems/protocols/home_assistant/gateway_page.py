"""Build the page Gateway, for installer and operator: problems, meters, units, machine, tests.

Only administrators see it. It has what Home knows of the gateway, and the buttons of its device.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial

from hems.protocols.gateway.gateway_entities import (
    BLINK,
    SERVICES,
    UNIT_STATES,
    RebootState,
    restart_key,
)
from hems.protocols.gateway.watchdog_report import Internet
from hems.protocols.home_assistant.page_audiences import Audience, path
from hems.protocols.home_assistant.page_cards import (
    FULL,
    PLAIN,
    Card,
    having_value,
    markdown,
    quoted,
    section,
    state_is,
    tile,
    visible,
)
from hems.protocols.home_assistant.page_content import PageContent
from hems.protocols.home_assistant.problem_card import DATE, DATES, problem_cards
from hems.protocols.meters.meter_roles import LABELS
from hems.protocols.translations import translated

PATH, TITLE, ICON = "smartcore-gateway", "Gateway", "mdi:router-network"
ZHA = "/config/zha/dashboard"
LINKY_POWER, LINKY_ENERGY = "power_estimated", "energy_total"
MACHINE = {  # name, icon
    "last_reading_age": ("Newest reading", "mdi:clock-outline"),
    "cpu_temperature": ("CPU temperature", "mdi:thermometer"),
    "memory_used": ("Memory used", "mdi:memory"),
    "disk_used": ("Disk used", "mdi:sd"),
    "disk_free": ("Disk free", "mdi:sd"),
    "disk_written": ("Written to disk", "mdi:pencil"),
    "certificate_days_left": ("Certificate valid for", "mdi:certificate"),
    "refused_in_an_hour": ("Refused frames and logins", "mdi:shield-alert"),
    "uptime_hours": ("Uptime", "mdi:timer-outline"),
    "version": ("Version", "mdi:tag"),
    "os_version": ("Operating system", "mdi:linux"),
}
INTERNET = {  # name, colour
    Internet.ONLINE: ("Internet: online", "green"),
    Internet.PORTAL: ("Internet: the network asks for a login", "orange"),
    Internet.LAN_ONLY: ("Internet: only the local network answers", "red"),
    Internet.NO_LINK: ("Internet: neither cable nor Wi-Fi", "red"),
}
REBOOTS = {
    RebootState.NONE_DUE: ("No reboot is due", "green"),
    RebootState.DUE: ("A reboot is due", "orange"),
    RebootState.EXHAUSTED: ("Reboots have not helped", "red"),
    RebootState.HELD_BACK: ("Reboots are held back", "red"),
}
UNITS = {  # the states of hems/supervision/units/unit_phase.py
    "active": "works",
    "activating": "starts",
    "reloading": "reloads",
    "deactivating": "stops",
    "auto-restart": "restarts",
    "waiting": "waits",
    "inactive": "is off",
    "exited": "has ended",
    "failed": "has failed",
}
Text = Callable[[str], str]


def view(content: PageContent, who: Audience) -> Card:
    """Return the view for this audience."""
    text = partial(translated, language=who.language)
    sections = [
        *section(text("State"), "mdi:heart-pulse", _state(content, text, who.language)),
        *section(text("Meters"), "mdi:meter-electric", _meters(content, text, who.language)),
        *section(text("Zigbee"), "mdi:zigbee", _zigbee(content, text)),
        *section(text("Units"), "mdi:cogs", _units(content, text)),
        *section(text("Machine"), "mdi:raspberry-pi", _machine(content, text)),
        *section(text("Tests"), "mdi:gesture-tap-button", _tests(content, who.language)),
    ]
    return {
        "title": text(TITLE),
        "path": path("gateway", who),
        "icon": ICON,
        "type": "sections",
        "max_columns": 3,
        "dense_section_placement": True,
        "sections": sections,
    }


def _state(content: PageContent, text: Text, language: str) -> Iterator[Card]:
    if problem := content.of_gateway("problem"):
        yield from problem_cards(problem, language, is_detailed=True)
    for key, names, icon in (
        ("internet", INTERNET, "mdi:web"),
        ("reboots", REBOOTS, "mdi:restart"),
    ):
        entity = content.of_gateway(key)
        for state, (name, color) in names.items() if entity else ():
            look = {"icon": icon, "color": color, "hide_state": True}
            yield tile(str(entity), text(name), **look, **visible(state_is(str(entity), state)))
    if repair := content.of_gateway("last_repair"):
        date = DATES.get(language, DATE)
        said = (
            f"{PLAIN}{text('Last repair:')} {{{{ states('{repair}') | as_timestamp(0) | "
            f"timestamp_custom('{date}') }}}}: {{{{ plain(state_attr('{repair}', "
            f"'last_repair_action')) }}}} ({{{{ plain(state_attr('{repair}', "
            "'last_repair_reason')) }})"
        )
        yield markdown(said, having_value(repair))


def _meters(content: PageContent, text: Text, language: str) -> Iterator[Card]:
    """Yield each meter: its role, its values, the age of the newest one, its signal."""
    roles = {role: label.names[language] for role, label in LABELS.items()}
    lines = [
        _meter(
            f"Linky {node.name.removeprefix('d2l_')}",
            (
                roles[content.role_of_linky(node)],
                node.entities.get(LINKY_POWER),
                node.entities.get(LINKY_ENERGY),
            ),
            _since(node.entities.get("last_frame")),
            None,
        )
        for node in content.linkys
    ]
    ages = content.of_gateway("last_reading_age")
    for meter in content.meters:
        age = f"(state_attr('{ages}', 'reading_ages') or {{}}).get({quoted(meter.device_name)})"
        power = meter.power.entity_id if meter.power else None
        total = next((one.entity_id for one in (*meter.imported, *meter.exported)), None)
        cells = (roles[content.roles[meter.id]], power, total)
        signal = content.signals.get(meter.device_id)
        lines.append(_meter(meter.name, cells, age if ages else "none", signal))
    if lines:
        words = f"{{% set signal = {quoted(text('Signal'))} %}}"
        yield markdown(f"{PLAIN}{_VALUES}{words}{''.join(lines)}")


def _meter(
    name: str, cells: tuple[str, str | None, str | None], age: str, signal: str | None
) -> str:
    """Return the lines of a meter; `cells` are the role and the entities of power and energy.

    `age` is an expression (min), `signal` an entity.
    """
    role, power, energy = cells
    values = [
        *([f"{{{{ watts('{power}') }}}}"] if power else []),
        *([f"{{{{ kwh('{energy}') }}}}"] if energy else []),
        f"{{{{ age({age}) }}}}",
        *([f"{{{{ signal }}}} {{{{ states('{signal}') }}}}"] if signal else []),
    ]
    role = role.rpartition(":")[2].strip()
    return f"**{{{{ plain({quoted(name)}) }}}}** ({role})<br>{' · '.join(values)}\n\n"


def _since(entity: str | None) -> str:
    """Return the age (min) of a time, as an expression."""
    if entity is None:
        return "none"
    return f"((as_timestamp(now()) - as_timestamp(states('{entity}'), 0)) / 60)"


_VALUES = (
    "{% macro age(minutes) %}{% if minutes is not number or minutes > 9999999 %}-"
    "{% elif minutes < 120 %}{{ minutes | round(0) | int }} min"
    "{% else %}{{ (minutes / 60) | round(0) | int }} h{% endif %}{% endmacro %}"
    "{% macro watts(entity) %}{% if states(entity) | is_number %}"
    "{{ states(entity, rounded=True, with_unit=True) }}{% else %}-{% endif %}{% endmacro %}"
    "{% macro kwh(entity) %}{% if states(entity) | is_number %}"
    "{% set unit = state_attr(entity, 'unit_of_measurement') %}"
    "{% set factor = {'Wh': 0.001, 'MWh': 1000}.get(unit, 1) %}"
    "{{ (states(entity) | float * factor) | round(1) }} kWh{% else %}-{% endif %}{% endmacro %}"
)


def _zigbee(content: PageContent, text: Text) -> Iterator[Card]:
    if button := content.of_gateway("zigbee_joining"):
        yield _button(button, text("Let meters join for five minutes"), "mdi:plus-network")
    if until := content.of_gateway("zigbee_joining_until"):
        conditions = visible(having_value(until))
        yield tile(until, text("Joining is open until"), icon="mdi:timer-sand", **conditions)
    if joined := content.of_gateway("zigbee_last_joined"):
        said = ["state", "model", "measures", "lqi"]
        conditions = visible(having_value(joined))
        yield tile(joined, text("Last joined"), state_content=said, **conditions)
    if name := content.of_gateway("zigbee_last_joined_name"):
        yield {
            "type": "entities",
            "entities": [{"entity": name, "name": text("Its name")}],
            **FULL,
            **visible(having_value(name)),
        }
    if content.of_gateway("zigbee_joining"):
        link = {"action": "navigate", "navigation_path": ZHA}
        heading = text("Radio and network")
        yield {
            "type": "heading",
            "heading_style": "subtitle",
            "heading": heading,
            "icon": "mdi:radio-tower",
            "tap_action": link,
        }


def _units(content: PageContent, text: Text) -> Iterator[Card]:
    """Yield a table of the units: state, restarts, and the reasons of both."""
    rows = [_unit(key, entity, content) for key, entity in _unit_entities(content)]
    if rows:
        words = {state: text(UNITS.get(state, state)) for state in UNIT_STATES}
        said = json.dumps(words, ensure_ascii=False)
        head = f"| {text('Unit')} | {text('State')} | {text('Restarts')} |\n|:--|:--|--:|\n"
        yield markdown(f"{PLAIN}{{% set said = {said} %}}{head}{''.join(rows)}")


def _unit_entities(content: PageContent) -> list[tuple[str, str]]:
    return sorted(
        (key, entity)
        for gateway in content.gateways
        for key, entity in gateway.entities.items()
        if key.startswith("unit_") and not key.endswith("_restarts")
    )


def _unit(key: str, entity: str, content: PageContent) -> str:
    restarts = content.of_gateway(f"{key}_restarts")
    count = f"{{{{ states('{restarts}') }}}}" if restarts else ""
    name = key.removeprefix("unit_").replace("_", "-")
    reasons = "".join(
        f"{{% set why = state_attr('{entity}', '{key}_{which}') %}}"
        "{% if why %} · {{ plain(why) }}{% endif %}"
        for which in ("reason", "restart_reason")
    )
    state = f"{{{{ said[states('{entity}')] | default('-') }}}}"
    return f"| {name} | {state}{reasons} | {count} |\n"


def _machine(content: PageContent, text: Text) -> Iterator[Card]:
    rows = [
        {"entity": entity, "name": text(name), "icon": icon}
        for key, (name, icon) in MACHINE.items()
        if (entity := content.of_gateway(key))
    ]
    if rows:
        yield {"type": "entities", "entities": rows, **FULL}
    if content.home_assistant:
        yield markdown(f"Home Assistant {content.home_assistant}")
    if temperature := content.of_gateway("cpu_temperature"):
        yield {
            "type": "history-graph",
            "hours_to_show": 24,
            "entities": [{"entity": temperature, "name": text("CPU temperature")}],
            **FULL,
            **visible(having_value(temperature)),
        }


def _tests(content: PageContent, language: str) -> Iterator[Card]:
    if blink := content.of_gateway(BLINK):
        yield _button(blink, translated("Blink the LEDs", language), "mdi:led-on")
    for service, subject in SERVICES.items():
        if button := content.of_gateway(restart_key(service)):
            name = translated(subject, language)
            text = partial(translated, language=language, subject=name)
            question = text("Restart {subject} now?")
            yield _button(button, text("Restart {subject}"), "mdi:restart", question)


def _button(entity: str, name: str, icon: str, question: str = "") -> Card:
    """Return a tile that presses a button, after a question if there is one."""
    press: Card = {
        "action": "perform-action",
        "perform_action": "button.press",
        "target": {"entity_id": entity},
    }
    if question:
        press["confirmation"] = {"text": question}
    look = {"icon": icon, "hide_state": True, "tap_action": press, "icon_tap_action": press}
    return tile(entity, name, **look)
