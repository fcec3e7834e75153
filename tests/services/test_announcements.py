"""What a device may announce to Home Assistant."""

from __future__ import annotations

import json
from typing import Any

import pytest
from announcement_ledger import IDS
from announcements import (
    DEEPEST,
    LONGEST,
    MAX_VALUES,
    WORK_A_SECOND,
    WORK_BURST_S,
    Announcements,
)
from device_rights import HOMES, NODE, Rights, covers, overlap

from hems.protocols.gateway import home_entities
from hems.protocols.gateway.home_entities import HomeParts

ACL = """user plug
topic deny homeassistant/+/gateway_0a1b/#
topic readwrite plug/#
topic write homeassistant/+/plug/#
topic read homeassistant/status

user plug_2
topic readwrite plug_2/#
topic write homeassistant/+/plug_2/#
topic read homeassistant/status

user zigbee
topic deny homeassistant/+/plug/#
topic deny zigbee/secret
topic readwrite zigbee/#
topic readwrite homeassistant/+/+/#
topic write homeassistant/+/zigbee/#
topic read homeassistant/status
"""
TOPIC = "homeassistant/sensor/plug/power/config"
DEVICE = {"ids": ["plug"], "cns": [["mac", "AA:BB:CC:DD:EE:FF"]], "name": "Plug", "via_device": "x"}
OWN: list[dict[str, Any]] = [
    {},
    {"name": "Power", "uniq_id": "plug-power", "stat_t": "plug/power", "dev": DEVICE},
    {
        "~": "plug",
        "stat_t": "~/power",
        "avty": [{"t": "~/online"}, {"topic": "homeassistant/status"}],
    },
    {"unique_id": 17, "state_topic": "plug/power", "value_template": "{{ value_json.a }}"},
    {"stat_t": "homeassistant/sensor/plug/state", "unique_id": "plug"},
    {"dev": DEVICE, "o": {"name": "x"}, "cmps": {"a": {"p": "switch", "cmd_t": "plug/set"}}},
    {"device": {"ids": "plug", "cu": "http://192.0.2.7/"}, "json_attr_t": "plug/a"},
    {"migrate_discovery": True},
    {"def_ent_id": "sensor.washing_machine", "name": "Gateway", "dev": DEVICE},
    {"default_entity_id": "sensor.plug_power", "dev": {"ids": "plug", "name": "Gateway"}},
    {
        "name": "Gateway temperature",
        "dev": {"ids": "plug", "name": "Prise d\u2019été", "sa": "Œuvre"},
    },
    {"name": None, "dev": {"ids": "plug", "name": "D2000 gateways"}},
    {"uniq_id": "home_battery", "def_ent_id": "sensor.home_energy_meter"},
]
FOREIGN: list[tuple[str, dict[str, Any]]] = [
    ("car/set", {"cmd_t": "car/set"}),
    ("car/state", {"state_topic": "car/state"}),
    ("#", {"state_topic": "#"}),
    ("plug_2/x", {"~": "plug_2", "cmd_t": "~/x"}),
    ("x/plug_2", {"~": "plug_2", "cmd_t": "x/~"}),
    ("hems/x", {"cmps": {"a": {"p": "switch", "command_topic": "hems/x"}}}),
    ("hems/x", {"availability": {"topic": "hems/x"}}),
    ("hems/x", {"avty": [{"t": "plug/x"}, {"t": "hems/x"}]}),
    ("car/x", {"bri_cmd_t": "car/x"}),
    ("$SYS/x", {"stat_t": "$SYS/x"}),
    ("17", {"stat_t": 17}),
    ("wildcard", {"stat_t": "plug/+/power"}),
    ("wildcard", {"~": "plug/#", "stat_t": "plug/~"}),
    ("keep each tag", {"cmps": {"a": {"platform": "tag", "topic": "plug/tag"}}}),
    ("keep each tag", {"cmps": {"a": {"p": "tag", "topic": "plug/tag"}}}),
    ("url_topic", {"url_topic": "plug/url"}),
    ("'for'", {"val_tpl": "{% for i in range(9) %}{% endfor %}"}),
    ("states", {"anything": ["{{ states }}"]}),
    ("states", {"name": {"{{ states }}": 1}}),
    ("gateway_0a1b", {"uniq_id": "gateway_0a1b-problem"}),
    ("d2l_021861000123", {"dev": {"ids": ["plug", "d2l_021861000123"]}}),
    ("plug_2", {"unique_id": "plug_2"}),
    ("car-power", {"unique_id": "car-power"}),
    ("112233445566", {"dev": {"ids": "plug", "cns": [["mac", "11-22-33-44-55-66"]]}}),
    ("MAC", {"dev": {"cns": [["zigbee", "00:15:8d:00:01:02:03:04"]]}}),
    ("fraction", {"unique_id": 1.5}),
    ("script", {"rel_u": " JavaScript:alert(1)"}),
    ("script", {"rel_u": "java\tscr\nipt\r:alert(1)"}),
    ("script", {"dev": {"ids": "plug", "cu": "javascript:alert(1)"}}),
    ("space", {"cmps": {"plug 2": {"p": "sensor"}}}),
    # Which entity id Home Assistant makes of it
    ("gateway_problem", {"def_ent_id": "binary_sensor.gateway_problem"}),
    ("gateway_problem", {"default_entity_id": "x.__GATEWAY-Problem"}),
    ("gateway_problem", {"default_entity_id": "sensor.Gätew\u0430\u0301y problem"}),  # Cyrillic
    ("gateway_a_b", {"default_entity_id": "sensor.gateway.a.b"}),
    ("d2l_021861000123_papp", {"default_entity_id": "switch.d2l_021861000123_papp"}),
    ("zigbee_x", {"default_entity_id": "sensor.zigbee_x"}),
    ("zigbee_x", {"def_ent_id": "sensor.plug", "default_entity_id": "sensor.zigbee_x"}),
    ("gateway_x", {"def_ent_id": "", "name": "gateway x"}),
    ("gateway_problem", {"name": "Problem", "dev": {"ids": "plug", "name": "Gateway"}}),
    ("gateway_problem", {"name": None, "dev": {"ids": "p", "name": "Problem", "sa": "Gateway"}}),
    ("d2l_0218", {"name": "papp", "dev": {"ids": "p", "name": "021861", "suggested_area": "D2L"}}),
    ("gateway_x", {"dev": DEVICE, "cmps": {"a": {"p": "light", "def_ent_id": "light.gateway_x"}}}),
    ("gateway", {"dev": {"ids": "plug", "name": "Gateway"}, "cmps": {"a": {"p": "light"}}}),
    ("home_0123456789ab", {"uniq_id": "home_0123456789ab_power_now"}),
    ("home_0123456789ab", {"dev": {"ids": ["plug", "home_0123456789ab"]}}),
    ("begins like those of the home", {"def_ent_id": "sensor.home_power_now"}),
    ("begins like those of the home", {"name": "Cost today", "dev": {"ids": "p", "name": "Home"}}),
    ("reference", {"dev": {"ids": "plug", "name": "&#103;ateway"}}),
    ("too new", {"dev": {"ids": "plug", "name": "\U000e0fffateway"}}),
    ("more than one name", {"dev": {"ids": "p", "name": "a"}, "device": {"name": "b"}}),
]


@pytest.fixture
def known() -> Announcements:
    announcements = Announcements(Rights(ACL))
    device = {"ids": "car", "cns": [["mac", "11:22:33:44:55:66"]]}
    theirs = {"unique_id": "car-power", "dev": device}
    announcements.note("homeassistant/sensor/car/power/config", json.dumps(theirs).encode())
    return announcements


@pytest.mark.parametrize("payload", OWN)
def test_a_device_announces_itself(known: Announcements, payload: dict[str, Any]) -> None:
    for _ in range(2):  # again after each restart
        assert known.is_admitted("plug", TOPIC, json.dumps(payload).encode()), known.refused
        known.note(TOPIC, json.dumps(payload).encode())
    for nothing in (b"", b"[1]", b"text", b"\xff"):  # Home Assistant does not take these
        assert known.is_admitted("plug", TOPIC, nothing)


@pytest.mark.parametrize(("reason", "payload"), FOREIGN)
def test_a_device_announces_nothing_of_others(
    known: Announcements, reason: str, payload: dict[str, Any]
) -> None:
    assert not known.is_admitted("plug", TOPIC, json.dumps(payload).encode())
    assert reason in known.refused["plug"]
    assert known.is_admitted("plug", "plug/any/config", json.dumps(payload).encode())
    assert known.is_admitted("plug", TOPIC, b"{}")
    assert known.refused == {}


@pytest.mark.parametrize(
    "payload",
    [
        b'{"cmd_t": "car/x", "cmd_t": "plug/x"}',
        b'{"cmd_t": "plug/x", "cmd_t": "car/x"}',
        b'{"cmd_t": "\\u0063ar/x"}',
        b'  {"cmd_t": "car/x"',
        b'{"x": ' + b"[" * 100_000,
        b'{"cmd_t": "car/x", "y": ' + b"9" * 10_000 + b"}",
    ],
)
def test_no_spelling_of_json_hides_anything(known: Announcements, payload: bytes) -> None:
    assert not known.is_admitted("plug", TOPIC, payload)


def test_an_id_is_free_once_it_is_withdrawn(known: Announcements) -> None:
    mine = b'{"unique_id": "car-power"}'
    assert not known.is_admitted("plug", TOPIC, mine)
    known.note("homeassistant/sensor/car/power/config", b"")
    assert known.is_admitted("plug", TOPIC, mine)


def test_what_is_no_announcement_takes_no_id(known: Announcements) -> None:
    known.note("plug/x/config", b'{"unique_id": "new"}')
    assert known.is_admitted(
        "plug_2", "homeassistant/sensor/plug_2/config", b'{"unique_id": "new"}'
    )


def test_a_login_has_so_many_ids() -> None:
    of_one, of_all = IDS
    most = min(of_one, of_all // len(Rights(ACL).users))

    def many(number: int) -> bytes:
        ids = [f"{number}.{one}" for one in range(most // 6)]
        return json.dumps({"dev": {"ids": ids}}).encode()

    at = [0.0]
    known = Announcements(Rights(ACL), lambda: at[0])
    for _ in range(2):
        at[0] += 1e8
        for number in range(6):
            assert known.is_admitted("plug", f"{TOPIC[:-7]}{number}/config", many(number))
            known.note(f"{TOPIC[:-7]}{number}/config", many(number))
        assert not known.is_admitted("plug", TOPIC, many(6))
        assert known.is_admitted("plug_2", "homeassistant/sensor/plug_2/config", many(6))
        for number in range(6):
            known.note(f"{TOPIC[:-7]}{number}/config", b"")
        known.note("homeassistant/sensor/plug_2/config", b"")
        at[0] += 1e8
        assert known.is_admitted("plug", TOPIC, many(6)), known.refused
        known.note(TOPIC, b"")


def heard(topic: str, number: int, template: str = "") -> bytes:
    """Return the announcement of so many entities that hear one topic."""
    parts = {f"e{n}": {"p": "sensor", "uniq_id": f"plug-{n}"} for n in range(number)}
    template = template or "{{ value_json.a }}"
    return json.dumps({"stat_t": topic, "cmps": parts, "json_attr_tpl": template}).encode()


FULL = "plug/a: its entities would keep too much"


def test_entities_keep_so_much_of_what_they_hear(known: Announcements) -> None:
    """Also a message that was retained before anybody heard it."""
    for is_kept, number, size in ((True, 300, 512 << 10), (False, 8, 300_000)):
        known = Announcements(Rights(ACL))
        assert known.hears("plug", "plug/a", size, is_kept=is_kept)
        is_admitted = known.is_admitted("plug", TOPIC, heard("plug/a", number))
        assert is_admitted is not is_kept, known.refused
        if is_admitted:
            assert known.hears("plug", "plug/a", size, is_kept=False)
            assert not known.hears("plug", "plug/a", 2 * size, is_kept=False)
            assert known.refused["plug"].startswith(FULL)
            assert known.hears("plug", "plug/a", 100, is_kept=False)
            assert known.refused == {}


def test_a_template_that_copies_its_value_counts_as_so_many_entities(known: Announcements) -> None:
    copied = "{{ {'a': value, 'b': value, 'c': value, 'd': value} | tojson }}"
    for template, size in (("", 1 << 20), (copied, 1 << 15)):
        assert known.is_admitted("plug", TOPIC, heard("plug/a", 4, template))
        assert known.hears("plug", "plug/a", size, is_kept=False), template
        assert not known.hears("plug", "plug/a", 2 * size, is_kept=False), template
        assert known.hears("plug", "plug/a", 0, is_kept=False)


def test_what_a_login_may_not_write_counts_for_nobody(known: Announcements) -> None:
    assert known.is_admitted("plug", TOPIC, heard("plug/a", 8))
    for topic in ("plug/a", "homeassistant/status"):
        for _ in range(99):
            assert known.hears("plug_2", topic, 512 << 10, is_kept=True)
    assert known.hears("plug", "plug/a", 300_000, is_kept=True)


def test_whoever_is_not_logged_in_yet_is_neither_reported_nor_counted(
    known: Announcements,
) -> None:
    for topic in (TOPIC, "homeassistant/device/plug/config"):
        assert known.is_admitted("plug", topic, heard("plug/a", 300))
    for _ in range(99):
        assert not known.is_will_admitted("plug/a", 8_000)
        assert not known.is_will_admitted(TOPIC, 0)
        assert known.is_will_admitted("plug/a", 4)
    assert known.refused == {}
    assert known.hears("plug", "plug/a", 4_000, is_kept=False)


def test_a_message_that_many_entities_hear_takes_of_the_logins_time(known: Announcements) -> None:
    assert known.is_admitted("plug", TOPIC, heard("plug/a", 100))
    before = known.work("plug").left(0)
    assert known.hears("plug", "plug/b", 100, is_kept=False)
    assert known.work("plug").left(0) == before
    assert known.hears("plug", "plug/a", 100, is_kept=False)
    assert known.work("plug").left(0) == pytest.approx(before - 0.075, rel=0.1)


def test_an_announcement_changes_so_often_and_is_repeated_at_will() -> None:
    at = [0.0]
    known = Announcements(Rights(ACL), lambda: at[0])
    for _ in range(2):
        number = 0
        while known.is_admitted("plug", TOPIC, b'{"name": "%d"}' % number):
            number += 1
            at[0] += 40.0
        assert 100 <= number < 105, number
        assert "changes too often" in known.refused["plug"]
        assert known.is_admitted("plug", TOPIC, b'{"name": "%d"}' % (number - 1))
        assert not known.is_admitted("plug", TOPIC, b"")
        assert known.is_admitted("plug_2", "homeassistant/sensor/plug_2/config", b"{}")
        at[0] += 1e6


def test_what_is_no_json_withdraws_nothing() -> None:
    known = Announcements(Rights(ACL), lambda: 0.0)
    known.note("homeassistant/sensor/plug_2/config", b'{"unique_id": "x"}')
    for nothing in (b"x", b"[1]", b" ", b"\xff", b'{"unique_id": 1.5}'):
        known.note("homeassistant/sensor/plug_2/config", nothing)
        assert not known.is_admitted("plug", TOPIC, b'{"unique_id": "x"}'), nothing


def test_a_login_announces_so_much() -> None:
    """Also without ids and without retaining it: Home Assistant makes the entities."""
    for payload, most in ((b"{}", 2_666), (b'{"a": "%s"}' % (b"x" * 16_000), 130)):
        known = Announcements(Rights(ACL), lambda: 0.0)
        number = 0
        while known.is_admitted("plug", f"homeassistant/sensor/plug/{number}/config", payload):
            number += 1
        assert number == most
        assert "announcements" in known.refused["plug"]
    known = Announcements(Rights(ACL), lambda: 0.0)
    for number in range(8):
        topics = json.dumps({"t": [f"plug/{number}/{one}" for one in range(999)]}).encode()
        for half in range(2):
            topic = f"homeassistant/sensor/plug/{number}-{half}/config"
            assert known.is_admitted("plug", topic, topics) is (number < 4)
    assert "more than 8000 topics in announcements" in known.refused["plug"]


TWO_BASES = b'{"~": "plug", "dev": {"~": "plug/a"}}'


@pytest.mark.parametrize(
    ("reason", "payload"),
    [
        ("more than 16384 bytes", b'{"a": "' + b"x" * LONGEST + b'"}'),
        ("more than one ~", TWO_BASES),
        ("more than one ~", b'{"~": "plug", "~": "plug"}'),
        ("more than one ~", b'{"~": ["plug", "plug"]}'),
        ("too deeply", b'{"a": ' + b"[" * DEEPEST + b"]" * DEEPEST + b"}"),
        ("too deeply", b'{"a": ' * (DEEPEST + 1) + b"1" + b"}" * (DEEPEST + 1)),
        ("too deeply", b'{"a": ' + b"[" * 8_000 + b"]" * 8_000 + b"}"),
        ("more than 2000 values", b'{"a": [' + b"0," * MAX_VALUES + b"0]}"),
    ],
)
def test_an_announcement_is_quickly_read(known: Announcements, reason: str, payload: bytes) -> None:
    assert not known.is_admitted("plug", TOPIC, payload)
    assert reason in known.refused["plug"]


def test_the_largest_announcements_of_real_devices_pass(known: Announcements) -> None:
    part = {"p": "sensor", "name": "Power", "dev_cla": "power", "unit_of_meas": "W"}
    parts = {f"s{n}": part | {"uniq_id": f"plug-{n}", "stat_t": f"~/s{n}"} for n in range(100)}
    light = {"effect_list": [f"Effect {n}" for n in range(200)], "cmd_t": "~/set"}
    for payload in ({"~": "plug", "dev": DEVICE, "cmps": parts}, {"~": "plug", **light}):
        assert known.is_admitted("plug", TOPIC, json.dumps(payload).encode()), known.refused


def test_a_stranger_leaves_nothing_behind(known: Announcements) -> None:
    for number in range(3):
        assert not known.is_admitted(f"nobody {number}", TOPIC, b'{"cmd_t": "car/x"}')
    assert known.refused == {}


def test_a_login_has_so_much_work_done(known: Announcements) -> None:
    known.work("plug").take(WORK_BURST_S + WORK_A_SECOND)
    assert known.work("plug").left(0) < 0 < known.work("plug").left(2)
    assert known.work("car").left(0) == WORK_BURST_S


def test_a_bridge_announces_its_devices_with_ids_and_topics_of_its_own(
    known: Announcements,
) -> None:
    topic = "homeassistant/light/0x00158d0001dc126a/light/config"
    mine = {"unique_id": "0x00158d0001dc126a_light", "cmd_t": "zigbee/lamp/set"}
    assert known.is_admitted("zigbee", topic, json.dumps(mine).encode())
    named_after_another = {"default_entity_id": "light.plug_2", "dev": {"name": "Plug 2"}}
    assert known.is_admitted("zigbee", topic, json.dumps(mine | named_after_another).encode())
    for change in (
        {"cmd_t": "zigbee/secret"},
        {"cmd_t": "zigbee/+"},
        {"unique_id": "plug_2"},
        {"default_entity_id": "sensor.gateway_problem"},
        {"dev": {"ids": "x", "name": "Gateway"}},
    ):
        assert not known.is_admitted("zigbee", topic, json.dumps(mine | change).encode())


def test_no_entity_of_the_home_is_for_a_device() -> None:
    for parts in (HomeParts(), HomeParts(*[True] * 5)):
        for one in home_entities.entities(parts, "EUR"):
            assert HOMES.fullmatch(f"home_{one.key}"), one.key
    device = home_entities.device("any", "1")
    assert NODE.fullmatch(device.node)


def test_topics_are_compared_as_the_broker_does() -> None:
    for topics, others in (
        ("a/#", "a/b/#"),
        ("a/#", "a"),
        ("+/b", "a/b"),
        ("#", "+/+"),
        ("+", "+"),
    ):
        assert covers(topics, others)
        assert overlap(topics, others)
    for topics, others in (("a/+", "a/#"), ("a/b", "a/+"), ("+/b", "+/+")):
        assert not covers(topics, others)
        assert overlap(topics, others)
    for topics, others in (("a/#", "b/#"), ("a/+", "a/b/c"), ("a", "a/b"), ("+/b", "+/c")):
        assert not covers(topics, others)
        assert not overlap(topics, others)
