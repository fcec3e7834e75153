"""What every [section] of hems.toml is made of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import msgspec

Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]
Seconds = Annotated[float, msgspec.Meta(gt=0, le=86400)]
Count = Annotated[int, msgspec.Meta(ge=1, le=100_000)]


class Section(msgspec.Struct, frozen=True):
    """One [section] of hems.toml."""

    def problems(self) -> Iterator[str]:
        """Yield what the types cannot say, as `name: what was found, what was expected`."""
        yield from ()
