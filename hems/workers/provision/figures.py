"""What provision tells: figures for machines, a line for people; never a secret."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from hems.runtime import Guarded


class Figures(msgspec.Struct, frozen=True):
    """X_HEMS_STATE of provision. `waiting` has what is not done, by step, and why.

    `waiting_since` is when a step began to wait while no other did: monotonic s.
    """

    certificate_days_left: float | None
    given: tuple[str, ...]  # the secrets that variables say
    waiting: dict[str, str]
    waiting_since: float | None
    last_restart: str
    has_supervisor: bool


def waiting(steps: Sequence[Guarded]) -> dict[str, str]:
    """Return why each step that is not done is not."""
    return {one.name: one.trouble or "not looked at yet" for one in steps if not one.is_done}


def status(told: Figures) -> str:
    """Return the figures as one line for people."""
    if told.certificate_days_left is None:
        parts = ["no certificate yet"]
    else:
        parts = [f"the certificate is valid for {told.certificate_days_left:.0f} d"]
    parts += [f"{name}: {reason}" for name, reason in told.waiting.items()]
    if not told.waiting:
        parts.insert(0, "everything is in place")
    if told.last_restart:
        parts.append(f"last: {told.last_restart}")
    return "; ".join(parts)
