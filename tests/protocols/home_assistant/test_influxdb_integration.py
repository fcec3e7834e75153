"""What Home Assistant writes to InfluxDB, against the configuration.yaml that is shipped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

import hems
from hems.protocols.home_assistant.influxdb_integration import (
    DOMAINS,
    EXCLUDED,
    is_as_shipped,
    is_written,
    newest_between,
)

FILE = Path(hems.__file__).parents[1] / "services/homeassistant/config/configuration.yaml"
TEXT = FILE.read_text(encoding="utf-8")


class Loader(yaml.SafeLoader):
    """Reads Home Assistant's own tags as text."""


Loader.add_multi_constructor("!", lambda _loader, _tag, node: node.value)


def test_the_lists_are_those_of_the_shipped_configuration() -> None:
    section: dict[str, Any] = yaml.load(TEXT, Loader)["influxdb"]
    assert frozenset(section["include"]["domains"]) == DOMAINS
    assert set(section["include"]) == {"domains"}
    assert not DOMAINS & set(section["exclude"]["domains"])
    assert tuple(section["exclude"]["entity_globs"]) == EXCLUDED
    assert set(section["exclude"]) == {"domains", "entity_globs"}


def test_the_shipped_configuration_is_known_as_such() -> None:
    assert is_as_shipped(TEXT)
    assert is_as_shipped(TEXT.replace("\n", "\r\n"))
    assert is_as_shipped(TEXT + "\nlight:\n")
    assert not is_as_shipped(TEXT.replace("    - climate\n", ""))
    assert not is_as_shipped(TEXT.replace("_lqi", "_power"))
    assert not is_as_shipped("")


@pytest.mark.parametrize(
    ("entity_id", "state", "is_one"),
    [
        ("sensor.power", "7", True),
        ("sensor.power", "unknown", False),
        ("sensor.power", "unavailable", False),
        ("sensor.power", "", False),
        ("binary_sensor.gateway_problem", "off", True),
        ("light.kitchen", "on", False),
        ("sensor.d2l_1_date", "x", False),
        ("sensor.gateway_uptime", "5", False),
        ("sensor.gateway_uptime_hours", "5", True),
    ],
)
def test_which_states_are_written(entity_id: str, state: str, *, is_one: bool) -> None:
    assert is_written(entity_id, state) == is_one


def test_the_newest_time_in_a_span_with_both_its_ends() -> None:
    assert newest_between([1.0, 2.0, 3.0, 4.0], 2.0, 3.0) == 3.0
    assert newest_between([1.0, 2.0], 2.0, 3.0) == 2.0
    assert newest_between([1.0, 4.0], 2.0, 3.0) is None
