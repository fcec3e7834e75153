"""Which templates a device may give to Home Assistant."""

from __future__ import annotations

import pytest
from announcement_templates import LONGEST, fault
from hypothesis import given
from hypothesis import strategies as st

# As the firmware of Shelly, Tasmota and ESPHome, and Zigbee2MQTT, writes them.
HARMLESS = [
    "no template",
    "{{ value }}",
    "{{ value_json.temperature }}",
    "{{ value_json['update']['installed_version'] }}",
    "{{value_json.ENERGY.Power}}",
    "{{ value_json.x | default(None) }}",
    "{{ (value_json.p | float * 1000) | round(1) }}",
    "{{ (value_json.p | float(0)) * 1000 }}",
    "{{ value | float * 0.1 }}",
    "{{ value_json.brightness * 100 / 255 }}",
    "{{ 'ON' if value_json.state == 'on' else 'OFF' }}",
    "{{ value_json.a is defined and value_json.a not in ['x', 'y'] }}",
    "{% if value_json.a == 'OPEN' %}open{% elif value == '' %}{{ '' }}{% else %}0{% endif %}",
    "{%- if value -%}1{%- endif -%}",
    "{{ {'0': 'off', '1': 'on'}[value] | default('unknown') }}",
    "{{ {'a': {'b': 1}} }}",
    '{"state": "{{ value }}", "brightness": {{ brightness }}}',
    "{{ value_json.last_seen | as_datetime | as_local }}",
    "{{ (as_timestamp(now()) - value | int) | timestamp_custom('%H:%M') }}",
    "{{ value.split(',')[0] | trim | lower }}",
    "{{ value_json.get('a', 0) }}",
]
# Each ends Home Assistant, fills its memory, or reads what is none of the device's.
HARMFUL = [
    "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}",
    "{{ 9 ** (9 ** 9) }}",
    "{{ 9 * *9 }}",
    "{{ value | round(999999999, 'ceil') }}",
    "{{ value | round(value | int, 'ceil') }}",
    "{{ value | round(precision=999999999, method='ceil') }}",
    "{{ value | round(*value_json) }}",
    "{{ 'a' * 999999999 }}",
    "{{ 'a' * 100 * 100 * 100 * 100 * 100 }}",
    "{{ value_json.a | int * value_json.b }}",
    "{{ value | int(value) * 99999999 }}",
    "{{ (value ~ value | float) * 99999999 }}",
    "{{ '%999999999d' % 1 }}",
    "{{ '%999999999d' | format(1) }}",
    "{{ '{:>999999999}'.format(1) }}",
    "{{ ('{:>999999999}'.format)(1) }}",
    "{{ 'x'['format'](1) }}",
    "{{ value_json.a(1) }}",
    "{{ 'a'.ljust(999999999) }}",
    "{{ value | center(999999999) }}",
    "{{ value | replace('', value) }}",
    "{{ value | join(value) }}",
    "{% set a = 'aa' %}{% set a = a ~ a %}{{ a }}",
    "{{ value | tojson | tojson | tojson }}",
    "{{ states('person.owner') }}",
    "{{ states | list }}",
    "{{ state_attr('zone.home', 'latitude') }}",
    "{% include 'secrets' %}",
    "{% raw %}{{ states }}{% endraw %}",
    "{# comment #}",
    "{{ '}}' ~ states('a.b') }}",
    "{{ {'a': {}} }}{{ states }}",
    "{{ value",
    "{{ value }",
    "{% if value ",
    "{{ " + "(" * 30 + "value" + ")" * 30 + " }}",
    "{{ value }}" + " " * LONGEST,
    "{{ value | attr('__class__') }}",
    "{{ value.__class__.__mro__() }}",
    "{{ 0xffffffff * value }}",
    "{{ 1_000_000_000 * value }}",
    "{{ value | regex_match('(a+)+$') }}",
]


@pytest.mark.parametrize("text", HARMLESS)
def test_what_devices_need_is_allowed(text: str) -> None:
    assert fault(text) == ""


@pytest.mark.parametrize("text", HARMFUL)
def test_what_ends_home_assistant_or_reads_others_is_not(text: str) -> None:
    assert "{" in text
    assert fault(text)
    assert fault(f"{{{{ value }}}} {text}")


PARTS = st.sampled_from(["{{", "}}", "{%", "%}", "{#", "(", ")", "[", "{", "}", "'", '"', "*", "|"])
WORDS = st.sampled_from(
    ["value", "states", "range", "if", "for", "float", "9", "1.5", ".", " ", "-"]
)


@given(st.lists(PARTS | WORDS, max_size=20).map("".join))
def test_nothing_makes_it_fail_or_lets_a_forbidden_name_through(text: str) -> None:
    if not fault(text) and "{{states" in text.replace(" ", ""):
        raise AssertionError(text)
