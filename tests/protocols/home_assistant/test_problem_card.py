import re
import string
from ast import literal_eval
from datetime import UTC, datetime
from typing import Any

import jinja2
import msgspec
import pytest

from hems.protocols.gateway.problem_kinds import DISK_FILLING, KINDS, METER_SILENT
from hems.protocols.gateway.unit_health_file import GatewayProblem
from hems.protocols.home_assistant.page_cards import PLAIN
from hems.protocols.home_assistant.problem_card import problem_cards
from hems.protocols.translations import LANGUAGES, translated
from hems.supervision.worker.problem import ProblemKind

ENTITY = "binary_sensor.p"


def plain(text: str) -> str:
    [(pattern, replacement)] = re.findall(r"regex_replace\(('.*?'), ('.*?')\)", PLAIN)
    return re.sub(literal_eval(pattern), literal_eval(replacement), text)


def problem(kind: ProblemKind, subject: str = "", **fields: str) -> dict[str, str]:
    """Return a problem as telemetry publishes it."""
    known = {
        "name": kind.name,
        "subject": subject,
        "title": "a title",
        "since": "2026-12-01T08:30:00+00:00",
        "found": "its last frame is from 08:12",
        "what_to_do": "an advice",
        "who": kind.who.value,
    }
    return known | fields


def shown(language: str, *problems: dict[str, str], is_detailed: bool = False) -> str:
    """Return what the card shows, as Home Assistant renders it, without the escapes."""
    cards: list[dict[str, Any]] = problem_cards(ENTITY, language, is_detailed=is_detailed)
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False)
    environment.filters |= {
        "regex_replace": lambda text, find, replace: re.sub(find, replace, text),
        "as_timestamp": lambda text: datetime.fromisoformat(text).timestamp(),
        "timestamp_custom": lambda at, form: datetime.fromtimestamp(at, UTC).strftime(form),
    }
    environment.globals["state_attr"] = lambda entity, key: list(problems)
    text = environment.from_string(cards[1]["content"]).render()
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text)


def test_one_card_is_seen_at_a_time() -> None:
    cards: list[dict[str, Any]] = problem_cards(ENTITY, "en", is_detailed=False)
    [conditions] = zip(*(card["visibility"] for card in cards), strict=True)
    assert [one["state"] for one in conditions] == ["off", "on", ["unknown", "unavailable"]]
    assert "Everything works" in cards[0]["content"]


def test_a_family_reads_what_it_can_do_itself_in_its_language() -> None:
    text = shown("fr", problem(METER_SILENT, "012345678901"))
    assert "Le Linky 012345678901 n'envoie plus de mesures" in text
    assert "**Que faire :** Regardez le boîtier dans le compteur" in text
    assert "Depuis 01/12, 08:30" in text
    assert "frame" not in text


def test_a_family_reads_who_repairs_what_it_cannot() -> None:
    text = shown("de", problem(DISK_FILLING))
    assert "Der Datenträger des Gateways füllt sich" in text
    assert "Der Betreiber muss sich darum kümmern." in text
    assert "HEMS_INFLUXDB" not in text
    assert "Seit 01.12., 08:30" in text


def test_an_operator_reads_what_was_found_and_what_to_do() -> None:
    text = shown("nl", problem(DISK_FILLING, found="3 % is free"), is_detailed=True)
    assert "HEMS_INFLUXDB_RETENTION_DAYS" in text
    assert "Vastgesteld: 3 % is free" in text
    assert "Wie: de beheerder" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_is_in_the_language(language: str) -> None:
    every = [problem(kind, "SUBJECT") for kind in KINDS]
    for is_detailed in (False, True):
        text = shown(language, *every, is_detailed=is_detailed)
        assert "a title" not in text
        assert ("an advice" in text) is False
    for kind in KINDS:
        title = translated(kind.title, language, "SUBJECT")
        assert title[0].upper() + title[1:] in text


def test_a_kind_that_the_page_does_not_know_is_shown_as_it_came() -> None:
    text = shown("fr", problem(ProblemKind("new"), title="something new"), is_detailed=True)
    assert "Something new" in text
    assert "**Que faire :** An advice" in text


def test_the_fields_are_those_that_are_published() -> None:
    cards: list[dict[str, Any]] = problem_cards(ENTITY, "en", is_detailed=True)
    fields = set(re.findall(r"problem\.(\w+)", cards[1]["content"]))
    assert fields == {"name", "subject", "title", "found", "since", "who", "what_to_do"}
    assert fields <= {field.name for field in msgspec.structs.fields(GatewayProblem)}


def test_no_word_of_a_problem_is_markdown_or_html() -> None:
    """A device chooses the words of its announcement, which Home Assistant shows on the page."""
    assert plain(string.punctuation) == "".join(f"\\{one}" for one in string.punctuation)
    assert plain("[a](https://b.c)") == r"\[a\]\(https\:\/\/b\.c\)"
    words = f"{string.ascii_letters}{string.digits} é\n"
    assert plain(words) == words
    cards: list[dict[str, Any]] = problem_cards(ENTITY, "en", is_detailed=True)
    printed = re.findall(r"{{ (?:plain\()?problem\.(\w+)", cards[1]["content"])
    assert printed == ["found", "since"]  # the latter as a time
    assert "{{ plain(problem.found)" in cards[1]["content"]
