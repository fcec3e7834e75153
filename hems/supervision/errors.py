"""The error that the library raises on purpose, and the hints in messages about names."""

from __future__ import annotations

from collections.abc import Iterable


class InvalidConfiguration(Exception):
    """A directive or an option is missing or wrong. A restart does not help."""

    exit_code = 78  # EX_CONFIG of sysexits.h


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the known name that is most like `name`, empty if none is."""
    import difflib  # noqa: PLC0415 - 100 kB, for mistakes only

    return next(iter(difflib.get_close_matches(name, list(known), 1)), "")


def no_such_unit(unknown: Iterable[str], units: Iterable[str]) -> str:
    """Return what to say about names that no unit has."""
    names, known = list(unknown), sorted(units)
    near = [nearest(name, known) for name in names]
    hint = f"did you mean {', '.join(near)}?" if all(near) else f"known: {', '.join(known)}"
    return f"no such unit: {', '.join(names)}; {hint}"
