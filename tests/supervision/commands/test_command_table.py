from pathlib import Path

import pytest

import hems
from hems.supervision.commands.command_table import COMMANDS, WrongUsage, parse

DOCUMENT = Path(hems.__file__).parents[1] / "docs" / "supervision" / "tools.md"
BY_NAME = {command.name: command for command in COMMANDS}


def test_options_may_come_anywhere_and_repeat() -> None:
    parsed = parse(BY_NAME["show"], "led --property=Id,Type other --property=Result")
    assert parsed.names == ("led", "other")
    assert parsed.options == {"--property=": ("Id", "Type", "Result")}
    assert not parsed.has("--json")


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("show", "", "found no unit, expected show [--property=NAME] UNIT..."),
        ("show", "led --proprty=Id", "found --proprty=Id, expected show [--property=NAME] UNIT..."),
        ("health", "--json=1", "found --json=1, expected health [--json] [UNIT...]"),
        ("critical-chain", "a b", "found a b, expected critical-chain [UNIT]"),
        ("blame", "led", "found led, expected blame"),
        ("cat", "-x led", "found -x, expected no option"),
    ],
)
def test_wrong_usage_says_what_was_found_and_expected(name: str, text: str, problem: str) -> None:
    with pytest.raises(WrongUsage) as caught:
        parse(BY_NAME[name], text)
    assert str(caught.value) == problem


def test_the_documentation_has_a_row_for_each_command_and_no_other() -> None:
    rows = [line for line in DOCUMENT.read_text().splitlines() if line.startswith("| `")]
    usages = {row.split("|")[1].strip() for row in rows}
    assert usages == {"`start UNIT`", *(f"`{command.usage}`" for command in COMMANDS)}
