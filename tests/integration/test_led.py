"""The led worker against real files, sockets and time."""

from __future__ import annotations

import importlib.util
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from gpiozero.pins.mock import MockFactory

from hems.clients.internet.reachability_probes import reach_icmp
from hems.errors import Unavailable
from hems.protocols.gateway.watchdog_report import Internet, WatchdogState, encode
from hems.settings.led import LedSettings
from hems.system import files
from hems.system.clock import SystemClock
from hems.system.gpio import LampOutputs
from hems.system.network.link_state import has_link
from hems.worker_runtime import Context
from hems.workers.led import Lamp, Led, LedInputs
from tests.fakes.led import ERROR_LINE, FakeLog, FakeWorld, NoCommands, health_report
from tests.fakes.time import FakeNotifier
from tests.integration.led import HomeAssistant, LedWorker

pytestmark = pytest.mark.integration
HOME_ASSISTANT, INTERNET, ERRORS = "Home Assistant", "internet", "errors"


@pytest.fixture
def home_assistant() -> Iterator[HomeAssistant]:
    with HomeAssistant() as running:
        yield running


def may_ping() -> bool:
    try:
        reach_icmp("127.0.0.1", 1.0)
    except Unavailable:
        return False
    return True


def append(path: Path, line: str) -> None:
    with path.open("a") as file:
        file.write(line + "\n")


def write_state(worker: LedWorker, internet: Internet, valid_s: float) -> None:
    now = time.monotonic()
    files.replace(worker.state_file, encode(WatchdogState(now, valid_s, internet, now)))


def write_health(worker: LedWorker, *problems: str) -> None:
    files.replace(worker.health_file, health_report(time.monotonic(), *problems))


def test_a_whole_story(tmp_path: Path, home_assistant: HomeAssistant) -> None:
    settings = {
        "HEMS_LED_HOME_ASSISTANT_PORT": home_assistant.port,
        "HEMS_LED_ERROR_SHOWN_S": 2,
        "HEMS_WATCHDOG_TCP_TARGETS": f"127.0.0.1:1,127.0.0.1:{home_assistant.port}",
    }
    (tmp_path / "home-assistant.log").write_text(ERROR_LINE + "\n")
    with LedWorker(tmp_path, **settings) as worker:
        worker.shows(HOME_ASSISTANT, "solid")
        worker.shows(INTERNET, "solid")  # by its own probe
        assert worker.lamp(ERRORS) == "off"  # what was there before is old news
        assert set(home_assistant.requests) == {"/manifest.json"}

        worker.home_assistant_log.rename(tmp_path / "home-assistant.log.1")
        append(worker.home_assistant_log, ERROR_LINE)
        worker.shows(ERRORS, "solid")
        worker.shows(ERRORS, "off")

        write_state(worker, Internet.PORTAL, valid_s=3)
        worker.shows(INTERNET, "four blinks")
        worker.shows(INTERNET, "solid")  # no longer fresh
        for _ in range(2):
            write_health(worker, "the Linky 0123 is silent")
            worker.shows(ERRORS, "fast blink")
            assert "errors: the Linky 0123 is silent" in worker.notifications()["STATUS"]
            write_health(worker)
            worker.shows(ERRORS, "off")

        home_assistant.hangs = True
        worker.shows(HOME_ASSISTANT, "double blink" if may_ping() else "off")
        home_assistant.hangs = False
        worker.shows(HOME_ASSISTANT, "solid")
        assert worker.stop() == 0
        assert worker.notifications()["STOPPING"] == "1"
    assert "Traceback" not in worker.log()


def test_a_portal_is_seen_without_a_watchdog(tmp_path: Path, home_assistant: HomeAssistant) -> None:
    page = f"http://127.0.0.1:{home_assistant.port}/generate_204"  # answered by 200
    with LedWorker(tmp_path, HEMS_WATCHDOG_HTTP_URLS=page) as worker:
        worker.shows(INTERNET, "four blinks")


def test_it_is_ready_without_anybody_to_talk_to(tmp_path: Path) -> None:
    with LedWorker(tmp_path, HEMS_LED_HOME_ASSISTANT_PORT=1) as worker:
        worker.shows(INTERNET, "double blink" if has_link() else "off")
        assert worker.notifications()["READY"] == "1"
        assert "no log: " in worker.notifications()["STATUS"]
        assert "the watchdog is away: " in worker.notifications()["STATUS"]


def test_sigterm_ends_it_soon_though_a_peer_hangs(
    tmp_path: Path, home_assistant: HomeAssistant
) -> None:
    home_assistant.hangs = True
    with LedWorker(tmp_path, HEMS_LED_HOME_ASSISTANT_PORT=home_assistant.port) as worker:
        worker.shows(ERRORS, "off")
        started = time.monotonic()
        assert worker.stop() == 0
        assert time.monotonic() - started < 5


def test_a_chip_that_is_not_there_is_one_line_and_leaves_no_pipe(tmp_path: Path) -> None:
    with LedWorker(tmp_path, HEMS_LED_PINS="gpio", HEMS_LED_CHIP="999") as worker:
        code = worker.process.wait(15)
    text = worker.log()
    if importlib.util.find_spec("lgpio"):
        assert (code, "/dev/gpiochip999 cannot be used: " in text) == (1, True)
    else:
        assert (code, "install hems[gateway]" in text) == (78, True)
    assert "Traceback" not in text
    assert list(worker.home.iterdir()) == []


class StopAfter:
    """A stop that is set after some seconds."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def wait(self, timeout: float) -> bool:
        left = self._end - time.monotonic()
        time.sleep(max(0.0, min(timeout, left)))
        return left <= timeout

    def fileno(self) -> int:
        raise AssertionError("not asked for")


def test_slow_peers_do_not_disturb_the_blinking() -> None:
    def slow() -> int:
        time.sleep(0.7)
        raise Unavailable("no answer")

    factory = MockFactory()
    pin = factory.pin(Lamp.HOME_ASSISTANT)
    worker = Led(
        LedSettings(probe_interval_s=0.1),
        lambda: LampOutputs(Lamp, factory),
        LedInputs(FakeLog(), replace(FakeWorld().probes(), http_status=slow), NoCommands()),
        ThreadPoolExecutor(1),
    )
    worker.run(Context(SystemClock(), StopAfter(6.0), FakeNotifier()))
    flips = [(state.timestamp, state.state) for state in pin.states[2:-1]]
    assert len(flips) >= 8
    for number, (seconds, is_lit) in enumerate(flips):
        assert is_lit is bool(number % 2)
        assert seconds == pytest.approx((0.15, 0.25, 0.15, 1.25)[number % 4], abs=0.1)


def test_a_frozen_worker_goes_on_where_time_is(tmp_path: Path) -> None:
    with LedWorker(tmp_path, HEMS_LED_ERROR_SHOWN_S=2) as worker:
        worker.shows(ERRORS, "off")
        worker.home_assistant_log.touch()
        append(worker.home_assistant_log, ERROR_LINE)
        worker.shows(ERRORS, "solid")
        os.kill(worker.process.pid, signal.SIGSTOP)
        time.sleep(2.5)
        os.kill(worker.process.pid, signal.SIGCONT)
        worker.shows(ERRORS, "off")
