"""The dependencies of units as a tree, as `systemctl list-dependencies` prints them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

Properties = Mapping[str, Mapping[str, str]]
_KINDS = ("Requires", "BindsTo", "Wants", "Upholds", "After")
_LAST, _MIDDLE, _SPACE, _BAR = "└─", "├─", "  ", "│ "


def as_tree(units: Properties, root: str = "", *, is_reverse: bool = False) -> str:
    """Return the tree below `root`; without one, below each unit that no other needs."""
    edges = _edges(units)
    if is_reverse:
        edges = _reversed(edges)
    named = {other for others in edges.values() for other in others}
    roots = [root] if root else [name for name in units if name not in named]
    lines = []
    for name in roots:
        lines.append(_label(units, name, ()))
        lines += _branches(units, edges, name, "", {name})
    return "\n".join(lines)


def _branches(
    units: Properties,
    edges: Mapping[str, Mapping[str, list[str]]],
    name: str,
    indent: str,
    expanded: set[str],
) -> Iterator[str]:
    """Yield the lines below a unit. What is below a unit that was shown is not shown again."""
    others = edges.get(name, {})
    for number, (other, kinds) in enumerate(others.items(), 1):
        is_last = number == len(others)
        is_again = other in expanded and bool(edges.get(other))
        line = f"{indent}{_LAST if is_last else _MIDDLE}{_label(units, other, kinds)}"
        yield f"{line} ..." if is_again else line
        if not is_again:
            expanded.add(other)
            deeper = indent + (_SPACE if is_last else _BAR)
            yield from _branches(units, edges, other, deeper, expanded)


def _label(units: Properties, name: str, kinds: list[str] | tuple[str, ...]) -> str:
    state = units[name]["ActiveState"] if name in units else "not found"
    return f"{name} ({', '.join([state, *kinds])})"


def _edges(units: Properties) -> dict[str, dict[str, list[str]]]:
    """Return for each unit what it names, and by which directives."""
    edges: dict[str, dict[str, list[str]]] = {}
    for name, unit in units.items():
        for kind in _KINDS:
            for other in unit[kind].split():
                kinds = edges.setdefault(name, {}).setdefault(other, [])
                if kind not in kinds:
                    kinds.append(kind)
    return edges


def _reversed(edges: Mapping[str, Mapping[str, list[str]]]) -> dict[str, dict[str, list[str]]]:
    dependents: dict[str, dict[str, list[str]]] = {}
    for name, others in edges.items():
        for other, kinds in others.items():
            dependents.setdefault(other, {})[name] = kinds
    return dependents
