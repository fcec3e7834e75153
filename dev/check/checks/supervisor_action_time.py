"""Check that the gateway waits long enough while balena's Supervisor restarts a service.

A service that hangs takes its whole stop_grace_period to stop, and the Supervisor answers after
that.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from dev.check import compose_file, default_settings

TITLE = "settings: action_timeout_s exceeds every stop_grace_period"
OURS = "hems"  # never restarts itself
MARGIN_S = 30.0  # to remove the old container and to start the new one


def problems(root: Path) -> Iterator[str]:
    """Yield each service that may take longer to restart than hems waits."""
    limit_s = default_settings.read(root).watchdog.action_timeout_s
    for name, service in compose_file.read(root).services.items():
        needed_s = compose_file.seconds(service.stop_grace_period) + MARGIN_S
        if name != OURS and needed_s > limit_s:
            yield (
                f"{default_settings.FILE}: [watchdog] action_timeout_s: found {limit_s:g}, "
                f"expected {needed_s:g} or more: {compose_file.FILE} gives {name} a "
                f"stop_grace_period of {service.stop_grace_period}"
            )
