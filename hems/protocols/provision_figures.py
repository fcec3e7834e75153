"""What others take of provision's figures: the work that it cannot do, and since when."""

from __future__ import annotations

import msgspec

from hems.protocols.health_report import HealthReport

PROVISION = "provision"
RESTART = "restart of "  # a step that asks balena's Supervisor, so a person's where there is none
PATIENCE_S = 600.0  # a boot in which the services wait for one another takes less


class ProvisionFigures(msgspec.Struct, frozen=True):
    """`waiting` is why a step is not done; `waiting_since` monotonic s, None if all are done."""

    waiting: dict[str, str]
    waiting_since: float | None
    has_supervisor: bool

    def undone(self) -> list[str]:
        """Return each step that provision should have done, and why it has not."""
        return [
            f"{name}: {reason}"
            for name, reason in self.waiting.items()
            if self.has_supervisor or not name.startswith(RESTART)
        ]

    def stuck(self, now: float) -> list[str]:
        """Return what is undone if something has been for too long at monotonic `now` (s)."""
        begun = self.waiting_since
        return [] if begun is None or now - begun < PATIENCE_S else self.undone()


def told(report: HealthReport) -> ProvisionFigures | None:
    """Return what provision has told, None if it has not; another version's may be none to us."""
    for unit in report.units:
        if unit.name == PROVISION:
            try:
                return msgspec.json.decode(unit.figures, type=ProvisionFigures)
            except msgspec.DecodeError:
                break
    return None
