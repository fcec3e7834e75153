"""Each worker's own parts of the settings, against what its code reads of them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

import hems
from hems.builders import OWN, WORKERS
from hems.settings import Settings
from hems.settings.logins import Secret
from hems.settings.secrets import BALENA

ROOT = Path(hems.__file__).parent
SECTIONS = {field.name for field in msgspec.structs.fields(Settings)} - {"secrets"}
PARTS = {section: {section} for section in SECTIONS} | {
    "mqtt_login": {Secret.MQTT_USER, Secret.MQTT_PASSWORD},
    "given": set(Secret),
    "mqtt_users": {"MQTT_USERS"},
    "d2l_devices": {"D2L_DEVICES"},
    "balena": {BALENA},
    "wifi_portal_passphrase": {"WIFI_PORTAL_PASSPHRASE"},
    "central_broker": {"MQTT_BRIDGE"},
}
# Read beside its own parts: with defaults in their place the worker is still of use.
BESIDE = {
    "led": {"watchdog"},  # its file, and what the internet is asked
    "provision": {"watchdog", "D2L_DEVICES"},  # how long balena may take; a dashboard's content
    "telemetry": {"watchdog"},  # its file, and the disk
}
BUILDERS = {
    node.name: node
    for node in ast.parse((ROOT / "builders.py").read_text()).body
    if isinstance(node, ast.FunctionDef)
}


def builder(name: str) -> Iterator[ast.AST]:
    """Yield a function of builders.py and those that it calls."""
    yield BUILDERS[name]
    calls = (node.func for node in ast.walk(BUILDERS[name]) if isinstance(node, ast.Call))
    for called in calls:
        if isinstance(called, ast.Name) and called.id in BUILDERS:
            yield from builder(called.id)


def code(worker: str) -> Iterator[ast.AST]:
    name = worker.replace("-", "_")
    yield from builder(name)
    for path in (ROOT / "workers" / name).rglob("*.py"):
        yield ast.parse(path.read_text())


def read(tree: ast.AST) -> Iterator[str]:
    """Yield each part of `settings` or of its `secrets` that is read."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in PARTS:
            owner = ast.unparse(node.value).split(".")[-1].strip("_")
            if owner in {"settings", "secrets"}:
                yield from PARTS[node.attr]


@pytest.mark.parametrize("worker", WORKERS)
def test_a_workers_own_parts_and_those_beside_are_what_it_reads(worker: str) -> None:
    found = {part for tree in code(worker) for part in read(tree)}
    assert found == OWN[worker] | BESIDE.get(worker, set())
    assert not OWN[worker] & BESIDE.get(worker, set())


def test_no_worker_stands_on_the_settings_of_logs() -> None:
    assert not any("logs" in parts for parts in OWN.values())


def test_a_mistake_in_any_secret_leaves_the_lights_on() -> None:
    secrets = set().union(*PARTS.values()) - SECTIONS
    for worker in ("led", "iptables-init"):
        assert not OWN[worker] & secrets
    assert OWN["watchdog"] & secrets == {BALENA}
    assert OWN["wifi-connect"] & secrets == {"WIFI_PORTAL_PASSPHRASE"}
