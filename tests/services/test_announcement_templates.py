"""Which templates a device may give to Home Assistant."""

from __future__ import annotations

from itertools import product

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
    "{{ value_json.brightness | float * 100 / 255 }}",
    "{{ value_json.brightness / 255 * 100 }}",
    "{{ value_json.brightness * 0.39 }}",
    "{{ (brightness * 99 / 255) | round(0) | int }}",
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
    "{{ value_json.get('a', {}).get('b') }}",
    # Zigbee2MQTT
    "{{ value_json['update']['state'] == 'updating' }}",
    "{% set values = {None:None,'idle':'idle','heat':'heating'} %}"
    "{{ values[value_json.running_state] }}",
    '{% if "moving" in value_json and value_json.moving %} {{ value_json.moving }}'
    "{% else %} STOP {% endif %}",
    "{{ {'off':0, 'low':33, 'high':100}[value_json['fan_mode']] | default('None') }}",
    '{"update":{"installed_version":"{{ value_json[\'update\'][\'installed_version\'] }}"}}',
    # Tasmota
    "{{value_json['ENERGY'].Power[0]}}",
    "{{value_json['StatusSNS']['DS18B20-1'].Temperature|is_defined}}",
    "{{ value_json.Wifi.RSSI | int(0) }}%",
    "{{ (value_json.ANALOG.A0 | float(0) - 204) * 100 / 819 }}",
    # Shelly
    "{{ value_json.params['switch:0'].apower | round(1) }}",
    "{{value|float/60|round(2)}}",
    "{%if value_json.online==true%}online{%else%}offline{%endif%}",
    "{{ (now() - timedelta(seconds=value_json.sys.uptime)).isoformat() }}",
    "{{ (as_timestamp(now()) - value_json.uptime) | timestamp_local }}",
    "{{ (value.split('/') | last) if '/' in value else none }}",
    # ESPHome, which needs few
    "{% if is_number(value) %}{{ value | replace(',', '.') }}{% endif %}",
    # OpenMQTTGateway
    "{{ value_json.tempc | is_defined }}",
    "{{ value_json.rssi | int if value_json.id == 'AA:BB:CC' else -100 }}",
    "{% if value_json.get('presence') -%}home{%- else -%}not_home{%- endif %}",
    # rtl_433
    "{{ value|float|round(1) }}",
    "{{ ((float(value) * 99)|round(0)) + 1 }}",
    "{{ (float(value|float) * 25.4) | round(2) }}",
    "{{ float(value) * 1.609344 }}",
    # zwave-js-ui
    "{{ value_json.value | round(0) }}",
    "{{ (value_json.value / 99 * 255) | round(0) }}",
    "{{ 'True' if value_json.value is not none and not value_json.value == 255 else 'False' }}",
    "{{ {1: 'locked', 255: 'unlocked'}[value_json.value] | default(value_json.value, true) }}",
    # Home Assistant's documentation
    "{{ '#%02x%02x%02x' | format(red, green, blue) }}",
    "{{ '%0.1f' | format(value_json.temperature | float) }}",
    "{{ '%0.2f' % (value | float(0)) }}",
    '{"state": "on" {%- if brightness is defined -%} , "brightness": {{ brightness }} {%- endif -%}'
    " {%- if red is defined and green is defined and blue is defined -%} ,"
    ' "color": [{{ red }}, {{ green }}, {{ blue }}] {%- endif -%} }',
    "{{ value.split(',')[3].split('-')[0] }}",
    "{{ value_json.rgb | join(',') }}",
    "{{ value_json.data.value | tojson }}",
    '{ "action": "{{ action }}", "code": "{{ code }}" }',
    '{% if not state_attr(entity_id, "current_position") %}{"position": {{ value }} }'
    '{% elif state_attr(entity_id, "current_position") < (value | int) %}{"up": true}{% endif %}',
    "{{ (position_open - position_closed) * position / 100 + position_closed }}",
    "{{ value_json.x ~ ',' ~ value_json.y }}",
    "{{ this.attributes.get('installed_version') if value == '' else value }}",
    "{{ [value_json.l1 | float(0), value_json.l2 | float(0)] | max }}",
    "{{ value.split(' - ')[0] }} {{ value.split(' - ') | last }}",
    "{{ value in value_json.modes.split(';') }}",
    "{{ value | int % 60 }}",
    "{{ value | int is odd }}",
    "{{ now().strftime('%H:%M') if value == 'on' }}",
    "{{ 1e9 * value }}",  # a fraction repeats no text
    "{{ value | multiply(0.3922) | round(0) }}",
    "{{ value_json.flags | int | bitwise_and(4) > 0 }}",
    # Zigbee2MQTT
    "{{ value_json.last_seen }}",
    "{{ value_json['text'] | default('',True) | string | truncate(254, True, '', 0) }}",
    "{% if volume_level is defined %}{% if volume_level | float <= 0.25 %}low"
    "{% elif volume_level | float <= 0.5 %}medium{% else %}high{% endif %}{% endif %}",
    "{{ {0:'off', 33:'low', 66:'medium', 100:'high'}[value] | default('') }}",
    "{{ value_json['fan_mode'] if value_json['fan_mode'] in ['smart'] else 'None'"
    " | default('None') }}",
    "{\"update_percentage\":{{ value_json['update'].get('progress', 'null') }},"
    "\"in_progress\":{{ (value_json['update']['state'] == 'updating')|lower }}}",
    "{{ {'schedule': value_json.monday, 'away': {'mode': value_json.away_mode}} | tojson }}",
    # Tasmota
    "{{value_json.Color.split(',')[0:3]|join(',')}}",
    "{{ value_json.Color[0:2]|int(base=16) }},{{ value_json.Color[2:4]|int(base=16) }}",
    "{% if value_json.Shutter1 is defined %}{{value_json['Shutter1']['Position']}}{% endif %}",
    "{{ (as_timestamp(now()) - value_json.UptimeSec) * 1000 }}",
    # Shelly
    "{%if value_json.params.events.0.event=='single_push'%}1{%endif%}",
    "{{{'illumination':value}|tojson}}",
    "{%set target=4 if value=='off' else 21%}{{{'params':{'id':0,'target_C':target}}|to_json}}",
    "'rgb':{%if red is defined%}{{[red,green,0]}}{%else%}{{[0,green,blue]}}{%endif%}",
    "{{(value|float/60/1000)|round(2)}}",
    "{{value|float*100|round}}",
    "{%if value_json['method']=='NotifyStatus' and 'temperature:0' in value_json.params%}"
    "{{value_json.params['temperature:0'].tC}}{%endif%}",
    # ESPHome
    '{"{{ value_json.unit }}": "{{ value | title }}"}',
    "{{ {0: 'off', 1: 'on'}.get(value | int(0), 'unknown') }}",
    # OpenMQTTGateway
    "{{ value_json.volt | is_defined }}",
    '{"interval":{{value*1.0}},"save":true}',
    # Victron
    "{{ value_json.value | float(0) | round(2) }}",
    "{% set states = {0:'Off', 1:'Low Power', 3:'Bulk'} %}{{ states[value_json.value] }}",
    '{"value": {{ value }}}',
    "{{ (value_json.value | float - 273.15) | round(1) }}",
    # Frigate
    "{{ value_json.after.label }} ({{ (value_json.after.top_score * 100.0) | round }}%)",
    "{{ value_json.service.storage['/media/frigate/clips'].used | float / 1024 }}",
    "{{ value_json['cameras']['door']['camera_fps'] }}",
    "{{ value_json.type == 'new' and 'yard' in value_json['after']['entered_zones'] }}",
    # The gateway
    "{{ {'a': value_json.get('a'), 'b': value_json.get('b')} | to_json }}",
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
    # A filter binds more tightly than an operator, and Jinja evaluates constants as it reads.
    "{{ [1]|tojson(400000000) }}",
    "{{ [1] | to_json(400000000) }}",
    "{{ 'x'|int(200000000) * 5|string }}",
    "{{ 'x' * 0|default(300000000, true) }}",
    "{{ 'x' * 9|iif(300000000) }}",
    "{{ 'x' * 300000000 | int }}",
    "{{ 1|round(1+4000000,'ceil') }}",
    "{{ value | round(21) }}",
    "{{ value | round(2, 'ceil', 'x') }}",
    "{{value*99}}" * 300,
    "{{ value * 99 }}",
    "{{ 99 * value_json.a }}",
    "{{ value_json.brightness * 100 / 255 }}",
    "{{ value | int" + " * 5 | int" * 100 + " }}",
    "{{ value | int" + " * value | int" * 17 + " }}",
    "{{ value | int(0, 16) * 5 }}",
    "{{ int(value, 0, 16) * 5 }}",
    "{{ int(value, base=16) * 5 }}",
    # What looks like a number
    "{{ 'x' | int('aaaa') * 300000000 }}",
    "{{ float(default='aaaa', value=value) * 300000000 }}",
    "{{ float(value, 'aaaa') * 300000000 }}",
    "{{ ((now() - now()) | round(0, 'common', 'x')) * 300000000 }}",
    "{{ ((now() - now()) | round(0, default='x')) * 300000000 }}",
    "{{ ('x' if value else 5) * 300000000 }}",
    "{{ (5 if value) * 300000000 }}",
    "{{ (0 or 'x') * 300000000 }}",
    "{{ (value | float and 'x') * 300000000 }}",
    "{{ (value | float ~ '') * 300000000 }}",
    "{{ ('x' + 5 | string) * 300000000 }}",
    "{{ value | float | string * 300000000 }}",
    "{{ brightness.a * 300000000 }}",
    "{{ [1] * 300000000 }}",
    "{{ true * 'x' * 300000000 }}",
    "{{ max('x', 1) * 300000000 }}",
    "{% set brightness = 'x' %}{{ brightness * 300000000 }}",
    "{% set x = 'x' %}{{ x * 300000000 }}",
    # Each turn doubles a text.
    "{{ value" + ' | string | split("\'")' * 20 + " }}",
    "{{ value.split(',') | string }}",
    "{{ (value.split(',') ~ '').split(\"'\")[0] }}",
    "{{ [[value] ~ ''] ~ '' }}",
    "{{ {'a': value} ~ '' }}",
    "{{ {'a': {'b': value} | tojson} | tojson }}",
    "{{ value | tojson }}{{ value | tojson }}",
    "{{ value | from_json | string | from_json }}",
    "{{ value" + " ~ value" * 17 + " }}",
    "{{ value" + " + value" * 17 + " }}",
    "{{ value | replace('a', 'aa') }}",
    "{{ value | replace('', 'a') }}",
    "{{ value.replace('a', 'aa') }}",
    "{{ value }}" * 21,
    # Jinja's own work, and its recursion
    "{{ value" + " | abs" * 26 + " }}",
    "{{ " + "not " * 26 + "value }}",
    "{{ value" + ".a" * 26 + " }}",
    ("{{ value" + " | abs" * 24 + " }}") * 4,
    # Names that are not set where they are read
    "{% if false %}{% set states = 1 %}{% endif %}{{ states['person.owner'] }}",
    "{{ states }}{% set states = 1 %}",
    "{% set value = 'x' %}",
    "{% set a = value %}",
    "{% set a = 1 if value else value %}",
    "{% set states = 1 if states.person.owner.state == 'home' else 2 %}{{ states }}",
    "{% set a = 1 if states('a.b') else 2 %}",
    "{{ [value | int, value] ~ '' }}",
    "{{ values }}",
    # Dates
    "{{ 0 | timestamp_custom('%999999999d') }}",
    "{{ 0 | timestamp_custom('%_9d') }}",
    "{{ 0 | timestamp_custom('\\x25999999999d') }}",
    "{{ 0 | timestamp_custom(value) }}",
    # No Jinja, or not what it looks like
    "{{ }}",
    "{{ value_json.a._b }}",
    "{{ value['format'](1) }}",
    "{{ float(] }}",
    "{{ [float( }}",
    "{{ value | round(] }}",
    "{{ max(*value) }}",
    "{{ value % value }}",
    "{% set %}",
    "{% for %}",
    # What Jinja's parser takes
    "{% macro m() %}{{ m() }}{% endmacro %}",
    "{% call value() %}{% endcall %}",
    "{% set x %}{{ value }}{% endset %}",
    "{% set x, y = [1, 2] %}",
    "{% set x.a = 1 %}",
    "{% set ns = namespace(a='x') %}",
    "{% filter upper %}{{ value }}{% endfilter %}",
    "{% with x = value %}{{ x }}{% endwith %}",
    "{% import 'tools' as tools %}",
    "{% from 'tools' import x %}",
    "{% extends 'x' %}",
    "{% block x %}{% endblock %}",
    "{% autoescape true %}{{ value }}{% endautoescape %}",
    "{% do value.append(1) %}",
    "{% break %}",
    "{%- raw -%}{{ value }}{% endraw %}",
    "{%+ if value %}{%- set x = 1 -%}{% endif %}",
    "{{ loop }}",
    "{{ self }}",
    "{{ caller() }}",
    "{{ lipsum(n=999) }}",
    "{{ cycler('x') }}",
    "{{ range(999999999) | length }}",
    "{{ dict(a=value) }}",
    "{{ expand('light.all') }}",
    "{{ integration_entities('mqtt') }}",
    "{{ states.person.owner.state }}",
    "{{ states('person.owner') if entity_id }}",
    "{{ state_attr('person.owner', entity_id) }}",
    "{{ state_attr(value, 'latitude') }}",
    "{{ states(entity_id='person.owner') }}",
    "{{ states(*value_json) }}",
    "{% set entity_id = 'person.owner' %}",
    "{% set int = 1 %}",
    "{{ value_json.list | map('upper') | list }}",
    "{{ value_json.list | map(attribute='__class__') | first }}",
    "{{ value_json.list | selectattr('a') | first }}",
    "{{ value_json.list | sort | first }}",
    "{{ value_json.list | sum(start='x') }}",
    "{{ value_json['__class__'] }}",
    "{{ value_json | xmlattr }}",
    "{{ value | wordwrap(1, wrapstring='xxxxxxxxx') }}",
    "{{ value | indent(99999999) }}",
    "{{ value | truncate(value) }}",
    "{{ value | regex_replace('(a+)+$', '') }}",
    "{{ value is match('(a+)+$') }}",
    "{{ value | pprint }}",
    "{{ value | urlize }}",
    "{{ value | join('xxx') }}",
    "{{ value | join(',') | join(',') }}",
    "{{ value | replace('a', 'bb') }}",
    "{{ value | replace('a', value) }}",
    "{{ value | int(base=16) }}",  # a number of any length
    "{{ value[0:999] | int(base=16) }}",
    "{{ value[value:4] | int(base=16) }}",
    "{{ value | round(-'a') }}",
    # A format: also of a text that is asked whether it is odd
    "{{ '%99d' | format(1) }}",
    "{{ '%*d' | format(999999999, 1) }}",
    "{{ '%.99f' | format(1) }}",
    "{{ '%s' | format(*value_json) }}",
    "{{ '%(a)s%(a)s' % value_json }}",
    "{{ value | format(1) }}",
    "{{ value is odd }}",
    "{{ '%999999999d' is even }}",
    "{{ 5 is divisibleby(value) }}",
    "{{ value % 2 }}",
    "{{ '%s%s' % (value, value) }}",
    "{{ now().strftime('%999999999d') }}",
    "{{ now().strftime(value) }}",
    "{{ ('%s%s%s%s' | format(value, value, value, value)) | title | tojson }}",
    "{{ [value, value, value, value.upper()] | tojson }}",
    "{{ [" + "value," * 17 + "] | tojson }}",
    "{{ {" + "1: value," * 9 + "2: [" + "value," * 9 + "]} | tojson }}",
    "{{ (value ~ value ~ value ~ value) | upper | tojson }}",
    # A list of texts that becomes a text
    "{{ [value] | string }}",
    "{{ [[value]] | first ~ '' }}",
    "{{ value.split(',')[1:] ~ '' }}",
    "{{ [value] + [value] }}",
    "{{ [value] == value }}",
    "{{ [[value]] | join(',') }}",
    "{{ [1, value] if value else 2 }}",
    # Long for its parser
    "{{ [" + "1," * 400 + "] }}",
    "{{ " + "-" * 300 + "1 }}",
    "{{ 1" + " if 1 else 1" * 60 + " }}",
]


@pytest.mark.parametrize("text", HARMLESS)
def test_what_devices_need_is_allowed(text: str) -> None:
    assert fault(text) == ""


@pytest.mark.parametrize("text", HARMFUL)
def test_what_ends_home_assistant_or_reads_others_is_not(text: str) -> None:
    assert "{" in text
    assert fault(text)
    assert fault(f"{{{{ value }}}} {text}")
    assert fault(f"{{% if value %}}{text}{{% endif %}}")


PARTS = st.sampled_from(["{{", "}}", "{%", "%}", "{#", "(", ")", "[", "{", "}", "'", '"', "*", "|"])
WORDS = st.sampled_from(
    ["value", "states", "range", "if", "for", "set", "x", "=", "float", "9", "1.5", ".", " ", "-"]
)


@given(st.lists(PARTS | WORDS, max_size=20).map("".join))
def test_nothing_makes_it_fail_or_lets_a_forbidden_name_through(text: str) -> None:
    if not fault(text) and "{{states" in text.replace(" ", ""):
        raise AssertionError(text)


TEXTS = ("value", "'x'", "[1]", "value_json.a", "true", "value.upper()", "value[0]")
WRAPPED = ("{}", "({})", "{} | string", "{} | default(9)", "(1 if value else {})", "({} ~ 1)")
COUNTS = ("300000000", "value | int", "(9 + 9)", "9 | int(300000000)", "brightness")


def test_no_text_is_a_factor() -> None:
    for wrapped, text, count in product(WRAPPED, TEXTS, COUNTS):
        factor = wrapped.format(text)
        assert fault(f"{{{{ {factor} * {count} }}}}"), factor
        assert fault(f"{{{{ {count} * {factor} }}}}"), factor
        assert fault(f"{{{{ 9 * 9 * {factor} }}}}"), factor
        assert not fault(f"{{{{ ({factor}) | float * {count} }}}}"), factor
