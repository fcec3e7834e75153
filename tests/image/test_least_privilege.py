"""What each worker may do in the container, and what of others is in its reach."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from dev.check import dockerfile, supervisord_conf
from hems.settings.shared_secret_rules import READER_TOKEN
from hems.supervision.settings.capability_names import NUMBERS
from hems.workers.provision.gateway_file_paths import TELEMETRY
from tests.image.conftest import FLEET
from tests.image.fleet import Fleet
from tests.integration.d2l import KEY
from tests.integration.worker_process import ROOT
from tests.process_memory import memory

pytestmark = pytest.mark.image
WORKERS = sorted(supervisord_conf.programs(ROOT))
ROOT_WORKERS = {"iptables-init", "led", "provision"}  # etc/supervisord.conf has the reasons
CREDENTIALS = "/run/hems/credentials"
SUPERVISORD = "supervisord"
# What each of them keeps, or only it may read.
KEPT = {
    "provision": ("/data/provision.json", "/gateway/secrets/CONFIG_PASSWORD"),
    "watchdog": ("/data/watchdog/restartLog.txt",),
    "led": ("/hass-config/.storage/auth",),
    SUPERVISORD: ("/run/hems/secrets/CONFIG_PASSWORD",),
}
SHARED = {  # by whom, of whom, why
    ("provision", "led"): "it looks for damaged files of Home Assistant",
    ("provision", "watchdog"): "it may read every file, to write those of all services",
    ("provision", SUPERVISORD): "it gets these secrets as its credentials",
}
EVERY_SECRET = "provision"  # it makes them, or gets them from the fleet's variables
# The other way round, or to any other unit, the kernel refuses it: the capabilities differ.
SAME_USER = {("iptables-init", "led"): "both are root, and neither has a secret"}
HOST = ("/proc/sys/kernel/core_pattern", "/sys/kernel/mm/transparent_hugepage/enabled")


@pytest.fixture(scope="module")
def pids(fleet: Fleet) -> dict[str, int]:
    """Return the pid of each worker, and of supervisord, as this machine counts them."""
    names = {pid: Path(f"/proc/{pid}/comm").read_text().strip() for pid in fleet.hems.pids()}
    return {name: pid for pid, name in names.items()}


def status(pid: int, field: str) -> str:
    match = re.search(rf"^{field}:\s*(\S+)", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    assert match
    return match[1]


def numbers(pid: int, field: str) -> list[str]:
    """Return what /proc/PID/status has in a line with several numbers."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(line.split()[1:] for line in lines if line.startswith(f"{field}:"))


def outcomes(pid: int, program: str, paths: list[str]) -> dict[str, bool]:
    """Tell for each path whether a program succeeds that has the place and the rights of a process.

    `program` gets the path as its last argument. It has the namespaces of the process, its user,
    its groups and its capabilities.
    """
    bits = int(status(pid, "CapBnd"), 16)
    kept = [name.lower().removeprefix("cap_") for name, at in NUMBERS.items() if bits >> at & 1]
    groups = ",".join(numbers(pid, "Groups"))
    rights = [
        *("setpriv", f"--reuid={status(pid, 'Uid')}", f"--regid={status(pid, 'Gid')}"),
        *(f"--groups={groups}" if groups else "--clear-groups", "--inh-caps=-all"),
        *(f"--bounding-set={','.join(['-all', *(f'+{name}' for name in kept)])}", "--no-new-privs"),
    ]
    enter = ["nsenter", f"--target={pid}", "--mount", "--pid", "--net", "--"]
    successes = {}
    for path in paths:
        argv = [*enter, *rights, *program.split(), path]
        done = subprocess.run(argv, capture_output=True, check=False, timeout=30)
        assert not re.search(b"setpriv|nsenter", done.stderr), done.stderr
        successes[path] = done.returncode == 0
    return successes


def reached(pid: int, program: str, paths: list[str]) -> list[str]:
    return [path for path, is_done in outcomes(pid, program, paths).items() if is_done]


@pytest.fixture(scope="module")
def credentials(fleet: Fleet) -> dict[str, list[str]]:
    """Return the paths of each unit's credentials."""
    paths = fleet.hems.exec("find", CREDENTIALS, "-type", "f").split()
    return {one: [path for path in paths if f"/{one}/" in path] for one in (*WORKERS, SUPERVISORD)}


@pytest.mark.parametrize("worker", WORKERS)
def test_a_worker_has_the_capabilities_of_its_unit_and_can_gain_none(
    pids: dict[str, int], worker: str
) -> None:
    variables = dockerfile.environment(dockerfile.read(ROOT, "Dockerfile"))
    unit = supervisord_conf.units(ROOT, variables)[worker]
    allowed = unit.process.privileges.bounding_set
    assert allowed is not None
    bits = {name: int(status(pids[worker], name), 16) for name in ("CapBnd", "CapPrm", "CapEff")}
    bounding = {number for number in NUMBERS.values() if bits["CapBnd"] >> number & 1}
    assert bounding == allowed
    is_root = status(pids[worker], "Uid") == "0"
    ambient = sum(1 << number for number in unit.process.privileges.ambient_set)
    assert bits["CapPrm"] == bits["CapEff"] == (bits["CapBnd"] if is_root else ambient)
    assert is_root == (worker in ROOT_WORKERS)
    assert status(pids[worker], "NoNewPrivs") == "1"


def test_no_two_workers_are_the_same_unprivileged_user(pids: dict[str, int]) -> None:
    users = [status(pids[worker], "Uid") for worker in WORKERS if worker not in ROOT_WORKERS]
    assert len(users) == len({*users}) == len(WORKERS) - len(ROOT_WORKERS)


@pytest.mark.parametrize("worker", WORKERS)
def test_a_worker_reads_no_credential_environment_memory_or_file_of_another(
    pids: dict[str, int], credentials: dict[str, list[str]], worker: str
) -> None:
    own = pids[worker]
    mine = [*credentials[worker], "/proc/self/environ"]
    assert reached(own, "head -c 1", mine) == mine
    readable = []
    for other, paths in credentials.items():
        if other == worker:
            continue
        [pid] = [pids[name] for name in pids if name.startswith(other)]
        inside = numbers(pid, "NSpid")[-1]
        of_process = ("environ", "mem", "root/etc/hostname", "cwd/etc/hostname")
        wanted = [f"/proc/{inside}/{name}" for name in of_process]
        if (worker, other) in SAME_USER:
            wanted = []
        if worker != EVERY_SECRET:
            wanted += paths
        if (worker, other) not in SHARED:
            wanted += KEPT.get(other, ())
        readable += reached(own, "head -c 1", wanted)
    assert readable == []


@pytest.mark.parametrize("worker", WORKERS)
def test_a_worker_writes_nothing_of_the_host_or_of_another(
    pids: dict[str, int], worker: str
) -> None:
    paths = ["/etc", "/opt/hems/bin", "/run/hems/health.json", *HOST]
    if worker != "watchdog":
        paths += ["/run/hems/watchdog", "/run/hems/watchdog/state.json", "/data/watchdog"]
    if worker != EVERY_SECRET:
        paths += ["/data", "/gateway", "/gateway/tls"]
    if worker not in ROOT_WORKERS:  # root reads and writes what root owns, on a tmpfs
        paths += ["/run", "/run/hems", "/run/hems/supervisor.sock"]
    else:
        paths.remove("/run/hems/health.json")
        paths = [path for path in paths if not path.startswith("/run/hems/watchdog")]
    if worker == EVERY_SECRET:
        paths.remove("/data/watchdog")
    assert reached(pids[worker], "test -w", paths) == []


@pytest.mark.parametrize("worker", ["led", "telemetry"])
def test_a_worker_reads_the_watchdogs_report(pids: dict[str, int], worker: str) -> None:
    paths = ["/run/hems/watchdog/state.json", "/run/hems/health.json"]
    assert reached(pids[worker], "head -c 1", paths) == paths


@pytest.mark.parametrize("user", ["7846", "7847", "7848", "65534"])
def test_no_unprivileged_user_reads_home_assistants_files(fleet: Fleet, user: str) -> None:
    """Attack A18, without the empty folder that a worker finds in their place."""
    assert fleet.hems.exec("stat", "--format=%a %U", "/hass-config").split() == ["700", "root"]
    own = fleet.containers["homeassistant"].exec("stat", "--format=%a %U", "/config").split()
    assert own == ["700", "root"]
    for path in ("/hass-config", "/hass-config/.storage/auth", "/proc/1/root/hass-config"):
        assert not fleet.hems.succeeds("ls", path, user=user)
    assert fleet.hems.succeeds("ls", "/hass-config/.storage/auth", user="0")


def test_telemetry_alone_reads_its_token_for_home_assistant(
    fleet: Fleet, pids: dict[str, int]
) -> None:
    path = f"/gateway/secrets/{READER_TOKEN}"  # provision makes none, without Home Assistant
    fleet.hems.exec("install", "--mode=0640", f"--group={TELEMETRY}", "/etc/hostname", path)
    readers = [worker for worker in WORKERS if reached(pids[worker], "head -c 1", [path])]
    assert readers == [EVERY_SECRET, "telemetry"]
    fleet.hems.exec("rm", path)


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


@pytest.mark.parametrize("worker", [name for name in WORKERS if name != EVERY_SECRET])
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
