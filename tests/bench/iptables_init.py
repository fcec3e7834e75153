"""Measure how soon the hotspot is reachable again after NetworkManager has replaced its chain.

NetworkManager replaces the chain before `nmcli connection up` returns. The measurement starts with
that call, so it contains NetworkManager's part. It ends when a connection succeeds.
"""

from __future__ import annotations

import os
import shutil
import statistics
import tempfile
import time
from pathlib import Path

from tests.bench.supervision import cpu_s, milliseconds, pss_mb
from tests.bench.table import Row
from tests.integration.docker_rules import DOCKER_20, DOCKER_29_NFT
from tests.integration.hotspot import PROGRAMS, Firewall, Hotspot
from tests.integration.iptables_init import Worker
from tests.integration.namespaces import ENVIRON
from tests.integration.worker_process import eventually

HOTSPOTS = {
    "legacy iptables, as on balenaOS": Firewall("iptables", "legacy", DOCKER_20, "legacy"),
    "nftables": Firewall("nftables", "nft", DOCKER_29_NFT, ""),
}
TIMES = 15
IDLE_S = 20.0
BUDGET_S = 0.5
OPEN_S = 10.0
POLL_S = 0.02  # a packet may be lost while the link comes up; do not wait for its repetition


def measure() -> list[Row]:
    """Return heal time, idle CPU and PSS for both kinds of rules; takes about a minute."""
    missing = [one for one in PROGRAMS if not shutil.which(one, path=ENVIRON["PATH"])]
    if os.geteuid() or missing:
        why = f"{', '.join(missing)} not installed" if missing else "needs root"
        return [Row("hotspot reachable after `nmcli connection up`", f"not measured: {why}")]
    return [row for name, firewall in HOTSPOTS.items() for row in rows(name, firewall)]


def rows(name: str, firewall: Firewall) -> list[Row]:
    with (
        tempfile.TemporaryDirectory() as folder,
        Hotspot(Path(folder), firewall) as home,
        Worker(home, Path(folder)) as worker,
    ):
        eventually(home.is_open, OPEN_S, "open at first")
        took = [heal_s(home) for _ in range(TIMES)]
        time.sleep(5)  # the looks after the last change
        used_s = all_cpu_s(worker.process.pid)
        time.sleep(IDLE_S)
        share = (all_cpu_s(worker.process.pid) - used_s) / IDLE_S
        memory = pss_mb(worker.process.pid)
    times = f"median {milliseconds(statistics.median(took))}, longest {milliseconds(max(took))}"
    return [
        Row(
            f"hotspot reachable after `nmcli connection up`, {name}",
            times,
            "≤ 500 ms",
            max(took) <= BUDGET_S,
        ),
        Row(f"iptables-init, CPU while idle, {name}", f"{share:.3%} of one core"),
        Row(f"iptables-init, memory (PSS), {name}", f"{memory:.1f} MiB"),
    ]


def heal_s(home: Hotspot) -> float:
    home.nmcli("connection", "down", "hotspot")
    time.sleep(0.3)
    started = time.monotonic()
    home.nmcli("connection", "up", "hotspot")
    while not home.reaches_station(POLL_S) and time.monotonic() < started + OPEN_S:
        pass
    return time.monotonic() - started


def all_cpu_s(pid: int) -> float:
    """Return the CPU time of the worker and of the programs that it ran: proc_pid_stat(5)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    children = sum(map(int, fields[13:15])) / os.sysconf("SC_CLK_TCK")
    return cpu_s(pid) + children
