"""What filters and methods of a template in an announcement may be given: constants."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import nodes

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
    "timestamp_custom": ("date_format", "local"),
    "truncate": ("length", "killwords", "end", "leeway"),  # never makes a text longer
}
PADDING = re.compile(r"%[\W_]*\d")  # of a date's format, to any width
# A number's format, with at most nine places.
FORMAT = re.compile(r"(?:[^%]|%%|%[-+ #0]?\d?(?:\.\d)?[dfFeEgGisxX])*", re.DOTALL)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float)


def is_date_format(value: object) -> bool:
    """Return whether this formats a date to no width."""
    return isinstance(value, str) and not PADDING.search(value)


def is_format(value: object) -> bool:
    """Return whether this formats values to a width of at most nine."""
    return isinstance(value, str) and FORMAT.fullmatch(value) is not None


ARGUMENTS: Mapping[str, Callable[[object], bool]] = {
    "amount": _is_number,
    "base": lambda value: value in (2, 8, 10, 16),
    "date_format": is_date_format,
    "default": _is_number,
    "end": lambda value: isinstance(value, str),
    "killwords": lambda value: isinstance(value, bool),
    "leeway": lambda value: isinstance(value, int),
    "length": lambda value: isinstance(value, int),
    "local": lambda value: isinstance(value, bool),
    "method": lambda value: value in ("common", "ceil", "floor", "half"),
    "new": lambda value: isinstance(value, str),
    "old": lambda value: isinstance(value, str) and value != "",
    "precision": lambda value: isinstance(value, int) and -20 <= value <= 20,
    "separator": lambda value: isinstance(value, str) and 0 < len(value) < 3,
}


def given_constants(node: nodes.Filter) -> dict[str, Any]:
    """Return the constants that a filter is given, by name. Raises ValueError."""
    names = FILTERS[node.name]
    if len(node.args) > len(names):
        raise ValueError(f"what {node.name} is given")
    pairs = [*zip(names, node.args, strict=False), *((one.key, one.value) for one in node.kwargs)]
    given = {str(name): constant(one) for name, one in pairs}
    if any(name not in names or not ARGUMENTS[name](value) for name, value in given.items()):
        raise ValueError(f"what {node.name} is given")
    return given


def is_short(node: nodes.Node) -> bool:
    """Return whether this is at most 16 places of a text."""
    part = node.arg if isinstance(node, nodes.Getitem) else None
    if not isinstance(part, nodes.Slice) or part.start is None or part.stop is None:
        return False
    start, stop = constant(part.start), constant(part.stop)
    return type(start) is type(stop) is int and 0 <= start <= stop <= start + 16


def constant(node: nodes.Node) -> Any:
    """Return the value of a constant, None for a list. Raises ValueError for anything else."""
    check_literal(node)
    if isinstance(node, nodes.Neg) and isinstance(node.node, nodes.Const):
        return -node.node.value
    return node.value if isinstance(node, nodes.Const) else None


def is_literal(node: nodes.Node) -> bool:
    """Return whether this is a constant, or a list or mapping of constants."""
    if isinstance(node, nodes.List | nodes.Tuple):
        return all(map(is_literal, node.items))
    if isinstance(node, nodes.Dict):
        return all(is_literal(one.key) and is_literal(one.value) for one in node.items)
    if isinstance(node, nodes.Neg):
        return isinstance(node.node, nodes.Const) and _is_number(node.node.value)
    return isinstance(node, nodes.Const)


def check_literal(node: nodes.Node) -> None:
    """Raise ValueError unless this is a constant, or a list or mapping of constants."""
    if not is_literal(node):
        raise ValueError(f"the expression {type(node).__name__.lower()!r} in place of a constant")
