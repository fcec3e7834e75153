import re
from dataclasses import replace
from typing import Any

import jinja2
import pytest

from hems.protocols.home_assistant import home_page
from hems.protocols.home_assistant.entity_registry import DeviceEntities
from hems.protocols.home_assistant.page_audiences import Audience
from hems.protocols.home_assistant.page_cards import having_value
from hems.protocols.home_assistant.page_content import PageContent
from hems.protocols.meters.meter_roles import Role
from tests.protocols.home_assistant.pages import HOME_KEYS, cards, full, headings

HERE, LINKY = "sensor.home_0123456789ab_", "sensor.d2l_012345678901_"


def page(content: PageContent, language: str = "en") -> dict[str, Any]:
    return home_page.view(content, Audience(language))


def entities(view: dict[str, Any]) -> list[str]:
    named = [card["entity"] for card in cards(view) if "entity" in card]
    listed = [row["entity"] for card in cards(view) for row in card.get("entities", ())]
    return [*named, *listed]


def without(content: PageContent, *beginnings: str) -> PageContent:
    """Return the content whose home has no entity that begins so."""
    (own,) = content.homes
    kept = {key: one for key, one in own.entities.items() if not key.startswith(beginnings)}
    return replace(content, homes=(DeviceEntities(own.name, kept),))


def test_all_that_a_home_has_is_on_its_page() -> None:
    view = page(full())
    assert headings(view) == ["Now", "Tempo", "Energy", "Money", "What uses how much"]
    text = str(view)
    used = {*HOME_KEYS} - {"subscribed_power", "tariff_now"}  # the gauge's end; the tables
    assert [key for key in used if not re.search(rf"{HERE}{key}\b", text)] == []


def test_the_first_screen_has_power_cost_price_and_problems() -> None:
    first = [
        (card["type"], card.get("entity", "")) for card in page(full())["sections"][0]["cards"]
    ]
    assert first[4:7] == [
        ("gauge", f"{HERE}power_now"),
        ("entity", f"{HERE}cost_today"),
        ("entity", f"{HERE}energy_today"),
    ]
    assert {kind for kind, _ in first[1:4]} == {"markdown"}  # problems, or that there is none
    assert [one for _, one in first[7:]] == [
        *[f"{HERE}price_now"] * 3,
        *[f"{HERE}next_price_change"] * 3,
    ]


def test_the_gauge_ends_at_the_power_of_the_contract_and_begins_below_zero_with_solar() -> None:
    [gauge] = [card for card in cards(page(full())) if card["type"] == "gauge"]
    assert (gauge["min"], gauge["max"]) == (-9000.0, 9000.0)
    assert [one["from"] for one in gauge["segments"]] == [-9000.0, 5400, 7650]
    grid_only = replace(full(), energy_sources=frozenset({"grid"}))
    [gauge] = [card for card in cards(page(grid_only)) if card["type"] == "gauge"]
    assert gauge["min"] == 0


def test_without_a_known_limit_the_power_is_a_number() -> None:
    view = page(replace(full(), subscribed_va=None))
    assert "gauge" not in {card["type"] for card in cards(view)}
    assert f"{HERE}power_now" in entities(view)


def test_without_prices_there_is_no_money_and_the_tariff_is_the_linkys() -> None:
    view = page(without(full(), "cost", "price", "next_price", "tariff", "feed_in"))
    assert "Money" not in headings(view)
    assert {f"{LINKY}ltarf", f"{LINKY}next_tariff_change"} <= {*entities(view)}
    assert "cheap" not in str(view)


def test_a_home_with_zigbee_plugs_only_has_its_devices() -> None:
    content = replace(
        full(), linkys=(), homes=(), subscribed_va=None, energy_sources=frozenset({"device"})
    )
    plugs = {meter.id: Role.DEVICE for meter in content.meters}
    view = page(replace(content, roles=plugs))
    assert headings(view) == ["Now", "What uses how much"]
    assert [card["type"] for card in cards(view)][3:] == ["entities", "energy-devices-graph"]


def test_a_meter_at_the_grid_gives_the_power_of_a_home_without_a_linky() -> None:
    view = page(replace(full(), linkys=(), homes=()))
    [gauge] = [card for card in cards(view) if card["type"] == "gauge"]
    assert gauge["entity"] == "sensor.Main-1-1794"


def test_a_linky_alone_gives_power_and_tempo() -> None:
    content = replace(full(), homes=(), meters=(), energy_sources=frozenset({"grid"}))
    view = page(content)
    assert headings(view) == ["Now", "Tempo", "Energy"]
    assert f"{LINKY}power_estimated" in entities(view)


def test_nothing_is_made_of_nothing() -> None:
    assert page(PageContent())["sections"] == []


def test_only_one_tile_of_a_state_is_seen() -> None:
    tiles = [card for card in cards(page(full())) if card["type"] == "tile"]
    levels = [card for card in tiles if card["entity"] == f"{HERE}price_now"]
    conditions = [card["visibility"] for card in levels]
    assert [[one["state"] for one in each] for each in conditions] == [
        ["cheap"],
        ["normal"],
        ["expensive"],
    ]
    assert {one["entity"] for each in conditions for one in each} == {f"{HERE}price_level"}
    later = [card for card in tiles if card["entity"] == f"{HERE}next_price_change"]
    assert {one["attribute"] for card in later for one in card["visibility"]} == {"level"}


def test_what_the_meter_at_the_grid_counts_is_all_that_is_used_only_without_solar() -> None:
    plain = str(page(replace(full(), energy_sources=frozenset({"grid"}))))
    solar = str(page(full()))
    for words, bought in (
        ("Used today", "Bought today"),
        ("'name': 'Power now'", "'Grid power now'"),
    ):
        assert words in plain
        assert bought not in plain
        assert bought in solar
        assert words not in solar


def test_what_is_not_counted_is_no_device() -> None:
    listed = str([card for card in cards(page(full())) if card["type"] == "entities"])
    assert "Fridge" in listed
    assert "Shed" not in listed
    assert "Roof" not in listed


@pytest.mark.parametrize("language", ["fr", "nl", "de"])
def test_nothing_of_the_page_is_in_english(language: str) -> None:
    english, other = (str(page(full(), one)) for one in ("en", language))
    for words in ("Cost today", "Cheap now", "Everything works", "What uses how much"):
        assert words in english
        assert words not in other


def rendered(template: str, states: dict[str, Any]) -> str:
    """Return what Home Assistant makes of a template."""
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False)
    environment.filters |= {"regex_replace": lambda text, *_: text}
    environment.globals |= {
        "states": lambda one: states[one],
        "state_attr": lambda one, key: states.get(f"{one}.{key}"),
    }
    return environment.from_string(template).render()


def markdowns(content: PageContent, words: str, language: str = "fr") -> str:
    every = [card["content"] for card in cards(page(content, language)) if "content" in card]
    [found] = [one for one in every if words in one]
    return str(found)


def test_the_day_is_compared_with_yesterday_and_a_week_ago() -> None:
    template = markdowns(full(), "qu'hier")
    states = {
        f"{HERE}energy_today": "12.4",
        f"{HERE}energy_yesterday_by_now": "15.5",
        f"{HERE}energy_last_week_by_now": "10.0",
    }
    text = rendered(template, states)
    assert "**20 % de moins** qu'hier à la même heure (15,5 kWh)" in text
    assert "**24 % de plus** qu'il y a une semaine à la même heure (10,0 kWh)" in text
    states[f"{HERE}energy_yesterday_by_now"] = "unknown"
    assert "hier" not in rendered(template, states)


def test_the_comparison_is_hidden_without_a_day_to_compare_with() -> None:
    [card] = [one for one in cards(page(full(), "fr")) if "qu'hier" in str(one.get("content"))]
    today, others = card["visibility"]
    assert today == having_value(f"{HERE}energy_today")
    assert others["condition"] == "or"
    assert [one["entity"] for one in others["conditions"]] == [
        f"{HERE}energy_yesterday_by_now",
        f"{HERE}energy_last_week_by_now",
    ]


def test_the_money_of_today_is_listed_by_tariff() -> None:
    template = markdowns(full(), "| Aujourd'hui |")
    cost = f"{HERE}cost_today"
    states = {
        f"{cost}.unit_of_measurement": "EUR",
        f"{cost}.standing_charge": 0.19,
        f"{cost}.by_tariff": [{"name": "HEURES CREUSES", "kWh": 5.2, "price": 0.17, "cost": 0.884}],
    }
    lines = rendered(template, states).splitlines()
    assert lines == [
        "| Aujourd'hui | kWh | € |",
        "|:--|--:|--:|",
        "| HEURES CREUSES | 5,2 | 0,88 |",
        "| Abonnement | | 0,19 |",
    ]
