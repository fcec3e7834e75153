"""supervisord is more patient than the longest step of a worker whose peers are all silent.

With the largest values that the settings allow, and one address to each name.
"""

from __future__ import annotations

import configparser
from pathlib import Path

import pytest

import hems
from hems.settings import led, watchdog
from hems.system.netfilter import LEGACY_TIMEOUT_S
from hems.workers.led import probes as led_probes
from hems.workers.led.rounds import STUCK_S
from hems.workers.watchdog import probes as watchdog_probes

CONF = Path(hems.__file__).parents[1] / "etc" / "supervisord.conf"
NAME_S = 6.0  # RES_OPTIONS: 2 s and one attempt, of three servers at most: resolv.conf(5)
PROBE_S = watchdog.LONGEST_PROBE_S
ACTION_S = watchdog.LONGEST_ACTION_S


def longest_look_s(ask_s: float, probe_s: float) -> float:
    """Return how long pages, and then connections, take: the last of each takes its own time."""
    page_s, connection_s = NAME_S + 2 * probe_s, NAME_S + probe_s
    return ask_s + page_s + ask_s + connection_s


LOOK_S = longest_look_s(led_probes.ASK_S, led.LONGEST_PROBE_S)
STEPS = {
    "watchdog": longest_look_s(watchdog_probes.ASK_S, PROBE_S) + ACTION_S,
    "led": 3 * led.LONGEST_PROBE_S + LOOK_S,  # Home Assistant first: a page, a ping
    "iptables-init": 3 * LEGACY_TIMEOUT_S,  # a look that runs, and the removal of the rules
}


@pytest.mark.parametrize("worker", sorted(STEPS))
def test_a_worker_is_not_killed_because_its_peers_are_silent(worker: str) -> None:
    settings = configparser.RawConfigParser(inline_comment_prefixes=(";",))
    settings.read(CONF)
    assert settings.getint(f"program:{worker}", "stopwaitsecs", fallback=10) > STEPS[worker]


def test_a_look_of_led_that_ends_is_not_stuck() -> None:
    assert STEPS["led"] < STUCK_S
