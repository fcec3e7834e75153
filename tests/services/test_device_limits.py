"""What one login may keep and send at the broker."""

from __future__ import annotations

import device_limits
import pytest
from device_limits import (
    BLOCKED_S,
    KEPT_BYTES,
    KEPT_MESSAGES,
    SENT_BYTES,
    SENT_MESSAGES,
    WINDOW_S,
    DeviceLimits,
)
from device_rights import Rights, matches

ACL = """user plug
topic deny plug/secret
topic readwrite plug/#
topic write homeassistant/+/plug/#
topic read homeassistant/status

user car
topic readwrite car/#
topic readwrite shared
"""


@pytest.fixture
def limits() -> DeviceLimits:
    return DeviceLimits(Rights(ACL))


def keep(limits: DeviceLimits, topic: str, size: int = 1, now: float = 0.0) -> bool:
    return limits.message(topic, size, now, is_kept=True, is_sent=False)


def send(limits: DeviceLimits, topic: str, size: int = 1, now: float = 0.0) -> bool:
    return limits.message(topic, size, now, is_kept=False, is_sent=True)


@pytest.mark.parametrize(
    ("topics", "topic", "is_match"),
    [
        ("a/#", "a", True),
        ("a/#", "a/b/c", True),
        ("a/+", "a/b", True),
        ("a/+", "a/b/c", False),
        ("a/+/c", "a/b", False),
        ("a", "a/b", False),
        ("#", "a", True),
    ],
)
def test_a_filter_matches(topics: str, topic: str, is_match: bool) -> None:
    assert matches(topics, topic) is is_match


def test_a_topic_belongs_to_those_who_may_write_it(limits: DeviceLimits) -> None:
    of = limits.rights.writers
    assert list(of("plug/x")) == list(of("homeassistant/sensor/plug/x/config")) == ["plug"]
    assert list(of("shared")) == ["car"]
    assert [*of("plug/secret"), *of("homeassistant/status"), *of("hems/state")] == []


def test_a_login_keeps_so_many_messages_until_it_removes_one(limits: DeviceLimits) -> None:
    for _ in range(2):
        for number in range(KEPT_MESSAGES):
            assert not keep(limits, f"plug/{number}")
        assert not limits.cleared
        assert keep(limits, "plug/more")
        assert not keep(limits, "plug/0")  # a new value in place of the old one
        assert not keep(limits, "car/x")
        assert not keep(limits, "hems/state")
        assert limits.cleared.keys() == {"plug"}
        assert not keep(limits, "plug/0", size=0)
        assert not keep(limits, "plug/more")
        limits.forget_kept()
        limits.expire(BLOCKED_S + 1)


def test_a_login_keeps_so_many_bytes(limits: DeviceLimits) -> None:
    assert not keep(limits, "plug/a", KEPT_BYTES - 6)
    assert keep(limits, "plug/b", 1)
    assert not keep(limits, "plug/a", 10)
    assert not keep(limits, "plug/b", KEPT_BYTES - 22)
    assert keep(limits, "plug/b", KEPT_BYTES - 21)


def test_many_logins_share_what_there_is() -> None:
    users = 8
    limits = DeviceLimits(Rights("".join(f"user u{n}\ntopic readwrite u{n}/#\n" for n in range(8))))
    kept = 0
    while not keep(limits, f"u0/{kept}"):
        kept += 1
    assert kept == device_limits.ALL_MESSAGES // users


def test_each_deep_level_counts_as_a_message(limits: DeviceLimits) -> None:
    deep = "plug/1/2/3/4" + "/x" * (KEPT_MESSAGES - 1)
    assert not keep(limits, deep)
    assert keep(limits, "plug/a")
    assert not keep(limits, deep, 0)
    assert not keep(limits, "plug/a")
    assert keep(limits, deep)


@pytest.mark.parametrize(("size", "count"), [(1, SENT_MESSAGES), (SENT_BYTES // 10 - 6, 10)])
def test_who_sends_too_much_in_a_minute_is_shut_out_for_ten(
    limits: DeviceLimits, size: int, count: int
) -> None:
    for first in (0.0, 1000.0):
        for at in (first, first + WINDOW_S):
            for _ in range(count):
                send(limits, "plug/x", size, at)
        assert not limits.blocked
        begin = first + 2 * WINDOW_S
        send(limits, "plug/x", size, begin - 0.1)
        send(limits, "hems/x", SENT_BYTES * 2, begin)
        assert limits.blocked == {"plug": begin - 0.1 + BLOCKED_S}
        assert limits.newly_blocked == {"plug"}
        limits.newly_blocked.clear()
        limits.expire(begin + BLOCKED_S - 1)
        assert limits.blocked
        limits.expire(begin + BLOCKED_S)
        assert not limits.blocked


def test_new_rights_count_at_once(limits: DeviceLimits) -> None:
    assert not keep(limits, "car/x", KEPT_BYTES * 2 - 5) or limits.cleared
    limits.set_rights(Rights("user other\ntopic write car/#\n"))
    keep(limits, "car/y", KEPT_BYTES * 2)
    assert "other" in limits.cleared


def test_the_memory_for_topics_is_bounded(limits: DeviceLimits) -> None:
    for number in range(device_limits.MAX_KNOWN + 10):
        send(limits, f"nobody/{number}")
    assert len(limits._writers) <= device_limits.MAX_KNOWN


def test_the_properties_of_a_message_count(limits: DeviceLimits) -> None:
    for number in range(3):
        large = SENT_BYTES // 2
        limits.message("plug/x", 1, 0.0, is_kept=False, is_sent=True, properties=large)
        assert ("plug" in limits.blocked) is (number >= 1)
    for number in range(3):
        large = KEPT_BYTES // 2 - 100
        topic = f"car/{number}"
        is_full = limits.message(topic, 1, 0.0, is_kept=True, is_sent=False, properties=large)
        assert is_full is (number == 2)
