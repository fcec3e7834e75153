"""The table has every text that a family may see, once, and says the same in each language."""

import re
from dataclasses import replace

import pytest
from pytest_mock import MockerFixture

from hems.protocols import translations
from hems.protocols.gateway import gateway_entities, home_entities, joining_entities
from hems.protocols.gateway.home_entities import HomeParts
from hems.protocols.gateway.problem_kinds import KINDS
from hems.protocols.home_assistant import energy_dashboard, gateway_page, home_page
from hems.protocols.home_assistant.mqtt_discovery import Entity
from hems.protocols.home_assistant.page_audiences import Audience
from hems.protocols.linky import entity_catalogue
from hems.protocols.translations import LANGUAGES, translated
from tests.protocols.home_assistant.pages import full

UNIT = "led"  # the name of a unit is no text
PLACEHOLDER = re.compile(r"\{\w+\}")


def entities() -> list[Entity]:
    return [
        *entity_catalogue.catalogue(is_single_phase=True).values(),
        *entity_catalogue.catalogue(is_single_phase=False).values(),
        *gateway_entities.entities([UNIT]),
        *joining_entities.entities("hems"),
        *home_entities.entities(HomeParts(*[True] * 5), "EUR"),
    ]


def missing(texts: set[str]) -> set[str]:
    """Return the texts that have no row, neither as they are nor without their numbers."""
    rows = translations.table().keys()
    return {text for text in texts - rows if numbered(text) not in rows}


def numbered(text: str) -> str:
    return re.sub(r"\d+", "{n}", text)


def problem_texts() -> set[str]:
    return {text for kind in KINDS for text in (kind.title, kind.what_to_do)}


@pytest.fixture
def page_texts(mocker: MockerFixture) -> set[str]:
    """Return every text for which the pages want a translation."""
    asked = mocker.spy(translations, "_row")
    for view in (home_page.view, gateway_page.view):
        view(full(), Audience("fr"))
        view(replace(full(), subscribed_va=None, homes=()), Audience("fr"))
        view(replace(full(), energy_sources=frozenset({"grid"})), Audience("fr"))
    return {call.args[0] for call in asked.call_args_list}


def test_every_entity_has_its_name_in_each_language() -> None:
    assert missing({one.name for one in entities()} - {UNIT}) == set()


def test_every_problem_has_its_texts_in_each_language() -> None:
    assert missing(problem_texts()) == set()


def test_every_text_of_the_pages_is_in_each_language(page_texts: set[str]) -> None:
    names = {"Tempo", *gateway_entities.SERVICES.values()} - {"File editor"}
    assert len(page_texts) > 150
    assert missing(page_texts - names) == set()


def test_no_row_is_left_over(page_texts: set[str]) -> None:
    names = {one.name for one in entities()} | {one.subject for one in entities()}
    used = names | page_texts | problem_texts() | {energy_dashboard.SOLD}
    used |= {numbered(text) for text in used}
    assert translations.table().keys() - used == set()


def test_each_language_of_a_row_has_its_placeholders_and_no_other() -> None:
    for english, row in translations.table().items():
        wanted = sorted(PLACEHOLDER.findall(english))
        for text in (row.fr, row.nl, row.de):
            assert sorted(PLACEHOLDER.findall(text)) == wanted, text
            assert text == text.strip(), text


@pytest.mark.parametrize(
    ("text", "language", "subject", "expected"),
    [
        ("Disk used", "en", "", "Disk used"),
        ("Disk used", "fr", "", "Disque utilisé"),
        ("Disk used", "de-CH", "", "Datenträger belegt"),
        ("Disk used", "pl", "", "Disk used"),
        ("Current phase 3", "nl", "", "Stroomsterkte fase 3"),
        ("Restart {subject}", "en", "InfluxDB", "Restart InfluxDB"),
        ("Restart {subject}", "fr", "InfluxDB", "Redémarrer InfluxDB"),
        ("a text without a row", "fr", "", "a text without a row"),
        ("a text without row 7", "fr", "", "a text without row 7"),
    ],
)
def test_a_text_is_in_the_language_or_else_in_english(
    text: str, language: str, subject: str, expected: str
) -> None:
    assert translated(text, language, subject) == expected


def test_a_subject_is_not_translated() -> None:
    assert translated("Restart {subject}", "fr", "{n}") == "Redémarrer {n}"


def test_the_languages_are_those_of_the_labels() -> None:
    assert set(LANGUAGES) == {"en", "fr", "nl", "de"}
