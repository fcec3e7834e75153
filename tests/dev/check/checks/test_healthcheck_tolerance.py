import pytest

from dev.check.checks import healthcheck_tolerance
from dev.check.compose_file import FILE, Healthcheck
from tests.fakes.tree import Tree

CONFIGURATOR = "services/hass-configurator/Dockerfile"


@pytest.mark.parametrize(
    ("check", "fault"),
    [
        (Healthcheck(retries=1, interval="120s"), "here: retries: found 1, expected 3 or more"),
        (Healthcheck(timeout="2s"), "here: timeout: found 2s, expected 5s or more"),
        (Healthcheck(interval="10s"), "here: found 3 x 10s, expected 90s or more"),
        (Healthcheck(interval="often"), "here: found 'often'"),
    ],
)
def test_a_check_that_would_restart_a_slow_service_is_found(check: Healthcheck, fault: str) -> None:
    [line] = healthcheck_tolerance.too_strict("here", check)
    assert fault in line


def test_the_engines_defaults_are_accepted() -> None:
    assert list(healthcheck_tolerance.too_strict("here", Healthcheck())) == []


def test_a_strict_check_in_a_dockerfile_is_found(tree: Tree) -> None:
    [line] = tree.found(
        healthcheck_tolerance.problems, CONFIGURATOR, "--timeout=10s", "--timeout=1s"
    )
    assert line.startswith(f"{CONFIGURATOR}: HEALTHCHECK: timeout: found 1s")


def test_a_service_without_a_check_is_found(tree: Tree) -> None:
    [line] = tree.found(healthcheck_tolerance.problems, CONFIGURATOR, "HEALTHCHECK", "LABEL")
    assert line.startswith(f"{CONFIGURATOR}: hass-configurator: no health check")


def test_composes_check_overrides_the_images(tree: Tree) -> None:
    service = "  hass-configurator:\n"
    check = "    healthcheck: {interval: 5s}\n"
    [line] = tree.found(healthcheck_tolerance.problems, FILE, service, service + check)
    assert line.startswith(f"{FILE}: hass-configurator: healthcheck: found 3 x 5s")
