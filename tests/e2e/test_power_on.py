"""The first minutes of a gateway."""

from __future__ import annotations

import json
import re

import pytest
from websockets.sync.client import connect

from tests.deploy.lan import PROXY
from tests.e2e.gateway import Gateway

pytestmark = pytest.mark.e2e

ERROR = re.compile(r"^\S+ \S+ (?:ERROR|CRITICAL) \([^)]*\) \[([^\]]+)\] .*", re.MULTILINE)
# Home Assistant's root has no ffmpeg, and onboarding adds what looks for the internet.
HARMLESS = re.compile(r"haffmpeg|google_translate|\bmet\b|metno|radio_browser")


def test_home_assistant_finds_no_fault_with_its_configuration(home: Gateway) -> None:
    errors = ERROR.finditer(home.home_assistant.log())
    assert [found[0] for found in errors if not HARMLESS.search(found[1])] == []


def test_home_assistant_talks_through_nginx_and_tls(home: Gateway) -> None:
    plain = home.site.lan.connect(PROXY, 443)
    context = home.site.client().context()
    url = f"wss://{PROXY}/api/websocket"
    with connect(url, sock=plain, ssl=context, server_hostname=PROXY) as websocket:
        said = json.loads(websocket.recv(10))
    assert said == {"type": "auth_required", "ha_version": "2025.3.4"}


def test_only_the_token_that_was_made_is_known_to_the_database(home: Gateway) -> None:
    assert list(home.influxdb.api.tokens) == [home.secret("INFLUX_TOKEN")]
