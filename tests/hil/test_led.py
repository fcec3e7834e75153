"""The real led worker on the header of a simulated Pi 5; the kernel tells what its lines do."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.hil.guest import Guest
from tests.hil.home import CONTAINER, CONTAINER_ADDRESS, start_in
from tests.hil.inside.lamps import CHIP

pytestmark = pytest.mark.hil

WORKER, LOG = "led", "/hass-config/home-assistant.log"
ERROR = "2026-11-23 08:37:16.991 ERROR (MainThread) [homeassistant.components.zha] gone\n"
HOME_ASSISTANT, ERRORS, INTERNET = 17, 22, 27
HEALTHY = {HOME_ASSISTANT: "on", ERRORS: "off", INTERNET: "on"}
SILENT = {HOME_ASSISTANT: "2 blinks", ERRORS: "off", INTERNET: "2 blinks"}
GONE = {HOME_ASSISTANT: "off", ERRORS: "off", INTERNET: "off"}
ERROR_SHOWN_S = 5.0
SETTINGS = {
    "HEMS_LED_ERROR_SHOWN_S": str(ERROR_SHOWN_S),
    "HEMS_LED_PROBE_INTERVAL_S": "1",
    "HEMS_LED_PROBE_TIMEOUT_S": "1",
    # The container is all there is of the internet.
    "HEMS_WATCHDOG_HTTP_URLS": "",
    "HEMS_WATCHDOG_TCP_TARGETS": f"{CONTAINER_ADDRESS}:8123",
}
LIMIT_S = 45.0


@pytest.fixture(scope="module")
def gateway(guest: Guest, container: None) -> Iterator[Guest]:
    """The guest with a header, the worker, and a Home Assistant that answers."""
    guest.python("board")
    guest.run("mkdir", "/hass-config")
    guest.write(LOG, "")
    start_home_assistant(guest)
    guest.start_worker(WORKER, SETTINGS)
    yield guest
    guest.stop(WORKER)


def start_home_assistant(guest: Guest) -> None:
    server = ["python3", "-m", "http.server", "8123"]
    start_in(guest, CONTAINER, "homeassistant", *server, settings=["StandardError=null"])


@contextmanager
def silence(guest: Guest) -> Iterator[None]:
    """Home Assistant does not answer, on a host that does."""
    guest.stop("homeassistant")
    try:
        yield
    finally:
        start_home_assistant(guest)


@contextmanager
def absence(guest: Guest) -> Iterator[None]:
    """The container cannot be reached, nor anything behind it."""
    guest.run("ip", "link", "set", "veth0", "down")
    try:
        yield
    finally:
        guest.run("ip", "link", "set", "veth0", "up")


def lamps(guest: Guest, awaited: dict[int, str]) -> dict[int, str]:
    """Watch until the lamps do what is `awaited`, not for ever; return what they did last."""
    pairs = [f"{line}={what}" for line, what in awaited.items()]
    seen = guest.python("lamps", str(LIMIT_S), *pairs, timeout_s=2 * LIMIT_S)
    return {int(line): what for line, what in (row.split("=") for row in seen.splitlines())}


def test_all_is_well(gateway: Guest) -> None:
    assert lamps(gateway, HEALTHY) == HEALTHY


def test_a_home_assistant_that_does_not_answer_blinks_twice(gateway: Guest) -> None:
    with silence(gateway):
        assert lamps(gateway, SILENT) == SILENT


def test_a_home_assistant_that_is_gone_is_dark(gateway: Guest) -> None:
    with absence(gateway):
        assert lamps(gateway, GONE) == GONE


def test_an_error_in_the_log_is_shown_for_a_while(gateway: Guest) -> None:
    gateway.run("tee", "-a", LOG, stdin=ERROR)
    gateway.until("the lamp is lit", lambda: is_lit(gateway, ERRORS))
    shown_s = gateway.until("the lamp is dark", lambda: not is_lit(gateway, ERRORS))
    assert ERROR_SHOWN_S - 2 < shown_s < ERROR_SHOWN_S + 10


def test_a_worker_that_was_killed_leaves_its_lines_to_the_next(gateway: Guest) -> None:
    gateway.run("systemctl", "kill", "--signal=KILL", WORKER)
    gateway.until("it has ended", lambda: not gateway.succeeds("systemctl", "is-active", WORKER))
    gateway.start_worker(WORKER, SETTINGS)
    assert lamps(gateway, HEALTHY) == HEALTHY


def is_lit(guest: Guest, line: int) -> bool:
    return guest.run("cat", str(CHIP / f"sim_gpio{line}" / "value")).strip() == "1"
