"""When a unit last changed its state: systemd's timestamps, in monotonic seconds."""

from __future__ import annotations

from hems.supervision.units.unit_phase import INACTIVE, UP, UnitPhase


class StateTimestamps:
    """The times of the last changes, None for never. A unit is up from active_enter on."""

    def __init__(self) -> None:
        self.state_change: float | None = None
        self.inactive_exit: float | None = None
        self.active_enter: float | None = None
        self.active_exit: float | None = None
        self.inactive_enter: float | None = None

    def enter(self, before: UnitPhase, phase: UnitPhase, now: float) -> None:
        """Record a change of the phase at `now`."""
        self.state_change = max(now, self.state_change or now)  # a reset has no time
        if before in INACTIVE and phase not in INACTIVE:
            self.inactive_exit = now
        elif before not in INACTIVE and phase in INACTIVE:
            self.inactive_enter = now
        if before not in UP and phase in UP:
            self.active_enter = now
        elif before in UP and phase not in UP:
            self.active_exit = now
