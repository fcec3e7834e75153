import pytest

from hems.settings.logins import MqttUser, Secret, checked, is_topic_filter, mqtt_users, problem


def users(text: str) -> tuple[tuple[MqttUser, ...], list[str]]:
    problems: list[str] = []
    return mqtt_users(text, problems), problems


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
    (found,) = problems
    assert found.startswith(f"{secret} ")
    assert words in found


def test_no_message_shows_a_password() -> None:
    problems: list[str] = []
    checked(Secret.CONFIG_PASSWORD, "hunt2", problems)
    checked(Secret.INFLUX_TOKEN, "hunt2 x", problems)
    users_, more = users("hunt2;a:hunt2\tx;b")
    assert users_ == (MqttUser("a", ""),)  # which keeps its previous password
    assert len(problems + more) == 5
    assert "hunt2" not in " ".join(problems + more)


def test_users_have_a_name_a_password_and_topics() -> None:
    assert users(" plug:s3cret99 ; car:pass word:car/#, grid/+/power;") == (
        (MqttUser("plug", "s3cret99"), MqttUser("car", "pass word", ("car/#", "grid/+/power"))),
        [],
    )


def test_no_user_is_no_problem() -> None:
    assert users("") == ((), [])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a:password;b", "user 2: found no colon, expected name:password or name:password:topic"),
        ("a:password;b:", "user 2: the password has 0 characters, expected at least 8"),
        ("a:passwor", "user 1: the password has 7 characters, expected at least 8"),
        (
            "a/b:password",
            "user 1: expected a name of letters, digits and . _ @ -, in name:password",
        ),
        ("homeassistant:password", "user 1: homeassistant is the user name of Home Assistant"),
        ("a:password:ok/#,#/no", "user 1: topic 2 is not a topic: expected one such as plug/#"),
        ("a:password;a:passw0rd", "a is listed more than once"),
    ],
)
def test_a_mistake_in_a_user_is_named(text: str, words: str) -> None:
    (found,) = users(text)[1]
    assert found.startswith(f"MQTT_USERS: {words}")


def test_all_mistakes_of_all_users_are_named() -> None:
    assert len(users("a b:password;c:;d:password:a#,b+")[1]) == 4


@pytest.mark.parametrize("text", ["#", "a", "a/#", "+/a/+", "a/+/#", "/a", "a b/c", "a" * 200])
def test_a_topic_filter(text: str) -> None:
    assert is_topic_filter(text)


@pytest.mark.parametrize("text", ["", "a#", "#/a", "a+/b", "a/b+", "a\nb", " a", "a" * 201])
def test_no_topic_filter(text: str) -> None:
    assert not is_topic_filter(text)
