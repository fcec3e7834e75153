"""Decide whether a template in an announcement is harmless for Home Assistant.

Home Assistant runs templates in its own process, without a limit of time or memory: one that
repeats a string or nests loops ends it at every start. They can also read every state of the home.
Allowed is what picks, converts and compares values: `if`, constants, operators, and the NAMES
below. Whatever makes a result much longer than the template and its value is not allowed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

LONGEST = 4096  # characters
DEEPEST = 20  # brackets
OPENING = ("{{", "{%", "{#")
TOKEN = re.compile(
    r"""\s*(?:(?P<text>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""
    r"""|(?P<number>\d+(?:\.\d+)?)|(?P<name>[A-Za-z_]\w*)|(?P<sign>==|!=|<=|>=|[-+*/~|.,:<>=()[\]{}]))""",
    re.DOTALL,
)
WORDS = frozenset(
    "if elif else endif and or not in is true false none True False None".split()  # noqa: SIM905
)
CALLED = frozenset(
    "abs as_datetime as_local as_timestamp bool capitalize default d endswith first float from_json"  # noqa: SIM905
    " get iif int is_defined is_number last length lower lstrip max min now round rstrip split"
    " startswith string strip strptime timedelta timestamp_custom timestamp_local timestamp_utc"
    " title to_json today_at tojson trim upper utcnow".split()
)
TESTS = frozenset(
    "boolean defined even integer mapping number odd sequence undefined".split()  # noqa: SIM905
)
VARIABLES = frozenset(
    "value value_json this entity_id name state action code brightness color_temp"  # noqa: SIM905
    " color_temp_kelvin effect flash red green blue white hue sat transition position"
    " tilt_position position_open position_closed mode tone duration volume_level".split()
)
NAMES = WORDS | CALLED | TESTS | VARIABLES
NUMBER = r"\d+(?: \. \d+|\.\d+)?"
CONVERTED = rf"\| (?:float|int)(?: \( {NUMBER} \))?"
PATH = r"value(?:_json)?(?: \. \w+| \[ (?:\d+|'\w*'|\"\w*\") \])*"
NUMERIC = re.compile(rf"(?:{CONVERTED}|\( {PATH} {CONVERTED} \))$")  # the end of a factor
NESTING = ("tojson", "to_json")  # each doubles the backslashes of the one before
LARGEST_FACTOR = 100
PAIRS = ("==", "!=", "<=", ">=")


def fault(text: str) -> str:
    """Return what is not allowed in `text`, empty if it has no template, or a harmless one."""
    if not any(mark in text for mark in OPENING):
        return ""
    if len(text) > LONGEST:
        return f"a template of more than {LONGEST} characters"
    try:
        for tokens in _blocks(text):
            if reason := _fault(tokens):
                return reason
    except ValueError as error:
        return str(error)
    return ""


def _blocks(text: str) -> Iterator[list[str]]:
    """Yield the tokens of each block. Raises ValueError for what is not allowed anywhere."""
    position = 0
    while (start := _next_block(text, position)) >= 0:
        is_statement = text[start + 1] == "%"
        if text[start + 1] == "#":
            raise ValueError("a comment in a template")
        position = start + 2 + (text[start + 2 : start + 3] in ("-", "+"))
        end = re.compile(r"\s*[-+]?%\}" if is_statement else r"\s*-?\}\}")
        tokens: list[str] = []
        depth = 0
        while depth or not (closing := end.match(text, position)):
            token = TOKEN.match(text, position)
            if token is None:
                raise ValueError(f"{text[position : position + 20]!r} in a template")
            tokens.append(token[0].strip())
            position = token.end()
            depth += (tokens[-1] in ("(", "[", "{")) - (tokens[-1] in (")", "]", "}"))
            if not 0 <= depth <= DEEPEST:
                raise ValueError("brackets of a template")
        position = closing.end()
        if is_statement and tokens[:1] not in (["if"], ["elif"], ["else"], ["endif"]):
            raise ValueError(f"the statement {' '.join(tokens[:1])!r} in a template")
        yield tokens


def _next_block(text: str, position: int) -> int:
    starts = [text.find(mark, position) for mark in OPENING]
    return min((start for start in starts if start >= 0), default=-1)


def _fault(words: list[str]) -> str:
    """Return what is not allowed in the tokens of one block."""
    repeated = nested = 0
    for index, word in enumerate(words):
        before = words[index - 1] if index else ""
        after = words[index + 1] if index + 1 < len(words) else ""
        is_name = word[0].isalpha() or word[0] == "_"
        if is_name and word not in NAMES and (before != "." or after == "("):
            return f"{word!r} in a template"
        if word == "(" and not _may_open(before):
            return "a call in a template"
        if word == "round" and after == "(" and not _is_small(words[index + 2]):
            return "the digits of round in a template"
        repeated += word == "*" and _may_repeat(words[:index], after)
        nested += word in NESTING
    return "a repetition in a template" if repeated > 1 or nested > len(NESTING) else ""


def _is_small(digits: str) -> bool:
    return digits.isdigit() and int(digits) <= DEEPEST


def _may_open(before: str) -> bool:
    """Return whether a bracket after this token calls nothing, or what may be called."""
    is_name = before[:1].isalpha() or before[:1] == "_"
    return before in CALLED | WORDS if is_name else before in {"", *"-+*/~|,:<>=([{", *PAIRS}


def _may_repeat(left: list[str], right: str) -> bool:
    """Return whether a product may be a text, a few times. Raises ValueError for many times."""
    neighbours = (*left[-1:], right)
    is_fraction = any(re.fullmatch(r"\d+\.\d+", one) for one in neighbours)
    if is_fraction or (right.isdigit() and NUMERIC.search(" ".join(left))):
        return False
    if not any(one.isdigit() and int(one) <= LARGEST_FACTOR for one in neighbours):
        raise ValueError("a repetition in a template")
    return True
