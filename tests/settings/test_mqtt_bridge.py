import pytest

from hems.settings.mqtt_bridge import CentralBroker, MqttBridge, central_broker

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
        (f"https://u:{SECRET}@h", "found neither mqtts:// nor mqtt:// at the beginning"),
        (f"mqtts://u:{SECRET}@h:port", "the port is no number"),
        (f"mqtts://u:{SECRET}@h:65536", "the port is no number"),
        (f"mqtts://u:{SECRET}@h:0", "or port 0"),
        (f"mqtts://u:{SECRET}%FF@h", "or %XX is no UTF-8"),
        (f"mqtts://u:1#{SECRET}@h", "found more behind the host"),
        (f"mqtts://u:1?{SECRET}@h", "found more behind the host"),
        (f"mqtts://u:{SECRET}@h/home-1", "found more behind the host"),
        (f"mqtts://u:{SECRET}@", "found no host's name or IPv4 address"),
        (f"mqtts://u:{SECRET}@[::1]", "found no host's name or IPv4 address"),
        (f"mqtts://u:{SECRET}@a b", "found no host's name or IPv4 address"),
        ("mqtts://u@h", "found no user or no password"),
        (f"mqtts://:{SECRET}@h", "found no user or no password"),
        (f"mqtts://u:{SECRET}%0Aallow_anonymous true@h", "found a control character"),
        (f"mqtts://u:{SECRET}\n@h", "found a control character"),
        (f"mqtts://u:{SECRET}%20@h", "a space at an end of user or password"),
        (f"mqtts://u:{SECRET * 2000}@h", "characters, expected at most 8192"),
    ],
)
def test_what_is_wrong_is_said_without_any_part_of_the_url(text: str, words: str) -> None:
    broker, (problem,) = parsed(text)
    assert broker is None
    assert problem.startswith("MQTT_BRIDGE: ")
    assert words in problem
    assert SECRET not in problem


def test_everything_that_is_wrong_is_said_at_once() -> None:
    assert len(parsed("http://u:%0A@:0/x")[1]) == 3


def test_topics_and_prefix_may_be_chosen() -> None:
    chosen = MqttBridge(topics=("hems/#", "plug/+/state"), prefix="sites/home-1")
    assert list(chosen.problems()) == []


@pytest.mark.parametrize("topics", [(), ("a b/#",), ("#/a",), ("a\nlistener 1",)])
def test_topics_that_the_brokers_file_cannot_hold_are_refused(topics: tuple[str, ...]) -> None:
    (problem,) = MqttBridge(topics=topics).problems()
    assert problem.startswith("topics: ")


@pytest.mark.parametrize("prefix", ["/a", "a/", "a//b", "a b", "a/#", "+", "a\0"])
def test_a_prefix_is_the_beginning_of_a_topic(prefix: str) -> None:
    (problem,) = MqttBridge(prefix=prefix).problems()
    assert problem.startswith(f"prefix: {prefix!r}, expected such as home-1")
