"""What provision has to know of the machine that it runs on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hems.protocols.server_names import ServerNames


@dataclass(frozen=True)
class Machine:
    """`names` returns all that it is called now; `software_at` (unix s) is when hems was made."""

    host_name: str
    names: Callable[[], ServerNames]
    software_at: float
