"""bin/check with the programs it runs: node, hadolint, nginx, mosquitto."""

import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from dev import ROOT
from dev.check.checks import (
    balena_parser_accepts_compose,
    hadolint,
    mosquitto_accepts_configuration,
    nginx_accepts_configuration,
)
from dev.check.mosquitto_conf import FILE as MOSQUITTO
from dev.check.nginx_files import FOLDER as NGINX
from dev.check.run import not_installed
from tests.fakes.tree import Tree
from tests.required import required

pytestmark = pytest.mark.deploy
COMPOSE = "docker-compose.yml"
PARSER, LINTER, PROXY, BROKER = (
    balena_parser_accepts_compose,
    hadolint,
    nginx_accepts_configuration,
    mosquitto_accepts_configuration,
)


@pytest.mark.parametrize(
    ("check", "change", "fault"),
    [
        (PARSER, (COMPOSE, "restart: always", "restrat: always"), "additional properties"),
        (
            PARSER,
            (COMPOSE, "restart: always", "restart: always\n    restart: no"),
            "already defined",
        ),
        (PARSER, (COMPOSE, "driver: bridge", "driver: macvlan"), "network.driver"),
        (
            PARSER,
            (COMPOSE, "cap_add:", "security_opt: [label=disable]\n    cap_add:"),
            "security_opt",
        ),
        (PARSER, (COMPOSE, "mosquitto:/mosq", "mosquito:/mosq"), "refers to undefined volume"),
        (LINTER, ("Dockerfile", "--no-install-recommends", ""), "DL3015"),
        (LINTER, ("Dockerfile", "FROM", "FORM"), "Dockerfile:"),
        (
            PROXY,
            (f"{NGINX}/http.d/proxying.conf", "proxy_buffering", "proxy_bufering"),
            "proxying.conf:",
        ),
        (
            PROXY,
            (f"{NGINX}/stream.d/d2l.conf", "eesmart-d2l:", "d2l:"),
            "host not found",
        ),
        (
            PROXY,
            (f"{NGINX}/nginx.conf", "http.d/*", "none.d/x"),
            "No such file",
        ),
        (BROKER, (MOSQUITTO, "max_packet_size", "max_paket_size"), f"{MOSQUITTO}:"),
        (BROKER, (MOSQUITTO, "control.acl", "none.acl"), "Unable to open acl_file"),
        (BROKER, (MOSQUITTO, "\nlistener", "\n#"), "found no listener, expected"),
    ],
)
def test_a_planted_fault_is_found(
    tmp_path: Path, check: ModuleType, change: tuple[str, str, str], fault: str
) -> None:
    required(not_installed(getattr(check, "PROGRAMS", ())))
    lines = Tree(tmp_path).found(check.problems, *change)
    assert any(fault in line for line in lines), lines


def test_the_repository_passes_every_check() -> None:
    argv = [sys.executable, str(ROOT / "bin" / "check")]
    completed = subprocess.run(argv, capture_output=True, text=True, timeout=1200, check=False)
    assert completed.returncode == 0, completed.stdout + completed.stderr
