"""[tariffs]: the contracts with the electricity supplier, each valid from a day on.

The file and the variable HEMS_TARIFFS_CONTRACTS have the same form: a list of TOML tables, on one
line in the variable. docs/tariffs.md has examples.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, ClassVar

from hems.errors import ConfigError
from hems.protocols.tariffs.contract import FIRST_DAY, Contract, plain_name
from hems.protocols.tariffs.tariff_hours import FORM, HourRange, boundaries, hour_ranges
from hems.settings.section import Section
from hems.settings.validation_problems import one_of, shown, strange, suggestion

MAX_TEXT = 20_000  # characters of the variable
MAX_CONTRACTS, MAX_TARIFFS, MAX_NAME = 50, 20, 60
MAX_PRICE, MAX_CHARGE, MAX_KVA = 10.0, 10_000.0, 250.0
EXAMPLE = '[{name = "Tempo", from = 2026-02-01, prices = {HCJB = 0.13, HPJB = 0.16}}]'
FIELDS = (
    *("name", "from", "price", "prices", "hours", "standing_charge_month"),
    *("standing_charge_year", "feed_in", "subscribed_kva"),
)


class Mistake(ValueError):
    """What is wrong with one contract."""


def contracts_of(value: object, *, is_text: bool) -> tuple[Contract, ...]:
    """Return the contracts in the file's value or the variable's text, the oldest first.

    Raises ConfigError that lists every mistake.
    """
    if is_text:
        value = _document(str(value))
    tables = [value] if isinstance(value, dict) else value
    if not isinstance(tables, list) or len(tables) > MAX_CONTRACTS:
        raise ConfigError(
            f"found {shown(value)}, expected a list of at most {MAX_CONTRACTS} contracts such as "
            f"{EXAMPLE}"
        )
    contracts, mistakes = [], []
    for number, table in enumerate(tables, 1):
        try:
            contracts.append(_contract(table))
        except Mistake as mistake:
            mistakes.append(f"contract {number}{_title(table)}: {mistake}")
    days = Counter(contract.valid_from for contract in contracts)
    mistakes += [f"{count} contracts begin on {day}" for day, count in days.items() if count > 1]
    if mistakes:
        raise ConfigError("; ".join(mistakes))
    return tuple(sorted(contracts, key=lambda contract: contract.valid_from))


class TariffsSettings(Section, frozen=True):
    cosmetic: ClassVar[frozenset[str]] = frozenset({"contracts"})
    readers: ClassVar[Mapping[str, Callable[..., Any]]] = {"contracts": contracts_of}

    contracts: tuple[Contract, ...] = ()


def _document(text: str) -> object:
    """Return the value of TOML in the text of a variable."""
    if len(text) > MAX_TEXT:
        raise ConfigError(f"found {len(text)} characters, expected at most {MAX_TEXT}")
    if not text.strip():
        return []
    if kind := strange("".join(text.split())):
        raise ConfigError(f"found {shown(text)}, expected text without {kind}")
    try:
        return tomllib.loads(f"contracts = {text.strip()}")["contracts"]
    except (ValueError, RecursionError) as error:
        raise ConfigError(
            f"not valid TOML: {error}; expected contracts such as {EXAMPLE}"
        ) from None


def _title(table: object) -> str:
    name = table.get("name") if isinstance(table, dict) else None
    return f" ({name})" if isinstance(name, str) and 0 < len(name) <= MAX_NAME else ""


def _contract(table: object) -> Contract:
    if not isinstance(table, dict):
        raise Mistake(f"found {shown(table)}, expected a table such as {EXAMPLE[1:-1]}")
    for name in table:
        if name not in FIELDS:
            hint = suggestion(name, FIELDS) or f"expected {one_of(FIELDS)}"
            raise Mistake(f"{shown(name)} is unknown; {hint}")
    prices = _prices(table.get("prices", {}))
    hours = _hours(table.get("hours", {}), prices)
    month, year = "standing_charge_month", "standing_charge_year"
    if ("price" in table) == bool(prices):
        raise Mistake("expected either one price, or prices with one for each tariff")
    if month in table and year in table:
        raise Mistake(f"expected either {month} or {year}")
    return Contract(
        name=_name(table.get("name", "Contract"), "name"),
        valid_from=_day(table["from"]) if "from" in table else FIRST_DAY,
        price=_number(table, "price", MAX_PRICE),
        prices=prices,
        hours=hours,
        standing_charge_month=_number(table, month, MAX_CHARGE),
        standing_charge_year=_number(table, year, MAX_CHARGE),
        feed_in=_number(table, "feed_in", MAX_PRICE),
        subscribed_kva=_number(table, "subscribed_kva", MAX_KVA),
    )


def _prices(table: object) -> dict[str, float]:
    if not isinstance(table, dict) or len(table) > MAX_TARIFFS:
        raise Mistake(f"prices: expected a table of at most {MAX_TARIFFS} tariffs")
    names = Counter(plain_name(_name(name, "prices")) for name in table)
    for name, count in names.items():
        if count > 1 or not name:
            raise Mistake(f"prices: expected names that differ in letters or digits, in {[*table]}")
    return {name: _checked(table[name], f"prices: {name}", MAX_PRICE) for name in table}


def _hours(table: object, prices: Mapping[str, float]) -> dict[str, tuple[HourRange, ...]]:
    if not isinstance(table, dict):
        raise Mistake(f"hours: expected a table of tariffs with hours such as {FORM}")
    hours = {name: _ranges(name, text, prices) for name, text in table.items()}
    if rest := hours and sorted(prices.keys() - hours.keys()):
        if len(rest) > 1:
            raise Mistake(f"hours: expected hours for all tariffs but one, found none for {rest}")
    elif hours and not _fills_the_week(hours):
        raise Mistake("hours: expected hours that fill the week, or one tariff without hours")
    return hours


def _ranges(name: str, text: object, prices: Mapping[str, float]) -> tuple[HourRange, ...]:
    if name not in prices:
        hint = suggestion(name, prices) or f"expected {one_of(prices)}"
        raise Mistake(f"hours: {shown(name)} has no price; {hint}")
    if not isinstance(text, str):
        raise Mistake(f"hours: {name}: found {shown(text)}, expected text such as {FORM}")
    try:
        return hour_ranges(text)
    except ValueError as error:
        raise Mistake(f"hours: {name}: {error}") from None


def _fills_the_week(hours: Mapping[str, tuple[HourRange, ...]]) -> bool:
    ranges = [one for some in hours.values() for one in some]
    edges = boundaries(ranges)
    return all(any(one.has(day, edge) for one in ranges) for day in range(7) for edge in edges)


def _name(value: object, where: str) -> str:
    if not isinstance(value, str) or not 0 < len(value.strip()) <= MAX_NAME or strange(value):
        raise Mistake(
            f"{where}: found {shown(value)}, expected a name of 1 to {MAX_NAME} characters"
        )
    return value.strip()


def _day(value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(str(value) if isinstance(value, str) else "")
    except ValueError:
        raise Mistake(f"from: found {shown(value)}, expected a day such as 2026-02-01") from None


def _number(table: Mapping[str, object], name: str, most: float) -> float | None:
    return _checked(table[name], name, most) if name in table else None


def _checked(value: object, where: str, most: float) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= most:
        return float(value)
    raise Mistake(f"{where}: found {shown(value)}, expected a number from 0 to {most:g}")
