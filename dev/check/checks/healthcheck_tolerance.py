"""Check that every service has a health check, and one that tolerates a slow service.

balenaEngine, unlike Docker's engine, restarts a container when its health check fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from dev.check import compose_file, dockerfile
from dev.check.compose_file import FILE, Healthcheck, Service
from hems.supervision.settings import time_span

TITLE = "health checks: every service has one that tolerates slowness"
MINIMUM_RETRIES = 3
MINIMUM_TIMEOUT_S = 5.0
MINIMUM_PATIENCE_S = 90.0  # interval x retries: a Pi that writes to a slow card recovers by then


def problems(root: Path) -> Iterator[str]:
    """Yield each service without a health check, and each health check that is too strict."""
    for name, service in compose_file.read(root).services.items():
        if service.healthcheck:
            yield from too_strict(f"{FILE}: {name}: healthcheck", service.healthcheck)
        else:
            yield from _of_image(root, name, service)


def _of_image(root: Path, name: str, service: Service) -> Iterator[str]:
    path = dockerfile.path_of(service.source) if service.source else ""
    if path and not (root / path).is_file():  # image_versions.py reports this
        return
    instructions = dockerfile.read(root, path) if path else []
    checks = [line for line in instructions if line.name == "HEALTHCHECK"]
    if not checks or checks[-1].rest == "NONE":
        yield f"{path or FILE}: {name}: no health check, expected one that sends a request"
    else:
        options = msgspec.convert(checks[-1].options, Healthcheck, strict=False)
        yield from too_strict(f"{path}: HEALTHCHECK", options)


def too_strict(where: str, check: Healthcheck) -> Iterator[str]:
    """Yield why `check` could restart a service that is only slow."""
    try:
        interval_s, timeout_s = time_span.seconds(check.interval), time_span.seconds(check.timeout)
    except ValueError as error:
        yield f"{where}: {error}"
        return
    if check.retries < MINIMUM_RETRIES:
        yield f"{where}: retries: found {check.retries}, expected {MINIMUM_RETRIES} or more"
    if timeout_s < MINIMUM_TIMEOUT_S:
        yield f"{where}: timeout: found {check.timeout}, expected {MINIMUM_TIMEOUT_S:g}s or more"
    if interval_s * check.retries < MINIMUM_PATIENCE_S:
        yield (
            f"{where}: found {check.retries} x {check.interval}, expected {MINIMUM_PATIENCE_S:g}s "
            "or more: the engine restarts the container after this time"
        )
