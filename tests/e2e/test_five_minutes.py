"""Home Assistant after five minutes: it takes HTTP settings on trial back then, and restarts.

The tests before this one take longer than that, so it hardly waits.
"""

from __future__ import annotations

import time

import pytest

from tests.e2e.gateway import Gateway
from tests.e2e.meter import Meter
from tests.e2e.visitor import Visitor

pytestmark = pytest.mark.e2e

TRIAL_S = 310.0


def test_it_runs_on_and_still_trusts_nginx(home: Gateway, owner: Visitor, meter: Meter) -> None:
    time.sleep(max(0.0, TRIAL_S - home.home_assistant.runs_for()))
    assert home.home_assistant.runs_for() >= TRIAL_S
    http = owner.command("http/config")  # through nginx
    assert (http["pending"], http["active_config_type"]) == (None, "stable")
    assert owner.command("repairs/list_issues") == {"issues": []}
