"""What each worker may do in the container, and which secrets are in its reach."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dev.check import dockerfile, supervisord_conf
from hems.supervision.settings.capability_names import NUMBERS
from tests.image.conftest import FLEET
from tests.image.fleet import Fleet
from tests.integration.d2l import KEY
from tests.integration.worker_process import ROOT
from tests.process_memory import memory

pytestmark = pytest.mark.image
WORKERS = sorted(supervisord_conf.programs(ROOT))
CREDENTIALS = "/run/hems/credentials"


@pytest.fixture(scope="module")
def pids(fleet: Fleet) -> dict[str, int]:
    """Return the pid of each worker, and of supervisord, as this machine counts them."""
    names = {pid: Path(f"/proc/{pid}/comm").read_text().strip() for pid in fleet.hems.pids()}
    return {name: pid for pid, name in names.items()}


def status(pid: int, field: str) -> str:
    found = re.search(rf"^{field}:\s*(\S+)", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    assert found
    return found[1]


@pytest.mark.parametrize("worker", WORKERS)
def test_a_worker_has_the_capabilities_of_its_unit_and_can_gain_none(
    pids: dict[str, int], worker: str
) -> None:
    variables = dockerfile.environment(dockerfile.read(ROOT, "Dockerfile"))
    unit = supervisord_conf.units(ROOT, variables)[worker]
    allowed = unit.process.privileges.bounding_set
    assert allowed is not None
    bits = {name: int(status(pids[worker], name), 16) for name in ("CapBnd", "CapPrm", "CapEff")}
    found = {number for number in NUMBERS.values() if bits["CapBnd"] >> number & 1}
    assert found == allowed
    is_root = status(pids[worker], "Uid") == "0"
    assert bits["CapPrm"] == bits["CapEff"] == (bits["CapBnd"] if is_root else 0)
    assert status(pids[worker], "NoNewPrivs") == "1"


def test_supervisord_is_the_last_victim_when_memory_is_short(pids: dict[str, int]) -> None:
    scores = {name: int(Path(f"/proc/{pid}/oom_score").read_text()) for name, pid in pids.items()}
    own = scores[next(name for name in scores if name.startswith("supervisord"))]
    assert own < min(scores[worker] for worker in WORKERS)


@pytest.mark.parametrize("worker", WORKERS)
def test_no_environment_has_a_secret(pids: dict[str, int], worker: str) -> None:
    text = Path(f"/proc/{pids[worker]}/environ").read_bytes()
    assert not [value for value in (KEY.hex(), FLEET["CONFIG_PASSWORD"]) if value.encode() in text]


def test_a_worker_reads_its_own_secrets_only(fleet: Fleet) -> None:
    owned = fleet.hems.exec("ls", f"{CREDENTIALS}/eesmart-d2l").split()
    assert owned == ["D2L_DEVICES"]  # the broker's login was not set but created
    mode = fleet.hems.exec("stat", "--format=%a %U", CREDENTIALS + "/eesmart-d2l")
    assert mode.split() == ["500", "d2l"]
    assert "CONFIG_PASSWORD" in fleet.hems.exec("ls", f"{CREDENTIALS}/provision").split()


@pytest.mark.parametrize("worker", ["eesmart-d2l", "telemetry", "led"])
def test_the_memory_of_a_worker_has_no_secret_of_another(pids: dict[str, int], worker: str) -> None:
    foreign = {FLEET["CONFIG_PASSWORD"].encode()}
    if worker != "eesmart-d2l":
        foreign.add(KEY.hex().encode())
    assert not [secret for secret in foreign if secret in memory(pids[worker])]


def test_the_memory_of_supervisord_has_no_secret(pids: dict[str, int]) -> None:
    pid = next(pid for name, pid in pids.items() if name.startswith("supervisord"))
    content = memory(pid)
    assert len(content) > 1_000_000
    assert KEY.hex().encode() not in content
    assert FLEET["CONFIG_PASSWORD"].encode() not in content
