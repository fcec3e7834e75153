import importlib
from collections import Counter

import pytest

from dev.documents.directive_reference import DOCUMENT, PACKAGE, document, sections
from hems.supervision.settings.directive import Directive
from hems.supervision.settings.directive_parser import DIRECTIVES, TABLES


def test_the_reference_in_the_documentation_is_that_of_the_tables() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document(), (
        f"{DOCUMENT.name} is old; run python -m dev.documents.directive_reference"
    )


def test_every_directive_is_in_one_table() -> None:
    names = Counter(row.name for table in TABLES for row in table)
    assert [name for name, count in names.items() if count > 1] == []


def test_every_table_is_read_and_has_a_title_of_its_own() -> None:
    modules = [
        importlib.import_module(f"hems.supervision.{path.parent.name}.{path.stem}")
        for path in PACKAGE.glob("*/*_directives.py")
    ]
    tables = [module.DIRECTIVES for module in modules if isinstance(module.DIRECTIVES, tuple)]
    assert {id(table) for table in tables} == {id(table) for table in TABLES}
    titles = [title for title, _ in sections()]
    assert len({*titles}) == len(titles) == len(TABLES)


@pytest.mark.parametrize("row", DIRECTIVES.values(), ids=lambda row: row.name)
def test_a_row_has_a_meaning_and_a_manual_page(row: Directive) -> None:
    assert row.meaning
    assert row.source.startswith("systemd.")
    assert not row.meaning.endswith("."), "the sentences of a row end without a full stop"
    assert not row.unlike.endswith(".")
