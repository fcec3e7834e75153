"""bin/check with the programs it runs: node, hadolint, nginx, mosquitto."""

import subprocess
import sys
from pathlib import Path

import pytest

from hems.desk.check import balena_parser, hadolint, mosquitto, nginx
from hems.desk.check.run import CHECKS, not_installed
from hems.desk.launch import ROOT
from tests.fakes.tree import Problems, Tree
from tests.required import required

pytestmark = pytest.mark.deploy
COMPOSE = "docker-compose.yml"
NGINX, MOSQUITTO = f"{nginx.FOLDER}/http.d/proxying.conf", mosquitto.FILE
PARSER, LINTER, PROXY, BROKER = (
    one.problems for one in (balena_parser, hadolint, nginx, mosquitto)
)


@pytest.mark.parametrize(
    ("problems", "change", "fault"),
    [
        (PARSER, (COMPOSE, "restart: always", "restrat: always"), "additional properties"),
        (PARSER, (COMPOSE, "restart: always", "restart: always\n    restart: no"), "duplicated"),
        (PARSER, (COMPOSE, "mosquitto:/mosq", "mosquito:/mosq"), "Missing volume definition for"),
        (LINTER, ("Dockerfile", "--no-install-recommends", ""), "DL3015"),
        (LINTER, ("Dockerfile", "FROM", "FORM"), "Dockerfile:"),
        (PROXY, (NGINX, "proxy_buffering", "proxy_bufering"), "proxying.conf:"),
        (PROXY, (f"{nginx.FOLDER}/stream.d/d2l.conf", "eesmart-d2l:", "d2l:"), "host not found"),
        (PROXY, (f"{nginx.FOLDER}/nginx.conf", "http.d/*", "none.d/x"), "No such file"),
        (BROKER, (MOSQUITTO, "max_packet_size", "max_paket_size"), f"{MOSQUITTO}:"),
        (BROKER, (MOSQUITTO, "health.acl", "none.acl"), "Unable to open acl_file"),
        (BROKER, (MOSQUITTO, "\nlistener", "\n#"), "found no listener, expected"),
    ],
)
def test_a_planted_fault_is_found(
    tmp_path: Path, problems: Problems, change: tuple[str, str, str], fault: str
) -> None:
    programs = next(one.programs for one in CHECKS if one.problems == problems)
    required(not_installed(programs))
    lines = Tree(tmp_path).found(problems, *change)
    assert any(fault in line for line in lines), lines


def test_the_tree_itself_is_well() -> None:
    argv = [sys.executable, str(ROOT / "bin" / "check")]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=400, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
