"""The problems of the gateway in a person's language: cards of the pages.

telemetry publishes the kind and the subject of a problem; the card has the texts of all kinds. So a
problem is in the language of whoever looks. What was found is in English, as in the logs: it is for
whoever repairs.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from hems.protocols.gateway.problem_kinds import KINDS
from hems.protocols.home_assistant.page_cards import (
    NO_VALUE,
    PLAIN,
    RED,
    Card,
    alert,
    icon,
    markdown,
    quoted,
    state_is,
)
from hems.protocols.translations import template, translated
from hems.supervision.worker.problem import Actor

WELL, UNKNOWN = "Everything works", "The gateway says nothing about itself"
ASKED = "{subject} has to do something about it."
WHO = {
    Actor.FAMILY.value: "you",
    Actor.INSTALLER.value: "the installer",
    Actor.OPERATOR.value: "the operator",
}
DATE, DATES = "%d/%m, %H:%M", {"de": "%d.%m., %H:%M"}


def problem_cards(entity: str, language: str, *, is_detailed: bool) -> list[Card]:
    """Return the cards with the problems of the `entity`, or that there is none.

    `is_detailed` adds what was found, and what an installer or operator has to do.
    """
    text = partial(translated, language=language)
    content = _content(entity, language, is_detailed=is_detailed)
    return [
        markdown(alert("success", text(WELL)), state_is(entity, "off")),
        markdown(content, state_is(entity, "on")),
        markdown(alert("warning", text(UNKNOWN)), state_is(entity, list(NO_VALUE))),
    ]


def _content(entity: str, language: str, *, is_detailed: bool) -> str:
    """Return the template; without details a person reads only what he can do himself."""
    text = partial(translated, language=language)
    todo = f"**{text('What to do:')}** {{{{ sentence(todo, problem.subject) }}}}\n\n"
    asked = f"{{{{ sentence({quoted(template(ASKED, language))}, who[problem.who]) }}}}\n\n"
    details = (
        f"{todo}{text('Who:')} {{{{ who[problem.who] }}}}\n\n"
        f"{text('Found:')} {{{{ plain(problem.found) }}}}\n\n"
    )
    brief = f"{{% if problem.who == '{Actor.FAMILY}' %}}{todo}{{% else %}}{asked}{{% endif %}}"
    own = [kind for kind in KINDS if is_detailed or kind.who is Actor.FAMILY]
    titles = {kind.name: kind.title for kind in KINDS}
    todos = {kind.name: kind.what_to_do for kind in own}
    date = DATES.get(language, DATE)
    return (
        f"{PLAIN}{_SENTENCE}{{% set titles = {_dictionary(titles, language)} %}}"
        f"{{% set todos = {_dictionary(todos, language)} %}}"
        f"{{% set who = {_dictionary(WHO, language)} %}}"
        f"{{% for problem in state_attr('{entity}', 'problems') or [] %}}"
        "{% set title = titles[problem.name] | default(problem.title) %}"
        "{% set todo = todos[problem.name] | default(problem.what_to_do) %}\n"
        f"### {icon('mdi:alert-circle', RED)} {{{{ sentence(title, problem.subject) }}}}\n\n"
        f"{details if is_detailed else brief}"
        f"{text('Since')} {{{{ problem.since | as_timestamp | timestamp_custom('{date}') }}}}"
        "\n\n{% endfor %}"
    )


# A sentence with the subject in its place, and a capital letter.
_SENTENCE = (
    "{% macro sentence(text, subject) %}{% set whole = text.replace('{subject}', subject) %}"
    "{{ plain(whole[:1] | upper ~ whole[1:]) }}{% endmacro %}"
)


def _dictionary(texts: Mapping[str, str], language: str) -> str:
    """Return the texts in the language by their keys, as an expression of Jinja."""
    pairs = (f"{quoted(key)}: {quoted(template(text, language))}" for key, text in texts.items())
    return f"{{{', '.join(pairs)}}}"
