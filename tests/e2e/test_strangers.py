"""Somebody in the home's network who floods or guesses, at Home Assistant's own port."""

from __future__ import annotations

import http.client
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from statistics import median

import pytest

from tests.deploy.client import PASSWORD, USER, Client, basic
from tests.deploy.flooding import EVERYBODY, NEIGHBOURS
from tests.deploy.lan import BRIDGE, CLIENT, HOME_ASSISTANT, OTHER_CLIENT
from tests.e2e.gateway import Gateway
from tests.e2e.meter import TOTAL, Meter
from tests.e2e.test_power_on import ERROR
from tests.e2e.visitor import PAGE, Visitor
from tests.integration.worker_process import eventually

pytestmark = pytest.mark.e2e

PORT, FLOOD = 8123, 2000
BURST = 300_000  # bytes: what all loggers that a stranger reaches may write in an hour
WRONG = {"Authorization": "Bearer wrong"}
JSON = {"Content-Type": "application/json"}
GUESSES, LISTED_S = 150, 90.0  # more than 100: on a busy machine some are not counted
OK, WAIT_S, GUESSERS = 200, 2.0, 16
TOO_MANY = 429  # nginx: after a burst of 120 guesses, one a second
REFUSED = "sensor.gateway_refused_in_an_hour"
BEGIN = {"client_id": PAGE, "handler": ["homeassistant", None], "redirect_uri": PAGE}
LOGIN = {"client_id": PAGE, "username": USER, "password": PASSWORD}
ATTEMPTS = 10  # http: login_attempts_threshold
Send = Callable[[http.client.HTTPConnection], None]
Guess = Callable[[Client], Iterator[int]]


def statuses(home: Gateway, send: Send, number: int, source: str = CLIENT) -> Counter[int]:
    """Send so many requests from an address; return the statuses."""

    def run() -> Counter[int]:
        by_status = Counter[int]()
        peer = http.client.HTTPConnection(HOME_ASSISTANT, PORT, 20, source_address=(source, 0))
        for _ in range(number):
            try:
                send(peer)
                answer = peer.getresponse()
                answer.read()
                by_status[answer.status] += 1
            except (http.client.HTTPException, OSError):
                peer.close()
                by_status[0] += 1
        peer.close()
        return by_status

    counts: Counter[int] = home.site.lan.house.call(run, 300)
    return counts


def request(method: str, path: str, headers: Mapping[str, str], body: str = "") -> Send:
    return lambda peer: peer.request(method, path, body.encode() or None, dict(headers))


FLOODS = {
    "an address in X-Forwarded-For": request("GET", "/", {"X-Forwarded-For": "10.0.0.1"}),
    "rubbish in X-Forwarded-For": request("GET", "/", {"X-Forwarded-For": "x" * 7000}),
    "a suspicious path": request("GET", f"/?x=../../{'a' * 7000}", {}),
    "a login that is no JSON": request("POST", "/auth/login_flow", JSON, "{"),
    "a login of another form": request("POST", "/auth/login_flow", JSON, '{"x": 1}'),
}


def test_a_flood_neither_fills_the_card_nor_lights_the_led(
    home: Gateway, owner: Visitor, meter: Meter
) -> None:
    def size() -> int:
        logs = home.home_assistant.config.glob("home-assistant.log*")
        return sum(path.stat().st_size for path in logs)

    before, errors = size(), ERROR.findall(home.home_assistant.log())
    for name, send in FLOODS.items():
        counts = statuses(home, send, FLOOD)
        assert counts.total() - counts[0] > FLOOD / 2, (name, counts)
    assert size() - before < BURST
    assert ERROR.findall(home.home_assistant.log()) == errors


@pytest.fixture(scope="module")
def _without_refusals(home: Gateway) -> Iterator[None]:
    """Forget what was counted."""
    yield
    home.restart("hems")
    home.hems.until_settled()


@pytest.mark.usefixtures("_without_refusals")
def test_guesses_at_every_page_are_a_problem_that_home_assistant_shows(
    home: Gateway, owner: Visitor, meter: Meter
) -> None:
    pages = {OTHER_CLIENT: "/configurator/", CLIENT: "/influx/"}
    for address, path in pages.items():
        guesser = home.site.client(address)
        for _ in range(GUESSES):
            assert guesser.ask(path, basic(password="guess")).status in {401, TOO_MANY}
    wrong = request("GET", "/api/states", WRONG)
    assert statuses(home, wrong, GUESSES, BRIDGE) == {401: GUESSES}  # it is never banned
    doors = {"the editor": OTHER_CLIENT, "InfluxDB": CLIENT, "Home Assistant": BRIDGE}
    words = "more than 100 in an hour, most of them from"
    expected = {("access-refused", door): f"{words} {one}" for door, one in doors.items()}
    eventually(lambda: expected.items() <= home.hems.problems().items(), LISTED_S, "listed")
    eventually(
        lambda: int(owner.state(REFUSED) or 0) > 300, LISTED_S, "Home Assistant has the number"
    )
    assert owner.state("binary_sensor.gateway_problem") == "on"


def guess_at_editor(neighbour: Client) -> Iterator[int]:
    for _ in range(2):
        yield neighbour.ask("/configurator/", basic(password="guess")).status


def begin_login(neighbour: Client) -> Iterator[int]:
    begin = json.dumps(BEGIN).encode()
    yield neighbour.ask("/auth/login_flow", JSON, method="POST", body=begin).status


def guess_at_home_assistant(neighbour: Client) -> Iterator[int]:
    begin = json.dumps(BEGIN).encode()
    begun = neighbour.ask("/auth/login_flow", JSON, method="POST", body=begin)
    yield begun.status
    if begun.status == OK:
        path = f"/auth/login_flow/{json.loads(begun.body)['flow_id']}"
        wrong = json.dumps({**LOGIN, "password": "guess"}).encode()
        yield neighbour.ask(path, JSON, method="POST", body=wrong).status


@pytest.mark.usefixtures("_without_refusals")
def test_a_network_that_guesses_keeps_out_neither_the_meters_nor_the_family(
    home: Gateway, owner: Visitor, meter: Meter
) -> None:
    home.site.lan.house.run("ip", "route", "add", "local", NEIGHBOURS, "dev", "lo")

    def guess(kind: Guess, address: str) -> list[int]:
        statuses: list[int] = []
        with suppress(OSError):  # who guesses may have to wait
            statuses.extend(kind(home.site.client(address)))
        return statuses

    def may_log_in() -> bool:
        with suppress(AssertionError):  # 429: the neighbours have taken all
            Visitor(home.site)
            return True
        return False

    waits, value = [], ""
    kinds: dict[Guess, list[str]] = {
        guess_at_home_assistant: EVERYBODY[:GUESSERS],  # a guess costs half a second of a processor
        begin_login: EVERYBODY,
        guess_at_editor: EVERYBODY,
    }
    with ThreadPoolExecutor(GUESSERS) as network:
        attacks = {
            kind: [network.submit(guess, kind, address) for address in addresses]
            for kind, addresses in kinds.items()
        }
        while not all(one.done() for some in attacks.values() for one in some):
            begun = time.monotonic()
            value = meter.push()
            assert owner.get("/manifest.json")
            waits.append(time.monotonic() - begun)
            time.sleep(1)
    counts = {
        kind: Counter(status for one in some for status in one.result())
        for kind, some in attacks.items()
    }
    assert counts[guess_at_home_assistant][OK] > 0, counts
    assert counts[begin_login][TOO_MANY] > 0, counts
    assert counts[guess_at_editor][TOO_MANY] > 0, counts
    assert median(waits) < WAIT_S, waits
    eventually(lambda: owner.state(TOTAL) == value, LISTED_S, "the meter's reading")
    eventually(may_log_in, LISTED_S, "a member of the family logs in")


@pytest.fixture
def _without_bans(home: Gateway) -> Iterator[None]:
    """Leave Home Assistant without bans."""
    yield
    home.stop("homeassistant")
    (home.home_assistant.config / "ip_bans.yaml").unlink(missing_ok=True)
    home.start("homeassistant")
    home.home_assistant.wait()


@pytest.mark.usefixtures("_without_bans")
def test_a_ban_ends_and_never_meets_the_gateway(
    home: Gateway, owner: Visitor, meter: Meter
) -> None:
    wrong, page = request("GET", "/api/states", WRONG), request("GET", "/manifest.json", {})
    assert statuses(home, wrong, 3 * ATTEMPTS, BRIDGE) == {401: 3 * ATTEMPTS}
    assert statuses(home, page, 1, BRIDGE) == {200: 1}
    assert statuses(home, wrong, 3 * ATTEMPTS, OTHER_CLIENT)[403] == 2 * ATTEMPTS
    assert statuses(home, page, 1, OTHER_CLIENT) == {403: 1}
    assert statuses(home, page, 1, CLIENT) == {200: 1}
    bans = home.home_assistant.config / "ip_bans.yaml"
    assert OTHER_CLIENT in bans.read_text()

    home.stop("homeassistant")
    ends_at = time.time() + 45
    begun = datetime.fromtimestamp(ends_at, UTC) - timedelta(hours=1)
    bans.write_text(f"{OTHER_CLIENT}:\n  banned_at: '{begun.isoformat()}'\n")
    home.start("homeassistant")
    home.home_assistant.wait()
    if time.time() < ends_at - 2:  # unless the machine is slow
        assert statuses(home, page, 1, OTHER_CLIENT) == {403: 1}
    eventually(
        lambda: statuses(home, page, 1, OTHER_CLIENT) == {200: 1}, 90, "the ban ends while it runs"
    )
    assert statuses(home, wrong, 1, OTHER_CLIENT) == {401: 1}  # and does not begin again at once
    assert statuses(home, page, 1, OTHER_CLIENT) == {200: 1}


def answer(client: Client, path: str, fields: Mapping[str, object]) -> dict[str, str]:
    body = json.dumps(fields).encode()
    response: dict[str, str] = json.loads(client.ask(path, JSON, method="POST", body=body).body)
    return response


def test_a_stranger_who_begins_many_logins_ends_only_his_own(home: Gateway, owner: Visitor) -> None:
    """Home Assistant would keep each of them for ever."""
    family, stranger = home.site.client(CLIENT), home.site.client(OTHER_CLIENT)
    paths = [
        f"/auth/login_flow/{answer(client, '/auth/login_flow', BEGIN)['flow_id']}"
        for client in (family, stranger)
    ]
    begin = request("POST", "/auth/login_flow", JSON, json.dumps(BEGIN))
    assert statuses(home, begin, 150, OTHER_CLIENT) == {200: 150}
    assert answer(stranger, paths[1], LOGIN) == {"message": "Invalid flow specified"}
    assert answer(family, paths[0], LOGIN)["type"] == "create_entry"
