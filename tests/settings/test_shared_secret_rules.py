import pytest

from hems.settings.shared_secret_rules import Secret, checked, problem


@pytest.mark.parametrize(
    ("secret", "value"),
    [
        (Secret.CONFIG_USER, "installer@example.org"),
        (Secret.CONFIG_PASSWORD, "pässwörd: #1 $"),
        (Secret.CONFIG_PASSWORD, "x" * 72),
        (Secret.CONFIG_PASSWORD, "eight888"),
        (Secret.INFLUX_TOKEN, "x" * 256),
        (Secret.CONFIG_USER, "x" * 64),
        (Secret.INFLUX_TOKEN, "abc-_DEF=="),
        (Secret.MQTT_USER, "Hems.1"),
        (Secret.MQTT_PASSWORD, "x"),
    ],
)
def test_a_value_that_every_file_can_hold_is_fine(secret: Secret, value: str) -> None:
    assert problem(secret, value) == ""


@pytest.mark.parametrize(
    ("secret", "value", "words"),
    [
        (Secret.CONFIG_PASSWORD, "x", "has 1 character, expected at least 8"),
        (Secret.CONFIG_PASSWORD, "seven77", "has 7 characters, expected at least 8"),
        (Secret.CONFIG_PASSWORD, "x" * 73, "has 73 bytes, expected at most 72"),
        (Secret.INFLUX_TOKEN, "x" * 257, "is not a token of 8 to 256"),
        (Secret.CONFIG_USER, "x" * 65, "is not a user name"),
        (Secret.CONFIG_PASSWORD, "é" * 37, "has 74 bytes, expected at most 72"),
        (Secret.CONFIG_PASSWORD, "eight88\n", "has a line break: remove it"),
        (Secret.MQTT_PASSWORD, "a\0b", "has a control character: remove it"),
        (Secret.MQTT_HOMEASSISTANT_PASSWORD, " ab", "has a space at an end: remove it"),
        (Secret.CONFIG_USER, "Admin", "up to 64 lower-case letters, digits"),
        (Secret.CONFIG_USER, "a:b", "is not a user name: expected up to 64 lower-case letters"),
        (Secret.MQTT_USER, "a\nb", "has a line break: remove it"),
        (Secret.MQTT_USER, "#", "is not a user name: expected up to 64 letters"),
        (Secret.MQTT_USER, "homeassistant", "is homeassistant, the user name of Home Assistant"),
        (Secret.INFLUX_TOKEN, "with space", "is not a token of 8 to 256 ASCII characters"),
        (Secret.INFLUX_TOKEN, "short", "is not a token of 8 to 256 ASCII characters"),
    ],
)
def test_a_value_that_would_break_a_service_is_a_mistake(
    secret: Secret, value: str, words: str
) -> None:
    problems: list[str] = []
    assert checked(secret, value, problems) == ""
    (problem,) = problems
    assert problem.startswith(f"{secret} ")
    assert words in problem


def test_no_message_shows_a_password() -> None:
    problems: list[str] = []
    checked(Secret.CONFIG_PASSWORD, "hunt2", problems)
    checked(Secret.INFLUX_TOKEN, "hunt2 x", problems)
    assert len(problems) == 2
    assert "hunt2" not in " ".join(problems)
