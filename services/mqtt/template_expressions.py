"""Decide which expressions a template in an announcement may have.

Only numbers are multiplied, and only numbers have a remainder, so that nothing repeats a text or
pads it. PIECES, a list or mapping that is not constant, are picked from or joined at once: no list
is made from a text and turned into a text again, which could double it each time.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import singledispatchmethod

from jinja2 import nodes
from template_arguments import (
    FILTERS,
    check_literal,
    constant,
    given_constants,
    is_date_format,
    is_format,
    is_literal,
    is_short,
)
from template_names import (
    ANY_ARGUMENTS,
    FUNCTIONS,
    KEYWORDS,
    METHODS,
    NUMBERS,
    OWN_STATE,
    PICKS,
    REMAINDERS,
    TESTS,
    TO_NUMBER,
    VARIABLES,
)

# What a result may be. A FRACTION cannot repeat a text. NESTED are PIECES in PIECES.
NESTED, PIECES, ANY, NUMBER, FRACTION = range(-2, 3)
OPERATORS = {
    **dict.fromkeys((nodes.And, nodes.Or, nodes.Not), ANY),
    **dict.fromkeys((nodes.Neg, nodes.Pos, nodes.Sub, nodes.FloorDiv), NUMBER),
    nodes.Div: FRACTION,
}


class Expressions:
    """The expressions of a template, which may have constants with names of its own."""

    def __init__(self) -> None:
        self._names: set[str] = set()
        self.texts = 0  # that are added to each other, perhaps

    def set(self, target: nodes.Node, value: nodes.Node) -> None:
        """Give a name to a constant, or to one of two. Raises ValueError."""
        name = target.name if isinstance(target, nodes.Name) else type(target).__name__
        if name in VARIABLES | FUNCTIONS or not isinstance(target, nodes.Name):
            raise ValueError(f"the name {name!r}")
        choice = [value.expr1, value.expr2] if isinstance(value, nodes.CondExpr) else [value]
        for one in choice:
            check_literal(one or nodes.Const(None))
        self.check(value)  # before it has its name, which may be one of Home Assistant's
        self._names.add(name)

    def check(self, node: nodes.Node) -> int:
        """Return which of ANY, NUMBER and FRACTION the result is. Raises ValueError."""
        return _whole(self._kind(node))

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
        if is_literal(node):
            return ANY
        if isinstance(node, nodes.Dict):
            for pair in node.items:
                check_literal(pair.key)
        kinds = self._parts(
            [one.value if isinstance(one, nodes.Pair) else one for one in node.items]
        )
        if min(kinds) >= NUMBER:
            return ANY
        return NESTED if min(kinds) < ANY else PIECES

    @_kind.register(nodes.And)
    @_kind.register(nodes.Or)
    @_kind.register(nodes.Not)
    @_kind.register(nodes.Neg)
    @_kind.register(nodes.Pos)
    @_kind.register(nodes.Sub)
    @_kind.register(nodes.FloorDiv)
    @_kind.register(nodes.Div)
    def _operator(self, node: nodes.Expr) -> int:
        for one in node.iter_child_nodes():
            self.check(one)
        return OPERATORS[type(node)]

    @_kind.register
    def _concatenation(self, node: nodes.Concat) -> int:
        self._whole_parts(node.nodes)
        return ANY

    @_kind.register
    def _compare(self, node: nodes.Compare) -> int:
        self.check(node.expr)
        for operand in node.ops:
            kind = self._kind(operand.expr)
            if operand.op not in ("in", "notin"):
                _whole(kind)
        return ANY

    @_kind.register
    def _sum(self, node: nodes.Add) -> int:
        return min(*self._whole_parts((node.left, node.right)), NUMBER)

    @_kind.register
    def _product(self, node: nodes.Mul) -> int:
        kinds = self.check(node.left), self.check(node.right)
        if ANY in kinds and FRACTION not in kinds:
            raise ValueError("a product of what may be a text, without | float or | int,")
        return NUMBER

    @_kind.register
    def _remainder(self, node: nodes.Mod) -> int:
        self.check(node.right)
        if isinstance(node.left, nodes.Const) and is_format(node.left.value):
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
        return ANY if kind == PIECES else min(_whole(kind), ANY)

    @_kind.register
    def _call(self, node: nodes.Call) -> int:
        _check_no_stars(node)
        if isinstance(node.node, nodes.Getattr):
            return self._method(node, node.node)
        name = node.node.name if isinstance(node.node, nodes.Name) else type(node.node).__name__
        if name in OWN_STATE:
            return self._own_state(node)
        if name not in FUNCTIONS:
            raise ValueError(f"the call of {name!r}")
        return _converted(name, self._arguments(node)[1:])

    def _own_state(self, node: nodes.Call) -> int:
        """Check that a function of an entity's state is called for the device's own."""
        whose = node.args[0] if node.args else None
        if not isinstance(whose, nodes.Name) or whose.name != "entity_id" or node.kwargs:
            raise ValueError("the state of another entity")
        for one in node.args[1:]:
            check_literal(one)
        return ANY

    def _method(self, node: nodes.Call, method: nodes.Getattr) -> int:
        if method.attr not in METHODS or node.kwargs:
            raise ValueError(f"the call of {method.attr!r}")
        self.check(method.node)
        for one in node.args:
            if method.attr == "get":
                self.check(one)
            elif method.attr == "strftime" and not is_date_format(constant(one)):
                raise ValueError("a date's format")
            else:
                check_literal(one)
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
        if not _takes(node.name, kind):
            _whole(kind)
        if node.name in ANY_ARGUMENTS:
            self._arguments(node)
            return ANY
        if node.name == "format":
            return self._formatted(node)
        if node.name not in FILTERS:
            raise ValueError(repr(node.name))
        given = given_constants(node)
        if len(given.get("new", "")) > len(given.get("old", "")):
            raise ValueError("what replace is given")
        if "base" in given and not is_short(node.node):
            raise ValueError("a base of what may be long")
        return _kind_of_filter(node.name, kind)

    def _formatted(self, node: nodes.Filter) -> int:
        if not isinstance(node.node, nodes.Const) or not is_format(node.node.value):
            raise ValueError("a format")
        if node.kwargs:
            raise ValueError("what format is given")
        self._whole_parts(node.args)
        return ANY

    def _whole_parts(self, parts: Sequence[nodes.Node]) -> list[int]:
        return list(map(_whole, self._parts(parts)))

    def _parts(self, parts: Sequence[nodes.Node]) -> list[int]:
        """Return what each may be that becomes part of one result; count the texts."""
        kinds = list(map(self._kind, parts))
        for one, kind in zip(parts, kinds, strict=True):
            self.texts += kind == ANY and not isinstance(one, nodes.Const | nodes.Add)
        return kinds

    def _arguments(self, node: nodes.Call | nodes.Filter) -> list[int]:
        """Return what each may be. Those with a name never come before the value."""
        if any(one.key not in KEYWORDS for one in node.kwargs):
            raise ValueError("an argument with a name")
        return [self.check(one) for one in (*node.args, *(one.value for one in node.kwargs))]


def _converted(name: str, given: list[int]) -> int:
    """Return what a function returns that is also given so much beside the value."""
    if name not in TO_NUMBER:
        return ANY
    if len(given) > 1:  # a base
        raise ValueError(f"what {name} is given")
    return ANY if ANY in given else NUMBER


def _whole(kind: int) -> int:
    if kind < ANY:
        raise ValueError("a list that is not picked from at once")
    return kind


def _takes(name: str, kind: int) -> bool:
    """Return whether a filter makes one value of PIECES, or of NESTED."""
    return name in ("to_json", "tojson") or (kind == PIECES and (name in PICKS or name == "join"))


def _kind_of_filter(name: str, kind: int) -> int:
    if name == "abs":
        return max(kind, NUMBER)
    is_number = name in TO_NUMBER or name in ("bitwise_and", "count", "length", "round")
    return NUMBER if is_number else ANY


def _check_no_stars(node: nodes.Call | nodes.Filter) -> None:
    if node.dyn_args is not None or node.dyn_kwargs is not None:
        raise ValueError("an argument with a star")
