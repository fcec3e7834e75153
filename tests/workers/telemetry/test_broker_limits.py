"""When the broker is at one of its limits, by its own figures."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import hems
from hems.protocols.mqtt.broker_topics_and_limits import (
    CLIENTS,
    DEVICE_CONNECTIONS,
    DROPPED,
    MEMORY,
    MEMORY_LIMIT,
)
from hems.workers.telemetry.broker_limits import COUNTS_S, BrokerLimits

CONFIGURATION = Path(hems.__file__).parents[1] / "services" / "mqtt" / "mosquitto.conf"
BRIDGE = "$SYS/broker/connection/gateway.central/state"


@pytest.fixture
def limits() -> BrokerLimits:
    return BrokerLimits()


def found(limits: BrokerLimits, now: float = 0.0) -> str | None:
    """Return what was found, empty for nothing."""
    problems = list(limits.problems(now))
    return problems[0].found if problems else ""


def test_the_limit_is_that_of_the_brokers_configuration() -> None:
    assert re.findall(r"^memory_limit (\d+)$", CONFIGURATION.read_text(), re.M) == [
        str(MEMORY_LIMIT)
    ]


def test_without_figures_nothing_is_known(limits: BrokerLimits) -> None:
    assert found(limits) is None
    limits.take(BRIDGE, b"1", 0.0)
    limits.take(DROPPED, b"many", 0.0)
    assert found(limits) is None
    limits.take(DROPPED, b"0", 0.0)
    assert found(limits) == ""
    limits.forget()
    assert found(limits) is None


def test_messages_that_are_dropped_count_for_a_while_each_time(limits: BrokerLimits) -> None:
    limits.take(DROPPED, b"7", 0.0)  # before telemetry came
    assert found(limits) == ""
    for count in (8, 9):
        now = count * 1000.0
        limits.take(DROPPED, str(count).encode(), now)
        assert found(limits, now) == "it drops messages for clients that are too slow"
        assert found(limits, now + COUNTS_S - 1) != ""
        assert found(limits, now + COUNTS_S) == ""


def test_a_broker_that_begins_again_drops_nothing(limits: BrokerLimits) -> None:
    for count in (9, 0, 2):
        limits.take(DROPPED, str(count).encode(), 0.0)
        assert (found(limits) != "") == (count == 2)


def test_what_a_bridge_without_its_central_broker_drops_does_not_count(
    limits: BrokerLimits,
) -> None:
    limits.take(DROPPED, b"0", 0.0)
    for hour, is_away in enumerate((True, False, True, False)):
        limits.take(BRIDGE, b"0" if is_away else b"1", 0.0)
        limits.take(DROPPED, str(hour + 1).encode(), hour * 3600.0)
        assert (found(limits, hour * 3600.0) == "") == is_away


@pytest.mark.parametrize(
    ("topic", "limit", "words"),
    [
        (CLIENTS, DEVICE_CONNECTIONS, "more than 95% of its 640 connections are in use"),
        (MEMORY, MEMORY_LIMIT, "more than 95% of its 48 MiB of memory are in use"),
    ],
    ids=["connections", "memory"],
)
def test_a_limit_that_is_near_is_found_twice(
    limits: BrokerLimits, topic: str, limit: int, words: str
) -> None:
    for _ in range(2):
        limits.take(topic, str(limit * 95 // 100 - 1).encode(), 0.0)
        assert found(limits) == ""
        limits.take(topic, str(limit * 95 // 100 + 1).encode(), 0.0)
        assert found(limits) == words
