import pytest

from hems.settings.mqtt_users import MqttUser, is_topic_filter, mqtt_users, need_plain_port


def users(text: str) -> tuple[tuple[MqttUser, ...], list[str]]:
    problems: list[str] = []
    return mqtt_users(text, problems), problems


def test_no_message_shows_a_password() -> None:
    logins, problems = users("hunt2;a:hunt2\tx;b")
    assert logins == (MqttUser("a", ""),)  # which keeps its previous password
    assert len(problems) == 3
    assert "hunt2" not in " ".join(problems)


@pytest.mark.parametrize(
    ("text", "user"),
    [
        ("a:password::tls", MqttUser("a", "password", (), has_tls=True)),
        ("a:password:a/#,b/c:tls", MqttUser("a", "password", ("a/#", "b/c"), has_tls=True)),
        ("a:password:00:11/#:tls", MqttUser("a", "password", ("00:11/#",), has_tls=True)),
        ("a:password:tls", MqttUser("a", "password", ("tls",))),
        ("a:password:00:11/#", MqttUser("a", "password", ("00:11/#",))),
        ("a:password:", MqttUser("a", "password")),
        ("a:password::", MqttUser("a", "password", (":",))),
    ],
)
def test_a_device_with_tls_has_a_mark_behind_its_topics(text: str, user: MqttUser) -> None:
    assert users(text) == ((user,), [])
    assert need_plain_port((user,)) is not user.has_tls


def test_the_plain_port_is_for_the_devices_without_the_mark() -> None:
    assert not need_plain_port(())
    assert need_plain_port(users("a:password::tls;b:password")[0])
    assert not need_plain_port(users("a:password::tls;b:password:b:tls")[0])


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
        ("a:password:$SYS/#", "user 1: topic 1 is not a topic"),
        ("d2l_021861000123:password", "user 1: d2l_021861000123 is a name of the gateway itself"),
        ("gateway_x:password:x/#:tls", "user 1: gateway_x is a name of the gateway itself"),
        ("a:password;a:passw0rd", "a is listed more than once"),
    ],
)
def test_a_mistake_in_a_user_is_named(text: str, words: str) -> None:
    (problem,) = users(text)[1]
    assert problem.startswith(f"MQTT_USERS: {words}")


def test_all_mistakes_of_all_users_are_named() -> None:
    assert len(users("a b:password;c:;d:password:a#,b+")[1]) == 4


@pytest.mark.parametrize("text", ["#", "a", "a/#", "+/a/+", "a/+/#", "/a", "a b/c", "a" * 200])
def test_a_topic_filter(text: str) -> None:
    assert is_topic_filter(text)


@pytest.mark.parametrize("text", ["", "a#", "#/a", "a+/b", "a/b+", "a\nb", " a", "a" * 201])
def test_no_topic_filter(text: str) -> None:
    assert not is_topic_filter(text)
