"""The probe of a service fails while the list of problems has one that a restart repairs."""

from __future__ import annotations

import json

import pytest

from hems.errors import Unavailable
from hems.workers.watchdog.service_health_check import ServiceProbe
from tests.fakes.telemetry import PROBLEM, row

MISSING = PROBLEM | {"name": "influxdb-no-new-points", "found": "no point in 5 min"}
BANNED = PROBLEM | {"name": "gateway-banned", "found": "ip_bans.yaml contains 172.18.4.4"}


def report(*problems: dict[str, object], written_at: float = 100.0) -> bytes:
    units = [row("led"), row("provision", problems=list(problems))]
    return json.dumps({"written_at": written_at, "units": units}).encode()


def probe(health: bytes, service: str = "influxdb") -> ServiceProbe:
    return ServiceProbe(service, lambda: None, lambda: health, lambda: 110.0)


def test_an_influxdb_without_new_points_is_not_well() -> None:
    with pytest.raises(Unavailable, match="no point in 5 min"):
        probe(report(PROBLEM, MISSING))()


def test_a_home_assistant_that_has_banned_the_gateway_is_not_well() -> None:
    with pytest.raises(Unavailable, match=r"172\.18\.4\.4"):
        probe(report(MISSING, BANNED), "homeassistant")()


@pytest.mark.parametrize("service", ["mqtt", "nginx-reverse-proxy"])
def test_no_other_service_is_restarted_for_it(service: str) -> None:
    probe(report(MISSING, BANNED), service)()


@pytest.mark.parametrize(
    "health",
    [report(), report(PROBLEM), report(MISSING, written_at=1.0), b"", b"{}"],
    ids=["no problem", "another", "old", "empty", "no report"],
)
def test_without_that_problem_its_answer_counts(health: bytes) -> None:
    probe(health)()


def test_without_a_report_its_answer_counts() -> None:
    def read() -> bytes:
        raise Unavailable("no file")

    ServiceProbe("influxdb", lambda: None, read, lambda: 1.0)()


def test_a_service_that_does_not_answer_is_not_well() -> None:
    def answers() -> None:
        raise Unavailable("refused")

    with pytest.raises(Unavailable, match="refused"):
        ServiceProbe("influxdb", answers, report, lambda: 110.0)()
