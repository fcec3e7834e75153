import json
from collections.abc import Mapping

import pytest

from hems.doctor.check_interface import Finding, Severity
from hems.doctor.checks import firewall_rules
from hems.doctor.repair_commands import RepairCommands
from tests.doctor.checks.health_report import ROW, report, unit

COMMANDS = RepairCommands()


METRICS = {
    "mode": "enforce",
    "is_permitted": True,
    "slots": {"nft DOCKER-USER": True},
    "problems": {},
    "fights": [],
}


def wall(**changes: object) -> list[Finding]:
    metrics = json.dumps({**METRICS, **changes})
    return firewall_rules.rules(report(ROW, unit(name="iptables-init", metrics=metrics)), COMMANDS)


@pytest.mark.parametrize(
    ("changes", "severity", "words"),
    [
        ({}, Severity.OK, "our rules are in nft DOCKER-USER"),
        ({"mode": "report"}, Severity.NOTE, "only reports"),
        ({"slots": {}}, Severity.NOTE, "nothing to allow"),
        ({"slots": {"nft DOCKER-USER": False}}, Severity.FAILED, "missing in nft DOCKER-USER"),
        ({"is_permitted": False, "slots": {}}, Severity.FAILED, "CAP_NET_ADMIN is missing"),
        ({"problems": {"nft": "broken\nmore"}}, Severity.FAILED, "nft: broken"),
        ({"fights": ["nft"], "slots": {"a": False}}, Severity.FAILED, "another program keeps"),
    ],
)
def test_the_findings_from_the_firewalls_metrics(
    changes: Mapping[str, object], severity: Severity, words: str
) -> None:
    (finding,) = wall(**changes)
    assert finding.severity is severity
    assert words in finding.found


@pytest.mark.parametrize(
    ("changes", "severities", "words"),
    [
        (
            {"slots": {"iptables-legacy filter/INPUT": True}},
            [Severity.OK, Severity.NOTE],
            "HOST_FIREWALL_MODE on or auto); our rule lets nginx reach eesmart-d2l",
        ),
        (
            {"slots": {"iptables-legacy filter/INPUT": False}},
            [Severity.FAILED, Severity.FAILED],
            "HOST_FIREWALL_MODE on or auto): nginx cannot reach eesmart-d2l",
        ),
        (
            {"mode": "report", "slots": {"iptables-legacy filter/INPUT": False}},
            [Severity.NOTE, Severity.FAILED],
            "nginx cannot reach eesmart-d2l",
        ),
        ({"is_permitted": False, "slots": {}}, [Severity.FAILED] * 2, "nginx cannot reach"),
    ],
)
def test_the_hosts_firewall_is_found(
    changes: Mapping[str, object], severities: list[Severity], words: str
) -> None:
    findings = wall(is_host_firewall_on=True, **changes)
    assert [finding.severity for finding in findings] == severities
    assert words in findings[-1].found
    assert "BALENA_HOST_FIREWALL_MODE" in findings[-1].advice


def test_a_firewall_without_metrics_is_a_note() -> None:
    (finding,) = firewall_rules.rules(report(ROW, unit(name="iptables-init")), COMMANDS)
    assert (finding.severity, finding.found) == (
        Severity.NOTE,
        "iptables-init has not published its metrics yet",
    )


def test_a_gateway_without_the_firewalls_unit_has_failed() -> None:
    (finding,) = firewall_rules.rules(report(ROW), COMMANDS)
    assert finding.severity is Severity.FAILED
