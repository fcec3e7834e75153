from dataclasses import replace

from dev.launcher.desk_introduction import dongle_instructions, introduction, taken_ports, wrapped
from tests.dev.launcher.test_desk_plan import KEYS, PLAN

OWN = ["127.0.0.1", "192.168.1.20", "10.0.0.3"]
USUAL = replace(PLAN, mqtt_port=1883, d2l_port=7846, supervisor_port=48484)
LAN = replace(USUAL, listen="192.168.1.20")
ID = 21_861_234_567


def test_where_everything_is_has_no_secret() -> None:
    text = "\n".join(introduction(PLAN))
    secrets = [PLAN.mqtt_password, PLAN.supervisor_key, *(part for pair in KEYS for part in pair)]
    assert not any(secret in text for secret in secrets)


def test_a_taken_port_comes_with_its_holder_and_what_is_used_instead() -> None:
    lines = taken_ports(replace(USUAL, mqtt_port=20_001), lambda port: f"mosquitto (pid {port})")
    assert lines == [
        "MQTT port 1883 is in use by mosquitto (pid 1883): this desk uses 20001 instead"
    ]


def test_a_long_line_breaks_at_spaces_below_its_first_word() -> None:
    text = wrapped(f"MQTT      127.0.0.1:1883, user hems, password in /{'x' * 40}/a-b")
    assert text.splitlines() == [
        "MQTT      127.0.0.1:1883, user hems, password in",
        f"          /{'x' * 40}/a-b",
    ]


def test_usual_ports_are_not_worth_a_line() -> None:
    assert taken_ports(USUAL, lambda _: "nobody") == []


def test_a_person_learns_the_server_of_the_dongle() -> None:
    assert dongle_instructions(LAN, OWN, [ID]) == [
        "dongle    set its server to 192.168.1.20, port 7846",
        "          accepts your dongle 021861234567",
    ]


def test_a_person_without_d2l_devices_learns_how_to_set_it() -> None:
    line = dongle_instructions(LAN, OWN, [])[1]
    assert "D2L_DEVICES is not set" in line
    assert "D2L_DEVICES=ID:KEY:IV" in line


def test_on_every_address_each_that_a_dongle_can_reach_is_named() -> None:
    lines = dongle_instructions(replace(LAN, listen="0.0.0.0"), OWN, [ID])
    assert lines[0] == "dongle    set its server to 192.168.1.20 or 10.0.0.3, port 7846"


def test_by_default_no_dongle_can_reach_the_desk() -> None:
    assert dongle_instructions(replace(USUAL, listen="127.0.0.1"), OWN, [ID]) == []


def test_another_loopback_address_is_for_a_dongle_on_this_machine() -> None:
    lines = dongle_instructions(replace(USUAL, listen="127.0.0.2"), OWN, [ID])
    assert lines[0] == "dongle    set its server to 127.0.0.2, port 7846"


def test_a_machine_without_a_network_has_no_server_for_a_dongle() -> None:
    lines = dongle_instructions(replace(LAN, listen="0.0.0.0"), ["127.0.0.1"], [ID])
    assert lines == [
        "dongle    no dongle can reach this machine: it has only the address 127.0.0.1"
    ]
