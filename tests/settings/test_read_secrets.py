from pathlib import Path

import pytest

from hems.errors import ConfigError, Unavailable
from hems.settings.balena_access import Balena
from hems.settings.read_secrets import Secrets, parse_device, read
from hems.settings.shared_secret_rules import Secret
from hems.settings.validation_problems import SettingsProblem

KEY, IV = "12341234123412341234123412341234", "fc91837fa2bdba1f9fe985452fdb925e"
ONE, TWO = f"011601000001:{KEY}:{IV}", f"011601000002:{IV}:{KEY}"


def devices(text: str) -> tuple[Secrets, list[str]]:
    mistakes: list[SettingsProblem] = []
    return read({"D2L_DEVICES": text}, mistakes), [one.text for one in mistakes]


def test_several_devices_are_separated_by_semicolons() -> None:
    secrets, problems = devices(f" {ONE} ;{TWO};")
    assert problems == []
    assert [device.id for device in secrets.d2l_devices] == [11601000001, 11601000002]
    assert secrets.d2l_devices[0].key == bytes.fromhex(KEY)
    assert secrets.d2l_devices[0].iv == bytes.fromhex(IV)


def test_no_device_is_no_problem() -> None:
    assert devices("") == (Secrets(), [])


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        (f"011601000001:{KEY[:-1]}:{IV}", "the key has 31 hex digits, expected 32"),
        (f"011601000001:{KEY}:{IV}0", "the IV has 33 hex digits, expected 32"),
        (f"011601000001:{KEY[:-1]}x:{IV}", "the key has 1 character that is not a hex digit"),
        ("1", "found 1 field between colons, expected the three of id:key:iv"),
        (f"11601000001:{KEY}:{IV}", "the id has 11 characters, expected 12 digits"),
        (f"01160100000x:{KEY}:{IV}", "the id has 12 characters, expected 12 digits"),
        (f"011601000001:{KEY}", "found 2 fields between colons, expected the three of id:key:iv"),
    ],
)
def test_a_mistake_is_named_without_the_secret(entry: str, problem: str) -> None:
    secrets, problems = devices(f"{TWO};{entry}")
    assert problems == [f"D2L_DEVICES: device 2: {problem}"]
    assert len(secrets.d2l_devices) == 1
    with pytest.raises(ConfigError) as raised:
        parse_device(entry)
    assert KEY[:8] not in str(raised.value)


def test_a_device_listed_twice_is_a_problem() -> None:
    assert devices(f"{ONE};{ONE}")[1] == ["D2L_DEVICES: 011601000001 is listed more than once"]


def test_a_password_alone_is_the_workers_own_users() -> None:
    secrets = read({"MQTT_PASSWORD": "hunter2"}, [])
    assert secrets.mqtt_login() == ("hems", "hunter2")


def test_what_provision_made_counts_where_no_variable_is(tmp_path: Path) -> None:
    (tmp_path / "MQTT_USER").write_text("made")
    (tmp_path / "MQTT_PASSWORD").write_text("by provision")
    secrets = read({"MQTT_USER": "given"}, [], tmp_path)
    assert secrets.mqtt_login() == ("given", "by provision")
    assert secrets.variables == {Secret.MQTT_USER: "given"}


@pytest.mark.parametrize("content", [b"", b"\xff", b"two\nlines", b"x" * 5000])
def test_a_file_that_makes_no_sense_is_no_login(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "MQTT_PASSWORD").write_bytes(content)
    problems: list[SettingsProblem] = []
    with pytest.raises(Unavailable, match="no login at the broker yet"):
        read({}, problems, tmp_path).mqtt_login()
    assert problems == []


def test_a_device_may_not_take_the_workers_login() -> None:
    problems: list[SettingsProblem] = []
    secrets = read({"MQTT_USERS": "hems:password;plug:password"}, problems)
    what = "MQTT_USERS: hems is the workers' user name: choose another"
    assert [(one.part, one.text) for one in problems] == [("MQTT_USERS", what)]
    assert [user.name for user in secrets.mqtt_users] == ["plug"]


def test_secrets_show_nothing_when_printed() -> None:
    login = {"MQTT_USER": "u", "MQTT_PASSWORD": "hunter2", "MQTT_USERS": "plug:hunter22"}
    bridge = {"MQTT_BRIDGE": "mqtts://u:hunter2@h"}
    secrets = read({"D2L_DEVICES": ONE, **login, **bridge}, [])
    assert secrets.central_broker is not None
    text = f"{secrets} {secrets!r} {secrets.d2l_devices[0]}"
    assert "hunter2" not in text
    assert KEY[:8] not in text
    assert str(bytes.fromhex(KEY))[2:8] not in text
    assert "fc91" not in text


def test_only_what_is_given_is_given() -> None:
    problems: list[SettingsProblem] = []
    environ = {"CONFIG_USER": "", "INFLUX_TOKEN": "0123456789", "PATH": "/bin"}
    assert read(environ, problems).variables == {Secret.INFLUX_TOKEN: "0123456789"}
    assert problems == []


@pytest.mark.parametrize(
    ("variables", "part"),
    [
        ({"CONFIG_PASSWORD": "short"}, "CONFIG_PASSWORD"),
        ({"MQTT_USER": "#"}, "MQTT_USER"),
        ({"MQTT_USERS": "a"}, "MQTT_USERS"),
        ({"MQTT_BRIDGE": "garbage"}, "MQTT_BRIDGE"),
        ({"D2L_DEVICES": "garbage"}, "D2L_DEVICES"),
        ({"WIFI_PORTAL_PASSPHRASE": "abc"}, "WIFI_PORTAL_PASSPHRASE"),
    ],
)
def test_what_is_wrong_belongs_to_a_part_and_is_not_given(
    variables: dict[str, str], part: str
) -> None:
    problems: list[SettingsProblem] = []
    assert read(variables, problems) == Secrets()
    assert {one.part for one in problems} == {part}


BALENA = {
    "BALENA_SUPERVISOR_ADDRESS": "http://127.0.0.1:48484",
    "BALENA_SUPERVISOR_API_KEY": "not-to-be-seen",
    "BALENA_APP_ID": "7",
    "BALENA_APP_NAME": "home",
}


def balena(**changes: str) -> tuple[Balena | None, list[str]]:
    mistakes: list[SettingsProblem] = []
    return read(BALENA | changes, mistakes).balena, [one.text for one in mistakes]


def test_balena_is_known_by_four_variables() -> None:
    known, problems = balena()
    assert known == Balena("http://127.0.0.1:48484", "not-to-be-seen", 7, "home")
    assert problems == []
    assert "not-to-be-seen" not in repr(known)


@pytest.mark.parametrize("name", BALENA)
def test_without_one_of_them_there_is_no_balena(name: str) -> None:
    assert balena(**{name: ""}) == (None, [])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BALENA_SUPERVISOR_ADDRESS", "127.0.0.1:48484"),
        ("BALENA_SUPERVISOR_ADDRESS", "http://h:port"),
        ("BALENA_SUPERVISOR_API_KEY", "se\ncret"),
        ("BALENA_SUPERVISOR_API_KEY", "sécret"),
        ("BALENA_APP_ID", "seven"),
        ("BALENA_APP_ID", "7" * 5000),
        ("BALENA_APP_NAME", "h\udcffme"),
        ("BALENA_SUPERVISOR_ADDRESS", "http://a..b:48484"),
        ("BALENA_SUPERVISOR_ADDRESS", "http://[fe80::1%25eth0]:48484"),
        ("BALENA_SUPERVISOR_ADDRESS", "http://127.0.0.1:" + "4" * 5000),
    ],
)
def test_a_variable_of_balena_that_makes_no_sense_is_named(name: str, value: str) -> None:
    known, (problem,) = balena(**{name: value})
    assert known is None
    assert problem.startswith(name)
    assert "cret" not in problem


@pytest.mark.parametrize("text", ["", "8 letter", "~" * 63])
def test_a_passphrase_of_the_portal_is_what_wpa2_takes(text: str) -> None:
    problems: list[SettingsProblem] = []
    secrets = read({"WIFI_PORTAL_PASSPHRASE": text}, problems)
    assert (secrets.wifi_portal_passphrase, problems) == (text, [])


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("short", "5 characters"),
        ("x", "1 character"),
        ("x" * 64, "64 characters"),
        ("ünsecure", "a non-ASCII character"),
        ("one\nline", "a line break"),
    ],
)
def test_another_passphrase_is_refused_without_showing_it(text: str, size: str) -> None:
    problems: list[SettingsProblem] = []
    secrets = read({"WIFI_PORTAL_PASSPHRASE": text}, problems)
    name, expected = "WIFI_PORTAL_PASSPHRASE", "expected 8 to 63 printable ASCII characters"
    assert problems == [SettingsProblem(name, f"{name}: found {size}, {expected}")]
    assert secrets.wifi_portal_passphrase == ""
