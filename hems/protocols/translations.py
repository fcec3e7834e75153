"""Translate our texts for the family: names of entities, states, problems and pages.

translations.toml is the one table of them. A text is known by its English words, so that the code
and the tools of the operator show the same words as the table. What the table lacks stays English.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources

import msgspec

ENGLISH = "en"
LANGUAGES = (ENGLISH, "fr", "nl", "de")
SUBJECT, NUMBER = "{subject}", "{n}"
TABLE = "translations.toml"


class TranslatedText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row of the table: the same text in each language."""

    fr: str
    nl: str
    de: str


def known_language(language: str) -> str:
    """Return the language of ours that serves someone who reads `language`, such as fr-CA."""
    base = language.partition("-")[0].lower()
    return base if base in LANGUAGES else ENGLISH


def translated(text: str, language: str, subject: str = "") -> str:
    """Return the English `text` in `language`; {subject} in it stands for `subject`.

    A number in a text is not a part of it: the row of "Current phase {n}" serves every phase.
    """
    return (_row(text, known_language(language)) or text).replace(SUBJECT, subject)


def template(text: str, language: str) -> str:
    """Return `text` in `language` with its placeholders."""
    return translated(text, language, SUBJECT)


@cache
def table() -> Mapping[str, TranslatedText]:
    """Return the rows by their English text."""
    content = resources.files(__package__).joinpath(TABLE).read_text("utf-8")
    return msgspec.convert(tomllib.loads(content), dict[str, TranslatedText])


def _row(text: str, language: str) -> str:
    if language == ENGLISH:
        return text
    row = table().get(text)
    if row is not None:
        return str(getattr(row, language))
    numbers = re.findall(r"\d+", text)
    row = table().get(re.sub(r"\d+", NUMBER, text)) if numbers else None
    if row is None:
        return ""
    translation = str(getattr(row, language))
    for number in numbers:
        translation = translation.replace(NUMBER, number, 1)
    return translation
