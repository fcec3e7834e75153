"""A problem is shown as `title: found`: what was found adds to the title, and never repeats it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import hems
from hems.protocols.gateway import problem_kinds
from hems.protocols.gateway.problem_kinds import KINDS
from hems.supervision.units import unit_state_problems
from hems.supervision.worker.problem import ProblemKind, about

ROOT = Path(hems.__file__).parent
BY_NAME = {kind.name: kind for kind in KINDS}
REPEATED = 3  # words in a row
WORDS = re.compile(r"[\w'.-]+")

# What the gateway finds: (kind, subject, found).
FOUND = (
    ("unit-failed", "led", "exit status 78; its last status: pins: found 'x'"),
    ("unit-restarting", "led", "the last time: killed by signal 9"),
    ("unit-stopped", "led", "it was stopped by hand"),
    ("meter-silent", "041234567890", "no reading since 2026-11-20 10:00 UTC"),
    ("meter-silent", "041234567890", "no reading for 10 min; the newest was refused: wrong CRC"),
    ("meter-never-seen", "041234567890", "no frame with its id has arrived"),
    ("meter-never-seen", "041234567890", "the newest with its id was refused: wrong CRC"),
    ("setup-incomplete", "influxdb", "172.18.4.3:8086: Connection refused"),
    (
        "setting-wrong",
        "HEMS_HOME_ASSISTANT_COUNTRY",
        "found 'fr', expected two letters",
    ),
    ("influxdb-token-unknown", "", "InfluxDB does not know the current token"),
    (
        "influxdb-no-new-points",
        "",
        "Home Assistant has a value of 10:00:00 UTC, but InfluxDB got no point in 4 min",
    ),
    (
        "home-assistant-recovery-mode",
        "",
        "configuration.yaml, line 3, column 1: could not find expected ':'",
    ),
    (
        "recorder-corrupt",
        "home-assistant_v2.db.corrupt.2026-11-20T10:00:00",
        "home-assistant_v2.db.corrupt.2026-11-20T10:00:00, 12 MB",
    ),
    ("storage-corrupt", "lovelace", ".storage/lovelace.corrupt.2026-11-20T10:00:00"),
    (
        "home-assistant-no-way-back",
        "",
        "smartcore-no-way-back.txt: 2026.10.4 follows 2025.3.4 without a copy: no room",
    ),
    ("gateway-banned", "172.18.4.4", "ip_bans.yaml contains 172.18.4.4"),
    ("page-fails", "/influx/", "it answers 502"),
    ("zigbee-stick-missing", "", "/dev/serial/by-id/a; ConBee II is plugged in instead"),
    ("zigbee-several-sticks", "", "ConBee II (/dev/serial/by-id/a) and ZBT-2 (/dev/ttyACM1)"),
    (
        "zigbee-several-sticks",
        "",
        "ZBT-2 (/dev/serial/by-id/a) and ZBT-2 (/dev/ttyACM1) have the same serial number 1: "
        "Home Assistant takes one for the other",
    ),
    ("zigbee-stick-in-use", "", "OpenThread uses ConBee II"),
    ("zigbee-no-permission", "", "ConBee II: [Errno 13] Permission denied: '/dev/ttyACM0'"),
    ("zigbee-stick-silent", "", "ConBee II has firmware that is not for Zigbee"),
    (
        "zigbee-other-network",
        "",
        "ConBee II: Network settings do not match most recent backup",
    ),
    ("zigbee-blank-stick", "", "ConBee II: The stick is blank"),
    ("zigbee-network-choice", "", "the stick ConBee II has another network"),
    ("usb-adapter-unknown", "", "FT232R USB UART (/dev/serial/by-id/b)"),
    ("zigbee-router-silent", "Plug", "behind it: Fridge, Heat pump"),
    ("zigbee-channel-busy", "", "channel 15: 92 %; the quietest is 25: 3 %"),
    ("battery-low", "Cellar door", "15 % or less; over when it has more than 20 %"),
    ("service-given-up", "influxdb", "5 restarts; it is left alone until it answers"),
    ("service-missing", "influxdb", "it does not answer, and no container of it runs"),
    ("release-rejected", "", "balena's update status is rejected"),
    ("reboot-lost", "", "the local network works, but nothing beyond it answers"),
    ("internet-away", "", "neither a cable nor Wi-Fi is connected"),
    ("data-unwritable", "", "/data/reboots.json: No space left on device"),
    ("device-silent", "Fridge", "no reading since 2026-12-01 08:00 UTC"),
    ("reading-implausible", "Fridge", "1.5e+06 W, more than 1.5e+04 W"),
    ("disk-filling", "", "9 % free (2.8 GB); it contains: influxdb-data 12.0 GB"),
    ("disk-full", "", "1 % free (0.3 GB); it contains: influxdb-data 12.0 GB"),
    ("balena-fails", "", "homeassistant: GET /v2/state/status: 401: Unauthorized"),
    ("undervoltage", "", "the voltage fell below 4.63 V"),
    ("broker-at-its-limit", "", "it drops messages for clients that are too slow"),
    ("mqtt-device-sends-too-much", "plug", "it is shut out for ten minutes"),
    (
        "mqtt-device-sends-too-much",
        "plug",
        "the retained messages beyond its share are removed",
    ),
    (
        "mqtt-announcement-refused",
        "plug",
        "switch/relay: command_topic: car/set is none of its topics",
    ),
    ("mqtt-store-damaged", "", "it was put aside at 2026-11-30T12:00:00+00:00"),
    ("report-stale", "watchdog", "the watchdog's report is older than 90 s"),
    (
        "access-refused",
        "port 7845",
        "more than 100 in an hour, most of them from 192.168.1.50",
    ),
    ("firewall-incomplete", "", "our rules are missing in nf_tables filter/DOCKER-USER"),
)


def words(text: str) -> list[str]:
    return [word.strip(".-").lower() for word in WORDS.findall(text)]


def phrases(text: str) -> set[tuple[str, ...]]:
    row = words(text)
    return {tuple(row[at : at + REPEATED]) for at in range(len(row) - REPEATED + 1)}


def test_every_kind_has_an_example() -> None:
    assert {name for name, _, _ in FOUND} == BY_NAME.keys()


@pytest.mark.parametrize(("name", "subject", "found"), FOUND, ids=lambda text: str(text)[:40])
def test_what_was_found_does_not_repeat_the_title(name: str, subject: str, found: str) -> None:
    title = about(BY_NAME[name].title, subject)
    assert phrases(title) & phrases(found) == set()
    if subject in title:
        assert not subject or subject.lower() not in words(found)


def patterns() -> Iterator[tuple[str, str]]:
    """Yield kind and pattern of each text that the code reports; skip those of a call."""
    for path in sorted((ROOT / "workers").rglob("*.py")):
        for call in calls(path):
            kind = vars(problem_kinds).get(ast.unparse(call.func).removesuffix(".found"))
            if isinstance(kind, ProblemKind):
                yield kind.name, pattern(call.args[0])
    for call in calls(Path(unit_state_problems.__file__)):
        if ast.unparse(call.func) == "ReportedProblem":
            yield vars(unit_state_problems)[ast.unparse(call.args[0])], pattern(call.args[2])


def calls(path: Path) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and node.args:
            yield node


def pattern(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return re.escape(str(node.value))
    if isinstance(node, ast.JoinedStr):
        return "".join(pattern(part) for part in node.values)
    return ".+"


@pytest.mark.parametrize(("kind", "text"), sorted(patterns()))
def test_the_examples_are_what_the_code_reports(kind: str, text: str) -> None:
    assert any(re.fullmatch(text, found) for name, _, found in FOUND if name == kind)
