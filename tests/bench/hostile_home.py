"""A whole gateway, Home Assistant included, whose home's network is hostile.

The volumes are on a disk, which stands for the card; the logs are in memory, as on the device.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import quantiles

from dev import home_assistant_release
from dev.check import compose_file
from dev.launcher import build_cache
from hems.protocols.gateway.problem_kinds import ACCESS_REFUSED
from hems.supervision.health.health_row import HealthRow
from hems.workers.led.blink_patterns import SOLID
from hems.workers.led.led_meaning import Lamp
from hems.workers.led.led_metrics import LABELS
from tests.bench.table import Row
from tests.deploy.flooding import add_attackers, answer_times, hostile, memory
from tests.deploy.lan import BROKER, PROXY
from tests.deploy.site import DEVICE
from tests.e2e import home_assistant_lock, machine
from tests.e2e.chroot import Root
from tests.e2e.gateway import Gateway, gateway
from tests.e2e.meter import Meter
from tests.integration.mosquitto import PASSWORD
from tests.integration.worker_process import ROOT, eventually

DISK, MEMORY = "/var/tmp", "/dev/shm"
ANSWERS = 300
BUDGET_S = 0.2
MIB = 1 << 20
UNITS = {"k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
VARIABLES = {
    "MQTT_USERS": f"{DEVICE}:{PASSWORD}",  # a device without TLS: 1883 is open
    "HEMS_EESMART_D2L_MAX_FRAMES_PER_MINUTE": "1000",  # the measurement asks more often
}


@contextmanager
def powered_on() -> Iterator[Gateway]:
    """Yield a gateway that has its owner and a meter. Needs root and what tests/e2e needs."""
    machine.require()
    build = Root(home_assistant_release.version(), home_assistant_lock.LOCK)
    with ExitStack() as stack:
        root = stack.enter_context(build_cache.held("hems-e2e", build.key(), build.make))
        logs, card = (
            Path(stack.enter_context(tempfile.TemporaryDirectory(dir=place)))
            for place in (MEMORY, DISK)
        )
        home = stack.enter_context(gateway(root, logs, card))
        home.variables |= VARIABLES
        home.power_on()
        eventually(lambda: home.site.lan.house.reaches(PROXY, 1883, 1), 60, "1883 is open")
        eventually(lambda: _shows_all_well(home), 120, "the LEDs show Home Assistant and internet")
        Meter(home.site).push()
        add_attackers(home.site)
        yield home


def flooded(home: Gateway) -> Iterator[Row]:
    """Yield what a flood of 5 000 connections at each of two ports does to everything else."""
    connected, before, restarts = _connections(home), home.hems.health(), _restarts(home)
    with hostile(home.site):
        times = answer_times(home.site, ANSWERS)
        used = {name: memory(pid) for name, pid in home.processes().items()}
        lost = connected - _connections(home)
        after = home.hems.health()
    p99 = quantiles(times, n=100)[98]
    flood = "with 5 000 hostile connections each at 443 and 1883:"
    budget = f"p99 < {1000 * BUDGET_S:.0f} ms"
    yield Row(f"{flood} meters", f"p99 {1000 * p99:.0f} ms", budget, p99 < BUDGET_S)
    kept = f"{len(connected) - len(lost)} of {len(connected)} connections kept"
    yield Row(f"{flood} Home Assistant and the workers at the broker", kept, "all", not lost)
    calm = {name: _calm(row) for name, row in before.items()}
    moved = [
        f"{name} was {calm[name]}, is {_calm(row)}"
        for name, row in after.items()
        if _calm(row) != calm[name]
    ]
    moved += [f"{name} restarted" for name in _restarts(home)[len(restarts) :]]
    said = ", ".join(moved) or "as before, and nothing restarted"
    yield Row(f"{flood} units, problems and LEDs", said, "as before", not moved)
    limits = {name: _limit(name) for name in used}
    sizes = [f"{name} {size // MIB} of {limits[name] // MIB}" for name, size in used.items()]
    fits = all(size < limits[name] for name, size in used.items())
    yield Row(f"{flood} memory, MiB", ", ".join(sizes), "below each limit", fits)


def _connections(home: Gateway) -> set[str]:
    """Return the connections of Home Assistant and the workers to the broker."""
    target = f"{BROKER}:1883"
    lines = home.site.lan.house.run("ss", "-Htn", "state", "established", "dst", target)
    return {line.split()[2] for line in lines.splitlines()}


def _restarts(home: Gateway) -> list[str]:
    return [call for call in home.device.calls if "restart" in call]


def _shows_all_well(home: Gateway) -> bool:
    lamps = _lamps(home.hems.health()["led"])
    patterns = [lamps[LABELS[one]]["pattern"] for one in (Lamp.HOME_ASSISTANT, Lamp.INTERNET)]
    return patterns == [SOLID.name] * 2


def _lamps(led: HealthRow) -> dict[str, dict[str, str]]:
    return dict(json.loads(led.metrics or "{}").get("lamps") or {})


def _calm(row: HealthRow) -> tuple[object, ...]:
    """Return what a flood must not change of a unit.

    That somebody is refused all the time is a problem on purpose; the LED of errors shows it.
    """
    lamps = _lamps(row) if row.name == "led" else {}
    lamps.pop(LABELS[Lamp.ERRORS], None)
    problems = sorted({one.name for one in row.problems} - {ACCESS_REFUSED.name})
    return row.state, row.restarts, row.is_healthy, problems, lamps


def _limit(service: str) -> int:
    text = compose_file.read(ROOT).services[service].mem_limit
    number, unit = re.fullmatch(r"(\d+)([kmg])", text).groups()  # type: ignore[union-attr]
    return int(number) * UNITS[unit]
