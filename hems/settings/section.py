"""The base class and the common number types of the sections of hems.toml."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import msgspec

from hems.settings.validation_problems import DEFAULT, shown

SHORTEST_S = 0.001  # of a wait or a time limit
Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]
Seconds = Annotated[float, msgspec.Meta(ge=SHORTEST_S, le=86400)]
AbsolutePath = Annotated[str, msgspec.Meta(pattern="^/")]
Count = Annotated[int, msgspec.Meta(ge=1, le=100_000)]


@dataclass(frozen=True)
class WrongValue:
    """The value of the setting `name` is wrong; `also` names others that do not fit it."""

    name: str
    text: str
    also: tuple[str, ...] = ()


def wrong(name: str, value: object, expected: str) -> WrongValue:
    """Return the mistake that the setting `name` has `value` in place of what is `expected`."""
    return WrongValue(name, f"found {shown(value)}, expected {expected}")


class Section(msgspec.Struct, frozen=True):
    """One [section] of hems.toml: a field for each setting, with its default.

    A worker starts with the default of a field of `cosmetic` if its value is wrong. `readers` has
    a function for each setting that is not a plain value: from the file's value, or with `is_text`
    the variable's text, to the value. It raises ConfigError.
    """

    cosmetic: ClassVar[frozenset[str]] = frozenset()
    readers: ClassVar[Mapping[str, Callable[..., Any]]] = {}

    @classmethod
    def instead(cls, name: str) -> str:
        """Return what is used in place of a wrong `name`; empty if no worker can do without it."""
        return DEFAULT if name in cls.cosmetic else ""

    def problems(self) -> Iterator[WrongValue]:
        """Yield each mistake that the types do not find."""
        yield from ()
