"""Find the topics that two topic filters have in common (MQTT 3.1.1, section 4.7)."""

from __future__ import annotations

from itertools import zip_longest

ONE, ALL = "+", "#"  # the wildcards for one level, and for the level above and all below


def intersection(one: str, other: str) -> str:
    """Return the filter of the topics that match both filters, empty if there are none."""
    left, right = one.split("/"), other.split("/")
    common: list[str] = []
    for index, (a, b) in enumerate(zip_longest(left, right)):
        if ALL in (a, b):
            rest = (right if a == ALL else left)[index:]
            return "/".join(common + rest)
        if a is None or b is None or (a != b and ONE not in (a, b)):
            return ""
        common.append(b if a == ONE else a)
    return "/".join(common)
