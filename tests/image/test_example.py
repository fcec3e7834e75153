"""docs/supervision/example: programs that are not ours, killed, hung, reloaded and stopped."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from tests.image import bases, engine
from tests.image.container import Container
from tests.image.engine import Podman
from tests.integration.worker_process import ROOT, eventually

pytestmark = pytest.mark.image
UNITS = ("gunicorn", "node", "nginx", "mosquitto", "count")
GRACE_S = 10
# How many command lines of the units that run contain it; that of the shell contains all three.
PROCESSES = {
    "supervisord": 1,
    "gunicorn": 3,
    "node /srv": 1,
    "nginx: master": 1,
    "nginx: worker": 1,
    "mosquitto -c": 1,
    "/bin/sh -c": 1,
    "mosquitto_sub": 2,
    "tee -a": 2,
    "wc -l": 2,
}


class Example(Container):
    """The container of the example."""

    def units(self) -> dict[str, Any]:
        done = self.exec("supervisorctl", "health", "--json")
        return {row["name"]: row for row in json.loads(done)}

    def is_up(self) -> bool:
        with suppress(AssertionError):  # health exits with 3 while one restarts
            return all(row["state"] == "active" for row in self.units().values())
        return False

    def until_up(self) -> dict[str, Any]:
        eventually(self.is_up, 30, "every unit is active")
        eventually(lambda: self.processes() == PROCESSES, 10, "the processes of each unit")
        return self.units()

    def processes(self) -> dict[str, int]:
        lines = self.exec("ps", "-eo", "args=").splitlines()
        return {name: sum(name in line for line in lines) for name in PROCESSES}

    def answer(self, path: str) -> str:
        return self.exec("curl", "-sS", "--max-time", "10", f"http://127.0.0.1:8000/{path}")


@pytest.fixture(scope="module")
def image(podman_outside: Podman) -> str:
    bases.tag_debian(podman_outside, "debian:trixie-slim")
    library = f"--build-context=library={ROOT / 'hems/supervision'}"
    folder = str(ROOT / "docs/supervision/example")
    options = ["--tag=example", library, *engine.building()]
    podman_outside.run("build", *options, folder, timeout_s=bases.BUILD_S)
    return "example"


@pytest.fixture(scope="module")
def example(podman_outside: Podman, image: str) -> Iterator[Example]:
    options = ["--detach", "--network=none", "--no-healthcheck", "--name=example"]
    podman_outside.run("run", *options, image)
    running = Example(podman_outside, "example")
    yield running
    podman_outside.run("rm", "--force", "--time=0", "example")


def test_every_program_answers(example: Example) -> None:
    example.until_up()
    assert example.answer("gunicorn") == "gunicorn\n"
    assert example.answer("node") == "node\n"
    example.exec("mosquitto_pub", "-h", "127.0.0.1", "-t", "words", "-m", "one")
    eventually(lambda: "one" in example.exec("cat", "/run/words"), 5, "the word is through")
    assert example.is_healthy()


@pytest.mark.parametrize("unit", UNITS)
def test_a_killed_program_restarts_alone_and_leaves_nothing(example: Example, unit: str) -> None:
    before = example.until_up()
    example.exec("kill", "-KILL", str(before[unit]["pid"]))
    eventually(lambda: _restarts(example, unit) > before[unit]["restarts"], 10, "a restart")
    after = example.until_up()
    moved = {name for name in UNITS if after[name]["pid"] != before[name]["pid"]}
    # Whoever loses the broker ends by itself; nobody else is touched.
    assert unit in moved
    assert moved <= ({unit, "count"} if unit == "mosquitto" else {unit})


def test_nobody_is_refused_while_gunicorn_restarts(example: Example) -> None:
    for _ in range(3):
        before = example.until_up()["gunicorn"]
        ask = "http://127.0.0.1:8001/[1-20]"  # one after the other, each with its own connection
        script = f"kill -KILL {before['pid']}; exec curl -sS -H 'Connection: close' {ask}"
        assert example.exec("sh", "-c", script) == 20 * "gunicorn\n"
        assert example.until_up()["gunicorn"]["pid"] != before["pid"]


def test_a_program_that_hangs_is_ended_and_restarts(example: Example) -> None:
    before = example.until_up()["node"]
    example.exec("kill", "-STOP", str(before["pid"]))
    eventually(lambda: _restarts(example, "node") > before["restarts"], 15, "a restart")
    after = example.until_up()["node"]
    assert "watchdog" in after["restart_reason"]
    assert example.answer("node") == "node\n"


@pytest.mark.parametrize(("unit", "trace"), [("nginx", "reconfiguring"), ("mosquitto", "Reload")])
def test_a_reload_keeps_the_process(example: Example, unit: str, trace: str) -> None:
    before = example.until_up()[unit]
    count = example.logs().count(trace)
    example.exec("supervisorctl", "reload-unit", unit)
    eventually(lambda: example.logs().count(trace) > count, 10, "the program says so")
    after = example.until_up()[unit]
    assert (after["pid"], after["restarts"]) == (before["pid"], before["restarts"])


def test_a_stop_leaves_nothing_and_a_start_brings_everything_back(example: Example) -> None:
    example.until_up()
    example.exec("supervisorctl", "stop", "all")
    assert {name for name, count in example.processes().items() if count} == {"supervisord"}
    example.exec("supervisorctl", "start", "all")
    example.until_up()


def test_the_container_stops_within_its_grace_period(
    example: Example, podman_outside: Podman
) -> None:
    example.until_up()
    began = time.monotonic()
    podman_outside.run("stop", f"--time={GRACE_S}", example.name)
    assert time.monotonic() - began < GRACE_S
    assert example.inspect()["State"]["ExitCode"] == 0


def _restarts(example: Example, unit: str) -> int:
    with suppress(AssertionError):
        return int(example.units()[unit]["restarts"])
    return 0
