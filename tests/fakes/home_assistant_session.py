"""A session of Home Assistant without a websocket, for what only reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast

from hems.clients.home_assistant.admin_session import AdminSession
from hems.errors import HemsError
from hems.protocols.home_assistant.entity_state import EntityState, StateAttributes


@dataclass
class FakeSession:
    """`times` is when each entity had its last value (unix s); `refusal` meets who opens it."""

    times: dict[str, float] = field(default_factory=dict)
    components: list[str] = field(default_factory=lambda: ["mqtt", "influxdb"])
    is_recovering: bool = False
    refusal: HemsError | None = None
    opened: int = 0

    def open(self, _now: float) -> AdminSession:
        self.opened += 1
        if self.refusal is not None:
            raise self.refusal
        return cast(AdminSession, self)

    def __enter__(self) -> FakeSession:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def home(self) -> dict[str, object]:
        return {"components": self.components, "recovery_mode": self.is_recovering}

    def states(self) -> tuple[EntityState, ...]:
        return tuple(
            EntityState(name, "1", StateAttributes(), datetime.fromtimestamp(time, UTC))
            for name, time in self.times.items()
        )
