"""What a client of the broker has to know about it."""

from __future__ import annotations

from typing import Protocol


class BrokerSettings(Protocol):
    """The broker's address, its time limits (s), and the prefixes of our topics."""

    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def discovery_prefix(self) -> str: ...
    @property
    def base_topic(self) -> str: ...
    @property
    def timeout_s(self) -> float: ...
    @property
    def backoff_max_s(self) -> float: ...
