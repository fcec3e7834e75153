"""The dependencies in the settings of all units: their names exist, and none form a cycle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hems.supervision.errors import InvalidConfiguration, nearest
from hems.supervision.settings.unit_spec import UnitSpec


def check(name: str, specs: Mapping[str, UnitSpec]) -> None:
    """Raise InvalidConfiguration if `name` depends on an unknown unit, or waits for itself."""
    for other in _named(specs[name]):
        if other not in specs:
            near = nearest(other, specs)
            hint = f", did you mean {near}?" if near else ""
            raise InvalidConfiguration(
                f"[program:{name}] UNIT: depends on unknown unit {other!r}{hint}"
            )
    _check_conflicts(specs[name], specs)
    if cycle := _cycle(name, specs):
        raise InvalidConfiguration(
            f"[program:{name}] UNIT: After, Before, Requires and BindsTo form a cycle: "
            f"{' > '.join(cycle)}"
        )


def with_before(specs: Mapping[str, UnitSpec]) -> dict[str, UnitSpec]:
    """Return the settings in which each Before= is an After= of the other unit."""
    earlier: dict[str, list[str]] = {}
    for name, spec in specs.items():
        for later in spec.before:
            earlier.setdefault(later, []).append(name)
    return {
        name: spec._replace(after=(*spec.after, *earlier[name])) if name in earlier else spec
        for name, spec in specs.items()
    }


def awaited(spec: UnitSpec) -> Iterator[str]:
    """Yield the units after which `spec` starts."""
    yield from spec.requires
    yield from spec.binds_to
    yield from spec.after


def _check_conflicts(spec: UnitSpec, specs: Mapping[str, UnitSpec]) -> None:
    for other in spec.conflicts:
        if spec.is_autostarted and specs[other].is_autostarted:
            raise InvalidConfiguration(
                f"[program:{spec.name}] UNIT: it conflicts with {other}, and both have autostart"
            )


def _named(spec: UnitSpec) -> Iterator[str]:
    yield from awaited(spec)
    yield from spec.before
    yield from spec.wants
    yield from spec.part_of
    yield from spec.upholds
    yield from spec.conflicts
    yield from spec.on_failure
    yield from spec.on_success


def _cycle(name: str, specs: Mapping[str, UnitSpec]) -> list[str]:
    """Return the names on the shortest way from `name` to itself, empty if there is none.

    Visit each unit once: a chain has twice as many ways with each unit that it awaits twice.
    """
    before: dict[str, str] = {}
    queue = [name]
    for current in queue:
        for other in awaited(specs[current]) if current in specs else ():
            if other not in before:
                before[other] = current
                queue.append(other)
        if name in before:
            break
    way = [name] if name in before else []
    while way and (len(way) == 1 or way[-1] != name):
        way.append(before[way[-1]])
    return way[::-1]
