"""The lines of an edited configuration.yaml that Home Assistant keeps in its stores now."""

from __future__ import annotations

import pytest
import yaml
from yaml_connections import commented, has_other_database

OLD = """# mine
homeassistant:
  name: Home

http:
  # a note
  use_x_forwarded_for: true
  trusted_proxies:
    - 172.18.4.4  # nginx-reverse-proxy only

  ip_ban_enabled: true

# of the database
influxdb:
  api_version: 2
  ssl: false
  host: 172.18.4.3
  port: 8086
  token: !env_var INFLUX_TOKEN not-made-yet  # made
  organization: hems
  bucket: home_assistant
  precision: ms
  tags:
    host: pi
  include:
    domains:
      - sensor
logger:
  default: info
"""


class Loader(yaml.SafeLoader):
    """Loads Home Assistant's own tags."""


Loader.add_multi_constructor("!", lambda *_: "tagged")


def test_only_the_connections_become_comments() -> None:
    before, after = (yaml.load(text, Loader) for text in (OLD, commented(OLD)))
    assert after == {
        "homeassistant": before["homeassistant"],
        "influxdb": {name: before["influxdb"][name] for name in ("precision", "tags", "include")},
        "logger": before["logger"],
    }
    kept = [line.removeprefix("# ") for line in commented(OLD).splitlines()]
    assert [line for line in OLD.splitlines() if line.removeprefix("# ") not in kept] == []


def test_it_is_done_once() -> None:
    assert commented(commented(OLD)) == commented(OLD)
    assert commented("") == ""


@pytest.mark.parametrize("name", ["http: !include http.yaml\n", "http:\n", "http:\n    a: 1"])
def test_a_section_in_another_form(name: str) -> None:
    assert yaml.load(commented(f"{name}\nsun:\n"), Loader) == {"sun": None}


def test_what_only_looks_like_it_stays() -> None:
    text = "https:\n  a: 1\nrest:\n  http:\n    - host: x\nlogger:\n  logs:\n    http: debug\n"
    assert commented(text) == text
    assert not has_other_database(text)


@pytest.mark.parametrize("host", ["nas.home", "'nas.home'", "172.18.4.33", '"10.0.0.1"  # mine'])
def test_another_database_is_a_persons(host: str) -> None:
    text = f"sun:\ninfluxdb:\n  host: {host}\n  token: mine\n"
    assert commented(text) == text
    assert has_other_database(text)
    assert not has_other_database(OLD)
