import pytest

from hems.settings.mqtt_bridge import CentralBroker, MqttBridgeSettings, central_broker

SECRET = "hunter2"


def parsed(text: str) -> tuple[CentralBroker | None, list[str]]:
    problems: list[str] = []
    return central_broker(text, problems), problems


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mqtts://u:p@h.example:8884", CentralBroker("h.example", 8884, True, "u", "p")),
        ("mqtts://u:p@h.example/", CentralBroker("h.example", 8883, True, "u", "p")),
        ("mqtt://u:p@192.0.2.1", CentralBroker("192.0.2.1", 1883, False, "u", "p")),
        ("mqtt://a%40b:%23%2F%25%20%C3%A9@h", CentralBroker("h", 1883, False, "a@b", "#/% é")),
        ("mqtt://a b:c:@d é@h", CentralBroker("h", 1883, False, "a b", "c:@d é")),
    ],
)
def test_a_url_is_a_broker_and_a_login(text: str, expected: CentralBroker) -> None:
    assert parsed(text) == (expected, [])


def test_no_url_is_no_problem() -> None:
    assert parsed("") == (None, [])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"https://u:{SECRET}@h", "found neither mqtts:// nor mqtt:// at the start"),
        (f"mqtts://u:{SECRET}@h:port", "the port is not a number"),
        (f"mqtts://u:{SECRET}@h:65536", "the port is not a number"),
        (f"mqtts://u:{SECRET}@h:0", "or port 0"),
        (f"mqtts://u:{SECRET}%FF@h", "or %XX is not UTF-8"),
        (f"mqtts://u:1#{SECRET}@h", "found more after the host"),
        (f"mqtts://u:1?{SECRET}@h", "found more after the host"),
        (f"mqtts://u:{SECRET}@h/home-1", "found more after the host"),
        (f"mqtts://u:{SECRET}@", "found no host name or IPv4 address"),
        (f"mqtts://u:{SECRET}@[::1]", "found no host name or IPv4 address"),
        (f"mqtts://u:{SECRET}@a b", "found no host name or IPv4 address"),
        ("mqtts://u@h", "found no user or no password"),
        (f"mqtts://:{SECRET}@h", "found no user or no password"),
        (f"mqtts://u:{SECRET}%0Aallow_anonymous true@h", "found a line break"),
        (f"mqtts://u:{SECRET}\n@h", "found a line break"),
        (f"mqtts://u:{SECRET}%20@h", "a space at an end of the URL, the user or the password"),
        (f"mqtts://u:{SECRET * 2000}@h", "characters, expected at most 8192"),
    ],
)
def test_a_mistake_is_named_without_any_part_of_the_url(text: str, words: str) -> None:
    broker, (problem,) = parsed(text)
    assert broker is None
    assert problem.startswith("MQTT_BRIDGE: ")
    assert words in problem
    assert SECRET not in problem


def test_all_mistakes_are_named_at_once() -> None:
    assert len(parsed("http://u:%0A@:0/x")[1]) == 3


def test_topics_and_prefix_may_be_chosen() -> None:
    chosen = MqttBridgeSettings(topics=("hems/#", "plug/+/state"), prefix="sites/home-1")
    assert list(chosen.problems()) == []


@pytest.mark.parametrize("topics", [(), ("a b/#",), ("#/a",), ("a\nlistener 1",)])
def test_topics_that_the_brokers_file_cannot_hold_are_refused(topics: tuple[str, ...]) -> None:
    (problem,) = MqttBridgeSettings(topics=topics).problems()
    assert problem.name == "topics"


@pytest.mark.parametrize("prefix", ["/a", "a/", "a//b", "a b", "a/#", "+", "a\0"])
def test_a_prefix_is_the_beginning_of_a_topic(prefix: str) -> None:
    (problem,) = MqttBridgeSettings(prefix=prefix).problems()
    assert problem.name == "prefix"
    assert problem.text.startswith(f"found {prefix!r}, expected such as home-1")


def test_the_longest_url_is_allowed() -> None:
    url = "mqtts://u:{}@h"
    problems: list[str] = []
    assert central_broker(url.format("x" * (8192 - len(url) + 2)), problems)
    assert central_broker(url.format("x" * (8193 - len(url) + 2)), problems) is None
    assert problems == ["MQTT_BRIDGE: found 8193 characters, expected at most 8192"]
