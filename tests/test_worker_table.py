"""The settings of each worker in the table, against what its code reads."""

from __future__ import annotations

import ast
import importlib
import sys
from collections.abc import Iterator
from contextlib import suppress
from fnmatch import fnmatchcase
from pathlib import Path

import msgspec
import pytest
from pytest_mock import MockerFixture

import hems
from dev.check import dockerfile, supervisord_conf
from hems.__main__ import preload
from hems.settings import Settings
from hems.settings.balena_access import BALENA
from hems.settings.shared_secret_rules import Secret
from hems.worker_table import TABLE, WORKERS, WorkerEntry

ROOT = Path(hems.__file__).parent
SECTIONS = {field.name for field in msgspec.structs.fields(Settings)} - {"secrets", "problems"}
# Optional for every worker: the previous login is used in place of a wrong one.
LOGIN: set[str] = {Secret.MQTT_USER, Secret.MQTT_PASSWORD}
PARTS: dict[str, set[str]] = {section: {section} for section in SECTIONS} | {
    "mqtt_login": LOGIN,
    "variables": set(Secret),
    "mqtt_users": {"MQTT_USERS"},
    "d2l_devices": {"D2L_DEVICES"},
    "balena": {BALENA},
    "wifi_portal_passphrase": {"WIFI_PORTAL_PASSPHRASE"},
    "central_broker": {"MQTT_BRIDGE"},
}
# A worker reads these as well, but is useful with their defaults.
OPTIONAL: dict[str, set[str]] = {
    "led": {"watchdog", "telemetry"},  # their files, and what the internet is asked
    # How long balena may take; a dashboard's content; what its steps can do without; Home
    # Assistant's folder and nginx's address.
    "provision": {
        "watchdog",
        "led",
        "services",
        "D2L_DEVICES",
        "mqtt_bridge",
        "MQTT_USERS",
        "open_ports",
        "are_pages_on_http",
        "MQTT_BRIDGE",
        BALENA,
        "tariffs",
    }
    | {*Secret},
    # Its file, and the disk; the language, and whom to ask; the folder of the secrets; the prices.
    "telemetry": {"watchdog", "home_assistant", "provision", "tariffs"},
    "eesmart-d2l": {"watchdog", "home_assistant"},  # its file; the language
    "iptables-init": {"eesmart_d2l"},  # the port that nginx must reach
    "watchdog": {"telemetry"},  # supervisord's file, and that of commands
    "wifi-connect": {"provision"},  # the folder of the secrets
}
SUPERVISOR_KEY = "BALENA_SUPERVISOR_API_KEY"  # the secret one of balena's variables
SECRETS = {
    *Secret,
    "MQTT_USERS",
    "MQTT_BRIDGE",
    "D2L_DEVICES",
    "WIFI_PORTAL_PASSPHRASE",
    SUPERVISOR_KEY,
}
BUILDERS = {
    node.name: node
    for name in ("worker_table.py", "peer_clients.py")
    for node in ast.parse((ROOT / name).read_text()).body
    if isinstance(node, ast.FunctionDef)
}


def builder(name: str) -> Iterator[ast.AST]:
    """Yield a builder and the functions of both modules that it calls."""
    yield BUILDERS[name]
    calls = (node.func for node in ast.walk(BUILDERS[name]) if isinstance(node, ast.Call))
    for called in calls:
        called_name = ast.unparse(called).removeprefix("peer_clients.")
        if called_name in BUILDERS:
            yield from builder(called_name)


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
def test_a_workers_settings_in_the_table_are_what_its_code_reads(worker: str) -> None:
    settings = {part for tree in code(worker) for part in read(tree)}
    optional = OPTIONAL.get(worker, set()) | LOGIN
    assert settings | LOGIN == WORKERS[worker].settings | optional
    assert not WORKERS[worker].settings & optional


def secrets_of(worker: str) -> set[str]:
    """Return the secrets that a worker's code reads, by the names of their variables."""
    parts = {part for tree in code(worker) for part in read(tree)}
    return {SUPERVISOR_KEY if part == BALENA else part for part in parts} & SECRETS


@pytest.mark.parametrize("worker", [name for name in WORKERS if WORKERS[name].is_forked])
def test_a_worker_is_given_the_secrets_that_its_code_reads_and_no_other(worker: str) -> None:
    variables = dockerfile.environment(dockerfile.read(ROOT.parent, "Dockerfile"))
    unit = supervisord_conf.units(ROOT.parent, variables)[worker]
    given = unit.process.credentials
    names = {credential.name for credential in given.loaded}
    names |= {name for name in SECRETS for pattern in given.imported if fnmatchcase(name, pattern)}
    assert names == secrets_of(worker)


def test_the_container_hides_every_secret_from_supervisord() -> None:
    command = dockerfile.command(dockerfile.read(ROOT.parent, "Dockerfile"))
    patterns = command[command.index("/run/hems/secrets") + 1 : command.index("--")]
    assert all(any(fnmatchcase(name, pattern) for pattern in patterns) for name in SECRETS)


def test_supervisord_preloads_what_it_forks_and_nothing_else(mocker: MockerFixture) -> None:
    imported = mocker.patch.object(importlib, "import_module", wraps=importlib.import_module)
    preload()
    names = [call.args[0] for call in imported.call_args_list]
    packages = {name.split(".")[2] for name in names if name.startswith("hems.workers.")}
    assert packages == {entry.package for entry in TABLE if entry.is_forked}
    of_portal = {"captive_portal", "dbus", "network_manager", "portal_proxy"}
    assert not of_portal & {name.rpartition(".")[2] for name in names}
    network = ROOT / "system" / "network"
    assert of_portal <= {path.stem for path in network.glob("*.py")}


def test_a_preload_imports_no_detector_of_encodings_and_then_others_may(
    mocker: MockerFixture,
) -> None:
    detectors: list[bool] = []
    mocker.patch.dict(sys.modules)
    sys.modules.pop("charset_normalizer", None)

    def import_all(_package: str) -> None:
        with suppress(ImportError):
            detectors.append(bool(importlib.import_module("charset_normalizer")))

    mocker.patch("hems.__main__._import_all", import_all)
    preload()
    assert not detectors
    import_all("")
    assert detectors


def test_a_mistake_in_the_logs_section_stops_no_worker() -> None:
    assert not any("logs" in entry.settings for entry in TABLE)


def test_a_mistake_in_a_secret_leaves_led_and_firewall_running() -> None:
    secrets = set().union(*PARTS.values()) - SECTIONS
    for worker in ("led", "iptables-init"):
        assert not WORKERS[worker].settings & secrets
    assert WORKERS["watchdog"].settings & secrets == {BALENA}
    assert WORKERS["wifi-connect"].settings & secrets == {"WIFI_PORTAL_PASSPHRASE"}


def test_a_worker_has_one_entry_and_a_module_of_its_name() -> None:
    assert len(WORKERS) == len(TABLE)
    packages = {path.parent.name for path in (ROOT / "workers").glob("*/__init__.py")}
    assert packages == {name.replace("-", "_") for name in WORKERS}


@pytest.mark.parametrize("entry", TABLE, ids=lambda entry: entry.name)
def test_a_purpose_is_one_short_line_without_a_full_stop(entry: WorkerEntry) -> None:
    assert len(entry.purpose) <= 100
    assert entry.purpose.isprintable()
    assert not entry.purpose.endswith(".")
