"""supervisord is more patient than the longest step of a worker whose peers are all silent.

With the largest values that the settings allow, and one address to each name.
"""

from __future__ import annotations

import configparser
import re
from pathlib import Path

import pytest

import hems
from hems.clients.home_assistant.websocket import CLOSE_S
from hems.clients.mqtt.publisher import LAST_S
from hems.settings import home_assistant, influxdb, led, mqtt, watchdog
from hems.system.firewall import LEGACY_TIMEOUT_S
from hems.worker_table import TABLE
from hems.workers import watchdog as watchdog_worker
from hems.workers.iptables_init.rule_keeper import ATTEMPTS, PAUSE_S
from hems.workers.led.status_probes import PROBING_S, STUCK_S
from hems.workers.provision.observations import web_pages

CONF = Path(hems.__file__).parents[1] / "etc" / "supervisord.conf"
NAME_S = 6.0  # RES_OPTIONS: 2 s and one attempt, of three servers at most: resolv.conf(5)
PROBE_S = watchdog.LONGEST_PROBE_S
ACTION_S = watchdog.LONGEST_ACTION_S
CONNECT_S = 5.0  # of paho, for one address
HOME_ASSISTANT_S, INFLUXDB_S = home_assistant.LONGEST_ANSWER_S, influxdb.LONGEST_ANSWER_S


def longest_look_s(ask_s: float, probe_s: float) -> float:
    """Return how long pages, and then connections, take: the last of each takes its own time."""
    page_s, connection_s = NAME_S + 2 * probe_s, NAME_S + probe_s
    return ask_s + page_s + ask_s + connection_s


PAGES_S = len(web_pages.PAGES) * web_pages.TIMEOUT_S
LOOK_S = longest_look_s(PROBING_S, led.LONGEST_PROBE_S)
# A worker with asyncio waits at its end for the thread that connects, or sends what is unsent.
BROKER_S = max(NAME_S + CONNECT_S, LAST_S + mqtt.LONGEST_ANSWER_S)
STEPS = {
    "eesmart-d2l": BROKER_S,
    # Beside it a thread may wait for an answer, and then close the connection.
    "telemetry": max(BROKER_S, HOME_ASSISTANT_S + CLOSE_S),
    "watchdog": longest_look_s(watchdog_worker.PROBING_S, PROBE_S) + ACTION_S,
    # The restart of a service: two questions before it, one after it; or all pages of nginx.
    "provision": max(3 * PROBE_S + ACTION_S, HOME_ASSISTANT_S, INFLUXDB_S, PAGES_S),
    "led": 3 * led.LONGEST_PROBE_S + LOOK_S,  # Home Assistant first: a page, a ping
    # A look that runs, and the removal of the rules, with a pause after each failure.
    "iptables-init": 3 * LEGACY_TIMEOUT_S + ATTEMPTS * PAUSE_S,
}
BESIDE_BEATS = {"eesmart-d2l", "telemetry", "led"}  # they beat while such a step runs


def program(worker: str) -> configparser.SectionProxy:
    settings = configparser.RawConfigParser(inline_comment_prefixes=(";",))
    settings.read(CONF)
    return settings[f"program:{worker}"]


def test_every_worker_of_supervisord_has_a_longest_step() -> None:
    assert {entry.name for entry in TABLE if entry.container == "hems"} == set(STEPS)


@pytest.mark.parametrize("worker", sorted(STEPS))
def test_a_worker_is_not_killed_because_its_peers_are_silent(worker: str) -> None:
    assert program(worker).getint("stopwaitsecs", fallback=10) > STEPS[worker]


@pytest.mark.parametrize("worker", sorted(set(STEPS) - BESIDE_BEATS))
def test_a_worker_is_not_taken_for_hung_because_its_peers_are_silent(worker: str) -> None:
    unit = re.search(r"WatchdogSec=(\d+)", program(worker)["environment"])
    assert unit is not None
    assert int(unit[1]) > STEPS[worker]


@pytest.mark.parametrize("worker", sorted(STEPS))
def test_a_worker_that_resolves_names_waits_briefly_for_them(worker: str) -> None:
    limited = 'RES_OPTIONS="timeout:2 attempts:1"' in program(worker)["environment"]
    assert limited is (worker not in {"provision", "iptables-init"})  # these use addresses only


def test_a_look_of_led_that_ends_is_not_stuck() -> None:
    assert STEPS["led"] < STUCK_S
