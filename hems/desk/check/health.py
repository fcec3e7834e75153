"""Every service has a health check, and none that kills it for being slow once.

balenaEngine, unlike Docker's, restarts a container whose health check fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from hems.desk.check import compose, dockerfile
from hems.desk.check.compose import FILE, Healthcheck, Service
from hems.supervision import timespan

LEAST_RETRIES = 3
LEAST_TIMEOUT_S = 5.0
LEAST_PATIENCE_S = 90.0  # of failures in a row: a Pi that writes to a slow card recovers by then


def problems(root: Path) -> Iterator[str]:
    """Yield each service without a health check, and each check that is too tight."""
    for name, service in compose.read(root).services.items():
        if service.healthcheck:
            yield from tight(f"{FILE}: {name}: healthcheck", service.healthcheck)
        else:
            yield from _of_image(root, name, service)


def _of_image(root: Path, name: str, service: Service) -> Iterator[str]:
    path = dockerfile.path_of(service.source) if service.source else ""
    if path and not (root / path).is_file():  # images.py says so
        return
    instructions = dockerfile.read(root, path) if path else []
    checks = [one for one in instructions if one.name == "HEALTHCHECK"]
    if not checks or checks[-1].rest == "NONE":
        yield f"{path or FILE}: {name}: no health check, expected one that asks it a question"
    else:
        options = msgspec.convert(checks[-1].options, Healthcheck, strict=False)
        yield from tight(f"{path}: HEALTHCHECK", options)


def tight(where: str, check: Healthcheck) -> Iterator[str]:
    """Yield why `check` could restart a service that is only slow."""
    try:
        interval_s, timeout_s = timespan.seconds(check.interval), timespan.seconds(check.timeout)
    except ValueError as error:
        yield f"{where}: {error}"
        return
    if check.retries < LEAST_RETRIES:
        yield f"{where}: retries: found {check.retries}, expected {LEAST_RETRIES} or more"
    if timeout_s < LEAST_TIMEOUT_S:
        yield f"{where}: timeout: found {check.timeout}, expected {LEAST_TIMEOUT_S:g}s or more"
    if interval_s * check.retries < LEAST_PATIENCE_S:
        yield (
            f"{where}: found {check.retries} x {check.interval}, expected "
            f"{LEAST_PATIENCE_S:g}s or more: the engine restarts the container then"
        )
