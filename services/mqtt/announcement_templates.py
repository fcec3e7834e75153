"""Decide whether a template in an announcement is harmless for Home Assistant.

Home Assistant runs templates in its own process, without a limit of time or memory, and evaluates
their constants even without a value. They can also read every state of the home. So a grammar says
what is allowed: paths of the value, constants, arithmetic, comparisons, `if` and the names below.
Only numbers are multiplied, so that nothing repeats a text. No list is made from a text and turned
into a text again, which could double it each time. A result is at most some ten times as long as
its value, for each of its blocks. The order of the operators is that of Jinja.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

LONGEST, MOST_BLOCKS, MOST_ARITHMETIC, DEEPEST = 1024, 20, 16, 10
MOST_STEPS, MOST_IN_BLOCK = 80, 25  # Jinja's time to compile a block grows with their third power
OPENING = ("{{", "{%", "{#")
ANY, NUMBER, FRACTION = range(3)  # what a result may be; a FRACTION cannot repeat a text
TEXT = r"""'(?:[^'\\]|\\[nrt'"\\])*'|"(?:[^"\\]|\\[nrt'"\\])*\""""
TOKEN = re.compile(
    rf"\s*({TEXT}|[0-9]+(?:\.[0-9]+)?|[A-Za-z_]\w*|==|!=|<=|>=|//|[-+*/~|.,:<>=()[\]{{}}])",
    re.ASCII,
)
PADDING = re.compile(r"%[\W_]*\d")  # of a date's format, to any width
ARITHMETIC = frozenset({"+", "-", "*", "/", "//", "~"})
STEPS = ARITHMETIC | {"|", ".", "[", "(", "{", "if", "is", "in", "not", "and", "or", "=="}
WORDS = frozenset({"if", "elif", "else", "and", "or", "not", "in", "is"})
COMPARISONS = ("==", "!=", "<=", ">=", "<", ">", "in")
CONSTANTS = frozenset({"true", "false", "none", "True", "False", "None"})
VARIABLES = frozenset(
    "value value_json this entity_id name state action code effect flash mode tone"  # noqa: SIM905
    " transition duration".split()
)
NUMBERS = frozenset(  # Home Assistant's own values, in templates of commands
    "brightness color_temp color_temp_kelvin red green blue white hue sat position"  # noqa: SIM905
    " tilt_position position_open position_closed volume_level".split()
)
FUNCTIONS = frozenset(
    "now utcnow today_at as_timestamp as_datetime as_local bool float int iif is_number"  # noqa: SIM905
    " max min timedelta".split()
)
KEYWORDS = frozenset({"default", "days", "hours", "minutes", "seconds"})
METHODS = frozenset(
    "capitalize endswith get isoformat lower lstrip rstrip split startswith strip"  # noqa: SIM905
    " timestamp title upper".split()
)
TESTS = frozenset(
    "boolean defined even integer mapping none number odd sequence string"  # noqa: SIM905
    " undefined".split()
)
PLAIN = (
    "abs as_datetime as_local as_timestamp bool capitalize count first from_json"  # noqa: SIM905
    " is_defined is_number last length lower max min string timestamp_local timestamp_utc title"
    " to_json tojson trim upper".split()
)
ONCE = frozenset({"from_json", "to_json", "tojson"})
DEFAULT = r"(?:default = )?(?:- )?[0-9.]+"
FILTERS = dict.fromkeys(PLAIN, "") | {  # what is in the brackets, its tokens with spaces between
    "float": DEFAULT,
    "int": DEFAULT,  # with a base, a number could have more than Python's 4300 digits
    "replace": r"""(?:'[^'\\]+'|"[^"\\]+") , (?:'[^'\\]?'|"[^"\\]?")""",  # nothing longer
    "round": r"(?:\d|1\d|20)?(?: , ['\"](?:common|ceil|floor|half)['\"])?(?: , default = [0-9.]+)?",
    "split": TEXT,
    "timestamp_custom": rf"(?:{TEXT})(?: , (?:[Tt]rue|[Ff]alse))?",
}


def fault(text: str) -> str:
    """Return what is not allowed in `text`, empty if it has no template, or a harmless one."""
    if not any(mark in text for mark in OPENING):
        return ""
    if len(text) > LONGEST:
        return f"a template of more than {LONGEST} characters"
    try:
        blocks = list(_blocks(text))
        _check_counts(blocks)
        names: set[str] = set()
        is_start = True
        for is_statement, tokens in blocks:
            is_start = is_start and is_statement and tokens[:1] == ["set"]
            _Block(tokens, names).check(is_statement, is_start)
    except ValueError as error:
        return f"{error} in a template"
    return ""


def _blocks(text: str) -> Iterator[tuple[bool, list[str]]]:
    """Yield whether each block is a statement, and its tokens. Raises ValueError."""
    position = 0
    while (start := _next_block(text, position)) >= 0:
        is_statement = text[start + 1] == "%"
        if text[start + 1] == "#":
            raise ValueError("a comment")
        position = start + 2 + (text[start + 2 : start + 3] in ("-", "+"))
        end = re.compile(r"\s*[-+]?%\}" if is_statement else r"\s*-?\}\}")
        tokens: list[str] = []
        depth = 0
        while depth or not (closing := end.match(text, position)):
            token = TOKEN.match(text, position)
            if token is None or PADDING.search(token[1]):
                raise ValueError(repr(text[position : position + 20]))
            tokens.append(token[1])
            position = token.end()
            depth += (token[1] in ("(", "[", "{")) - (token[1] in (")", "]", "}"))
            if not 0 <= depth <= DEEPEST:
                raise ValueError("the brackets")
        position = closing.end()
        yield is_statement, tokens


def _next_block(text: str, position: int) -> int:
    starts = [text.find(mark, position) for mark in OPENING]
    return min((start for start in starts if start >= 0), default=-1)


def _check_counts(blocks: list[tuple[bool, list[str]]]) -> None:
    """Raise ValueError for too many blocks or operators: a chain of them is work and memory."""
    words = [word for _, tokens in blocks for word in tokens]
    if (
        len(blocks) > MOST_BLOCKS
        or sum(word in STEPS for word in words) > MOST_STEPS
        or any(sum(word in STEPS for word in tokens) > MOST_IN_BLOCK for _, tokens in blocks)
        or sum(word in ARITHMETIC for word in words) > MOST_ARITHMETIC
        or sum(word in ONCE for word in words) > 1
    ):
        raise ValueError("too many blocks or operators")


class _Block:
    """One block. Each method reads a part of it, and raises ValueError for what is not allowed."""

    def __init__(self, tokens: list[str], names: set[str]) -> None:
        self._tokens = [*tokens, ""]
        self._at = 0
        self._names = names

    def check(self, is_statement: bool, is_start: bool) -> None:
        """Read all. Only a start can set names: after an `if`, one could be Home Assistant's."""
        if not is_statement or self._take("if", "elif"):
            self._expression()
        elif is_start and self._take("set"):
            self._set()
        elif not self._take("else", "endif"):
            raise ValueError(f"the statement {self._next()!r}")
        self._expect("")

    def _next(self) -> str:
        word = self._tokens[self._at]
        self._at += bool(word)
        return word

    def _take(self, *words: str) -> str:
        return self._next() if self._tokens[self._at] in words else ""

    def _expect(self, word: str) -> None:
        if (token := self._next()) != word:
            raise ValueError(repr(token))

    def _set(self) -> None:
        name = self._next()
        taken = WORDS | CONSTANTS | VARIABLES | NUMBERS | FUNCTIONS
        if not name.isidentifier() or name in taken:
            raise ValueError(f"the name {name!r}")
        self._expect("=")
        self._literal()
        self._names.add(name)

    def _literal(self) -> None:
        if opening := self._take("[", "{"):
            closing = "]" if opening == "[" else "}"
            while not self._take(closing):
                self._literal()
                if opening == "{":
                    self._expect(":")
                    self._literal()
                if self._tokens[self._at] != closing:
                    self._expect(",")
            return
        is_negative = self._take("-")
        word = self._next()
        if not word[:1].isdigit() and (is_negative or not _is_constant(word)):
            raise ValueError(repr(word))

    def _expression(self) -> int:
        kind = self._conditions()
        while self._take("if"):
            self._conditions()
            kind = min(kind, self._expression()) if self._take("else") else ANY
        return kind

    def _conditions(self) -> int:
        kind = self._comparison()
        while self._take("and", "or"):
            self._comparison()
            kind = ANY
        return kind

    def _comparison(self) -> int:
        if self._take("not"):
            self._comparison()
            return ANY
        kind = self._sum()
        while self._take(*COMPARISONS) or (self._take("not") and self._take_in()):
            self._sum()
            kind = ANY
        return kind

    def _take_in(self) -> bool:
        self._expect("in")
        return True

    def _sum(self) -> int:
        kind = self._joined()
        while operator := self._take("+", "-"):
            right = self._joined()
            kind = NUMBER if operator == "-" else min(kind, right, NUMBER)
        return kind

    def _joined(self) -> int:
        kind = self._product()
        while self._take("~"):
            self._product()
            kind = ANY
        return kind

    def _product(self) -> int:
        kind = self._factor()
        while operator := self._take("*", "/", "//"):
            right = self._factor()
            if operator == "*" and ANY in (kind, right) and FRACTION not in (kind, right):
                raise ValueError("a product of what may be a text, without | float or | int,")
            kind = FRACTION if operator == "/" else NUMBER
        return kind

    def _factor(self, has_filters: bool = True) -> int:
        if self._take("-", "+"):
            self._factor(has_filters=False)
            kind = NUMBER
        else:
            kind = self._primary()
        kind = self._path(kind)
        while has_filters and (operator := self._take("|", "is")):
            kind = self._filter(kind) if operator == "|" else self._test()
        return kind

    def _primary(self) -> int:
        if self._tokens[self._at] in ("[", "{"):
            self._constant_or_json()
            return ANY
        word = self._next()
        if word == "(":
            kind = self._expression()
            self._expect(")")
            return kind
        if word in FUNCTIONS:
            return self._call(word)
        if word[:1].isdigit():
            return FRACTION if "." in word else NUMBER
        if not _is_constant(word) and word not in VARIABLES | NUMBERS | self._names:
            raise ValueError(repr(word))
        return NUMBER if word in NUMBERS else ANY

    def _constant_or_json(self) -> None:
        """Read a list or mapping of constants, or a mapping that becomes JSON at once."""
        start = self._at
        try:
            self._literal()
        except ValueError:
            self._at = start
            self._expect("{")
            while not self._take("}"):
                self._literal()
                self._expect(":")
                self._expression()
                if self._tokens[self._at] != "}":
                    self._expect(",")
            if self._tokens[self._at : self._at + 2] not in (["|", "tojson"], ["|", "to_json"]):
                raise ValueError("a mapping of what is not constant") from None

    def _call(self, name: str) -> int:
        kinds = self._arguments()
        if name not in ("float", "int"):
            return ANY
        if len(kinds) > 2:
            raise ValueError(f"what {name} is given")
        return ANY if ANY in kinds[1:] else NUMBER

    def _path(self, kind: int) -> int:
        while operator := self._take(".", "["):
            kind = ANY
            if operator == "[":
                self._expression()
                self._expect("]")
                continue
            name = self._next()
            if not name.isidentifier() or name.startswith("_"):
                raise ValueError(repr(name))
            if self._take("("):
                self._method(name)
        return kind

    def _method(self, name: str) -> None:
        if name not in METHODS:
            raise ValueError(f"the call of {name!r}")
        while not self._take(")"):
            self._literal()
            if self._tokens[self._at] != ")":
                self._expect(",")
        if name == "split":
            self._check_pick()

    def _check_pick(self) -> None:
        """Raise ValueError unless one of the pieces of a text is picked at once."""
        after = self._tokens[self._at + (self._tokens[self._at] == ")") :]
        if after[0] != "[" and (after[0] != "|" or after[1] not in ("first", "last", "length")):
            raise ValueError("split without an index")

    def _test(self) -> int:
        self._take("not")
        if (name := self._next()) not in TESTS:
            raise ValueError(f"is {name}")
        return ANY

    def _filter(self, kind: int) -> int:
        name = self._next()
        if name in ("default", "d", "iif"):
            if self._tokens[self._at] == "(":
                self._arguments()
            return ANY
        if name not in FILTERS:
            raise ValueError(repr(name))
        if self._take("("):
            end = self._tokens.index(")", self._at)
            given = " ".join(self._tokens[self._at : end])
            self._at = end + 1
            if given and not re.fullmatch(FILTERS[name], given):
                raise ValueError(f"what {name} is given")
        if name == "split":
            self._check_pick()
        return NUMBER if name in ("abs", "float", "int") or (name == "round" and kind) else ANY

    def _arguments(self) -> list[int]:
        """Return what each may be. Those with a name never come before the value."""
        self._expect("(")
        kinds = []
        while not self._take(")"):
            if self._tokens[self._at + 1] == "=":
                if self._next() not in KEYWORDS:
                    raise ValueError("an argument with a name")
                self._next()
            kinds.append(self._expression())
            if self._tokens[self._at] != ")":
                self._expect(",")
        return kinds


def _is_constant(word: str) -> bool:
    return word in CONSTANTS or word[:1] in ("'", '"')
