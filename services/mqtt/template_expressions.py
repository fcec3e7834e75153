"""Decide which expressions a template in an announcement may have.

Only numbers are multiplied, and only numbers have a remainder, so that nothing repeats a text or
pads it. PIECES, a list or mapping that is not constant, are picked from or joined at once: no list
is made from a text and turned into a text again, which could double it each time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import singledispatchmethod
from typing import Any

from jinja2 import nodes

# What a result may be. A FRACTION cannot repeat a text. NESTED are PIECES in PIECES.
NESTED, PIECES, ANY, NUMBER, FRACTION = range(-2, 3)
VARIABLES = frozenset(
    "value value_json this entity_id name state action code effect flash mode tone"  # noqa: SIM905
    " transition duration".split()
)
NUMBERS = frozenset(  # Home Assistant's own values, in templates of commands
    "brightness color_temp color_temp_kelvin red green blue white cold_white warm_white"  # noqa: SIM905
    " hue sat x y position position_open position_closed tilt_position tilt_min tilt_max"
    " volume_level".split()
)
FUNCTIONS = frozenset(
    "now utcnow today_at as_timestamp as_datetime as_local bool float int iif is_number"  # noqa: SIM905
    " max min timedelta".split()
)
OWN_STATE = frozenset({"states", "state_attr", "is_state", "is_state_attr", "has_value"})
TO_NUMBER = frozenset({"float", "int", "as_timestamp", "add", "multiply"})
KEYWORDS = frozenset(
    "default default_value boolean if_true if_false days hours minutes seconds".split()  # noqa: SIM905
)
METHODS = frozenset(
    "capitalize endswith get isoformat lower lstrip rstrip split startswith strftime"  # noqa: SIM905
    " strip timestamp title upper".split()
)
TESTS = frozenset(
    "boolean defined even false float integer is_number mapping none number odd"  # noqa: SIM905
    " sequence string true undefined".split()
)
REMAINDERS = frozenset({"even", "odd"})  # Jinja computes value % 2: a text would be a format
PICKS = frozenset({"count", "first", "last", "length", "max", "min"})  # one of the pieces
ANY_ARGUMENTS = frozenset({"d", "default", "iif"})
# The names of what else a filter is given. Each is a constant that ARGUMENTS allows.
FILTERS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        "abs as_datetime as_local as_timestamp bool capitalize count first from_json"  # noqa: SIM905
        " is_defined is_number last length lower max min string timestamp_local timestamp_utc"
        " title to_json tojson trim upper".split(),
        (),
    ),
    "add": ("amount", "default"),
    "bitwise_and": ("amount",),
    "float": ("default",),
    "int": ("default", "base"),
    "join": ("separator",),
    "multiply": ("amount", "default"),
    "replace": ("old", "new"),
    "round": ("precision", "method", "default"),
    "split": ("separator",),
    "timestamp_custom": ("date_format", "local"),
}
PADDING = re.compile(r"%[\W_]*\d")  # of a date's format, to any width
# A number's format, with at most nine places.
FORMAT = re.compile(r"(?:[^%]|%%|%[-+ #0]?\d?(?:\.\d)?[dfFeEgGisxX])*", re.DOTALL)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float)


def _is_date_format(value: object) -> bool:
    return isinstance(value, str) and not PADDING.search(value)


def _is_format(value: object) -> bool:
    return isinstance(value, str) and FORMAT.fullmatch(value) is not None


ARGUMENTS: Mapping[str, Callable[[object], bool]] = {
    "amount": _is_number,
    "base": lambda value: value in (2, 8, 10, 16),
    "date_format": _is_date_format,
    "default": _is_number,
    "local": lambda value: isinstance(value, bool),
    "method": lambda value: value in ("common", "ceil", "floor", "half"),
    "new": lambda value: isinstance(value, str),
    "old": lambda value: isinstance(value, str) and value != "",
    "precision": lambda value: isinstance(value, int) and -20 <= value <= 20,
    "separator": lambda value: isinstance(value, str) and 0 < len(value) < 3,
}


class Expressions:
    """The expressions of a template, which may have constants with names of its own."""

    def __init__(self) -> None:
        self._names: set[str] = set()
        self.texts = 0  # that are added to each other, perhaps

    def set(self, target: nodes.Node, value: nodes.Node) -> None:
        """Give a constant a name. Raises ValueError if it is none, or the name has a meaning."""
        name = target.name if isinstance(target, nodes.Name) else type(target).__name__
        if name in VARIABLES | FUNCTIONS or not isinstance(target, nodes.Name):
            raise ValueError(f"the name {name!r}")
        _check_literal(value)
        self._names.add(name)

    def check(self, node: nodes.Node) -> int:
        """Return which of ANY, NUMBER and FRACTION the result is. Raises ValueError."""
        if (kind := self._kind(node)) < ANY:
            raise ValueError("a list that is not picked from at once")
        return kind

    @singledispatchmethod
    def _kind(self, node: nodes.Node) -> int:
        """Return what the result may be. Raises ValueError for what is not allowed."""
        raise ValueError(f"the expression {type(node).__name__.lower()!r}")

    @_kind.register
    def _const(self, node: nodes.Const) -> int:
        if isinstance(node.value, float):
            return FRACTION
        return NUMBER if type(node.value) is int else ANY

    @_kind.register
    def _name(self, node: nodes.Name) -> int:
        if node.name in self._names or node.name in VARIABLES:
            return ANY
        if node.name in NUMBERS:
            return NUMBER
        raise ValueError(repr(node.name))

    @_kind.register(nodes.List)
    @_kind.register(nodes.Tuple)
    @_kind.register(nodes.Dict)
    def _container(self, node: nodes.List | nodes.Tuple | nodes.Dict) -> int:
        if _is_literal(node):
            return ANY
        kinds = []
        for item in node.items:
            if isinstance(item, nodes.Pair):
                _check_literal(item.key)
                kinds.append(self._kind(item.value))
            else:
                kinds.append(self._kind(item))
        return NESTED if min(kinds) < ANY else PIECES

    @_kind.register(nodes.And)
    @_kind.register(nodes.Or)
    @_kind.register(nodes.Not)
    def _several(self, node: nodes.Node) -> int:
        for one in node.iter_child_nodes():
            self.check(one)
        return ANY

    @_kind.register
    def _concatenation(self, node: nodes.Concat) -> int:
        self._parts(node.nodes)
        return ANY

    @_kind.register
    def _compare(self, node: nodes.Compare) -> int:
        self.check(node.expr)
        for operand in node.ops:
            kind = self._kind(operand.expr)
            if kind < ANY and operand.op not in ("in", "notin"):
                self.check(operand.expr)
        return ANY

    @_kind.register(nodes.Neg)
    @_kind.register(nodes.Pos)
    def _signed(self, node: nodes.UnaryExpr) -> int:
        self.check(node.node)
        return NUMBER

    @_kind.register
    def _sum(self, node: nodes.Add) -> int:
        return min(*self._parts((node.left, node.right)), NUMBER)

    @_kind.register(nodes.Sub)
    @_kind.register(nodes.FloorDiv)
    def _number(self, node: nodes.BinExpr) -> int:
        self.check(node.left)
        self.check(node.right)
        return NUMBER

    @_kind.register
    def _quotient(self, node: nodes.Div) -> int:
        self.check(node.left)
        self.check(node.right)
        return FRACTION

    @_kind.register
    def _product(self, node: nodes.Mul) -> int:
        kinds = self.check(node.left), self.check(node.right)
        if ANY in kinds and FRACTION not in kinds:
            raise ValueError("a product of what may be a text, without | float or | int,")
        return NUMBER

    @_kind.register
    def _remainder(self, node: nodes.Mod) -> int:
        self.check(node.right)
        if isinstance(node.left, nodes.Const) and _is_format(node.left.value):
            return ANY
        if self.check(node.left) == ANY:
            raise ValueError("a remainder of what may be a text, without | float or | int,")
        return NUMBER

    @_kind.register
    def _condition(self, node: nodes.CondExpr) -> int:
        self.check(node.test)
        kind = self.check(node.expr1)
        return ANY if node.expr2 is None else min(kind, self.check(node.expr2))

    @_kind.register
    def _attribute(self, node: nodes.Getattr) -> int:
        if node.attr.startswith("_"):
            raise ValueError(repr(node.attr))
        self.check(node.node)
        return ANY

    @_kind.register
    def _item(self, node: nodes.Getitem) -> int:
        kind = self._kind(node.node)
        if isinstance(node.arg, nodes.Slice):
            for one in node.arg.iter_child_nodes():
                self.check(one)
            return min(kind, ANY)
        self.check(node.arg)
        if isinstance(node.arg, nodes.Const) and str(node.arg.value).startswith("__"):
            raise ValueError(repr(node.arg.value))
        if kind == NESTED:
            self.check(node.node)
        return ANY

    @_kind.register
    def _call(self, node: nodes.Call) -> int:
        _check_no_stars(node)
        if isinstance(node.node, nodes.Getattr):
            return self._method(node, node.node)
        name = node.node.name if isinstance(node.node, nodes.Name) else type(node.node).__name__
        if name in OWN_STATE:
            return self._own_state(node)
        if name not in FUNCTIONS or name in self._names:
            raise ValueError(f"the call of {name!r}")
        return self._converted(name, self._arguments(node)[1:])

    def _own_state(self, node: nodes.Call) -> int:
        """Check that a function of an entity's state is called for the device's own."""
        whose = node.args[0] if node.args else None
        if not isinstance(whose, nodes.Name) or whose.name != "entity_id" or node.kwargs:
            raise ValueError("the state of another entity")
        for one in node.args[1:]:
            _check_literal(one)
        return ANY

    def _method(self, node: nodes.Call, method: nodes.Getattr) -> int:
        if method.attr not in METHODS or node.kwargs:
            raise ValueError(f"the call of {method.attr!r}")
        self.check(method.node)
        for one in node.args:
            if method.attr == "get":
                self.check(one)
            elif method.attr == "strftime" and not _is_date_format(_constant(one)):
                raise ValueError("a date's format")
            else:
                _check_literal(one)
        return PIECES if method.attr == "split" else ANY

    @_kind.register
    def _test(self, node: nodes.Test) -> int:
        kind = self.check(node.node)
        if node.name not in TESTS or node.args or node.kwargs or node.dyn_args or node.dyn_kwargs:
            raise ValueError(f"is {node.name}")
        if node.name in REMAINDERS and kind == ANY:
            raise ValueError(f"is {node.name} of what may be a text, without | int,")
        return ANY

    @_kind.register
    def _filter(self, node: nodes.Filter) -> int:
        _check_no_stars(node)
        if node.node is None:
            raise ValueError("a filter of nothing")
        kind = self._kind(node.node)
        if kind < ANY and not _takes(node.name, kind):
            self.check(node.node)
        if node.name in ANY_ARGUMENTS:
            self._arguments(node)
            return ANY
        if node.name == "format":
            return self._formatted(node)
        if node.name not in FILTERS:
            raise ValueError(repr(node.name))
        given = _given(node)
        if len(given.get("new", "")) > len(given.get("old", "")):
            raise ValueError("what replace is given")
        if "base" in given and not _is_short(node.node):
            raise ValueError("a base of what may be long")
        return _kind_of_filter(node.name, kind)

    def _formatted(self, node: nodes.Filter) -> int:
        if not isinstance(node.node, nodes.Const) or not _is_format(node.node.value):
            raise ValueError("a format")
        if node.kwargs:
            raise ValueError("what format is given")
        self._parts(node.args)
        return ANY

    def _parts(self, nodes_added: Sequence[nodes.Node]) -> list[int]:
        """Return what each may be that becomes part of one result; count the texts."""
        kinds = [self.check(one) for one in nodes_added]
        for one, kind in zip(nodes_added, kinds, strict=True):
            self.texts += kind == ANY and not isinstance(one, nodes.Const | nodes.Add)
        return kinds

    def _arguments(self, node: nodes.Call | nodes.Filter) -> list[int]:
        """Return what each may be. Those with a name never come before the value."""
        if any(one.key not in KEYWORDS for one in node.kwargs):
            raise ValueError("an argument with a name")
        return [self.check(one) for one in (*node.args, *(one.value for one in node.kwargs))]

    def _converted(self, name: str, given: list[int]) -> int:
        """Return what a function returns that is also given so much beside the value."""
        if name not in TO_NUMBER:
            return ANY
        if len(given) > 1:  # a base
            raise ValueError(f"what {name} is given")
        return ANY if ANY in given else NUMBER


def _takes(name: str, kind: int) -> bool:
    """Return whether a filter makes one value of PIECES, or of NESTED."""
    return name in ("to_json", "tojson") or (kind == PIECES and (name in PICKS or name == "join"))


def _kind_of_filter(name: str, kind: int) -> int:
    if name == "abs":
        return max(kind, NUMBER)
    is_number = name in TO_NUMBER or name in ("bitwise_and", "count", "length", "round")
    return NUMBER if is_number else ANY


def _given(node: nodes.Filter) -> dict[str, Any]:
    """Return the constants that a filter is given, by name. Raises ValueError."""
    names = FILTERS[node.name]
    if len(node.args) > len(names):
        raise ValueError(f"what {node.name} is given")
    pairs = [*zip(names, node.args, strict=False), *((one.key, one.value) for one in node.kwargs)]
    given = {str(name): _constant(one) for name, one in pairs}
    if any(name not in names or not ARGUMENTS[name](value) for name, value in given.items()):
        raise ValueError(f"what {node.name} is given")
    return given


def _is_short(node: nodes.Node) -> bool:
    """Return whether this is at most 16 places of a text."""
    part = node.arg if isinstance(node, nodes.Getitem) else None
    if not isinstance(part, nodes.Slice) or part.start is None or part.stop is None:
        return False
    start, stop = _constant(part.start), _constant(part.stop)
    return type(start) is type(stop) is int and 0 <= start <= stop <= start + 16


def _constant(node: nodes.Node) -> Any:
    """Return the value of a constant, None for a list. Raises ValueError for anything else."""
    _check_literal(node)
    if isinstance(node, nodes.Neg) and isinstance(node.node, nodes.Const):
        return -node.node.value
    return node.value if isinstance(node, nodes.Const) else None


def _is_literal(node: nodes.Node) -> bool:
    if isinstance(node, nodes.List | nodes.Tuple):
        return all(map(_is_literal, node.items))
    if isinstance(node, nodes.Dict):
        return all(_is_literal(one.key) and _is_literal(one.value) for one in node.items)
    if isinstance(node, nodes.Neg):
        return isinstance(node.node, nodes.Const) and _is_number(node.node.value)
    return isinstance(node, nodes.Const)


def _check_literal(node: nodes.Node) -> None:
    if not _is_literal(node):
        raise ValueError(f"the expression {type(node).__name__.lower()!r} in place of a constant")


def _check_no_stars(node: nodes.Call | nodes.Filter) -> None:
    if node.dyn_args is not None or node.dyn_kwargs is not None:
        raise ValueError("an argument with a star")
