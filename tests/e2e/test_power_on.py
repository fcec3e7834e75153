"""The first minutes of a gateway."""

from __future__ import annotations

import re

import pytest

from tests.e2e.gateway import Gateway
from tests.e2e.meter import Meter
from tests.e2e.visitor import Visitor
from tests.integration.worker_process import eventually

pytestmark = pytest.mark.e2e

RUNNING_S = 60.0
ERROR = re.compile(r"^\S+ \S+ (?:ERROR|CRITICAL) \([^)]*\) \[([^\]]+)\] .*", re.MULTILINE)


def test_home_assistant_finds_no_fault_with_its_configuration(
    home: Gateway, owner: Visitor, meter: Meter
) -> None:
    """Not even without the internet; an ERROR would light the gateway's third LED."""
    errors = ERROR.finditer(home.home_assistant.log())
    assert [match[0] for match in errors] == []
    assert owner.command("repairs/list_issues") == {"issues": []}


def test_nothing_was_restarted_but_the_broker(home: Gateway) -> None:
    restarts = [call for call in home.device.calls if "restart-service" in call]
    assert len(restarts) == 1
    assert "mqtt" in restarts[0]


def test_the_owner_logs_in_through_nginx_and_tls(owner: Visitor, version: str) -> None:
    eventually(lambda: owner.command("get_config")["state"] == "RUNNING", RUNNING_S, "it runs")
    config = owner.command("get_config")
    assert (config["version"], config["recovery_mode"]) == (version, False)


def test_only_the_token_that_was_made_is_known_to_the_database(home: Gateway) -> None:
    assert list(home.influxdb.api.tokens) == [home.secret("INFLUX_TOKEN")]
