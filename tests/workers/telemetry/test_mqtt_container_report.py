"""What the container mqtt says about its broker."""

from __future__ import annotations

import json

import pytest

from hems.protocols.gateway.problem_kinds import (
    MQTT_ANNOUNCEMENT_REFUSED,
    MQTT_DEVICE_SENDS_TOO_MUCH,
    MQTT_STORE_DAMAGED,
)
from hems.protocols.gateway.refusals_of_an_hour import HOUR_S, PROBLEM, SLOT_S
from hems.workers.telemetry.mqtt_container_report import BrokerReport

DAMAGE = {"store_damaged_at": None}
TOO_MUCH, DAMAGED = MQTT_DEVICE_SENDS_TOO_MUCH.name, MQTT_STORE_DAMAGED.name
REFUSED = MQTT_ANNOUNCEMENT_REFUSED.name


@pytest.fixture
def report() -> BrokerReport:
    return BrokerReport()


def said(**changed: object) -> bytes:
    fields: dict[str, object] = {"refused_logins": {}, "shut_out": [], "trimmed": [], **DAMAGE}
    return json.dumps({**fields, **changed}).encode()


def found(report: BrokerReport, now: float = 0.0) -> list[tuple[str, str, str | None]]:
    return [tuple(one) for one in report.problems(now)]  # type: ignore[misc]


def test_without_a_report_nothing_is_known(report: BrokerReport) -> None:
    unknown = [(TOO_MUCH, "", None), (REFUSED, "", None), (DAMAGED, "", None)]
    assert found(report) == unknown
    for nothing in (b"", b"{}", b"[1]", b"\xff", said(shut_out="plug")):
        report.take(nothing, 0)
    assert found(report) == unknown
    report.take(said(), 0)
    assert found(report) == []
    report.forget()
    assert found(report) == unknown


def test_a_login_that_sends_too_much_is_a_problem_until_it_sends_less(report: BrokerReport) -> None:
    for _ in range(2):
        report.take(said(shut_out=["plug"], trimmed=["car", "plug"]), 0)
        assert found(report) == [
            (TOO_MUCH, "plug", "it is shut out for ten minutes"),
            (TOO_MUCH, "car", "the retained messages beyond its share are removed"),
        ]
        report.take(said(), 0)
        assert found(report) == []


def test_a_refused_announcement_is_a_problem_until_the_device_corrects_it(
    report: BrokerReport,
) -> None:
    for _ in range(2):
        report.take(said(refused_announcements={"plug": "its topic: its fault"}), 0)
        assert found(report) == [(REFUSED, "plug", "its topic: its fault")]
        report.take(said(refused_announcements={}), 0)
        assert found(report) == []


def test_a_damaged_store_is_a_problem(report: BrokerReport) -> None:
    report.take(said(store_damaged_at="2026-11-30T12:00:00+00:00"), 0)
    assert found(report) == [(DAMAGED, "", "it was put aside at 2026-11-30T12:00:00+00:00")]


def test_refused_logins_of_an_hour_are_counted_also_when_the_broker_starts_again(
    report: BrokerReport,
) -> None:
    for count, now, total in ((40, 0, 40), (40, 1, 40), (PROBLEM, 2, PROBLEM), (1, 3, PROBLEM + 1)):
        report.take(said(refused_logins={"192.0.2.9": count}), float(now))
        assert report.refused(now) == {"MQTT": total}
        assert bool(found(report, now)) is (total > PROBLEM)
    words = "more than 100 in an hour, most of them from 192.0.2.9"
    assert found(report, 3) == [("access-refused", "MQTT", words)]
    report.forget()
    assert report.refused(4) == {"MQTT": PROBLEM + 1}
    assert report.refused(HOUR_S + SLOT_S) == {"MQTT": 0}
