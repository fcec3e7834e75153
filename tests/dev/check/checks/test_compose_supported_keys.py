import pytest

from dev.check.checks import compose_supported_keys
from dev.check.compose_file import FILE
from tests.fakes.tree import Tree

SERVICE = "    restart: always\n"


@pytest.mark.parametrize(
    "key",
    [
        "profiles: [a]",
        "env_file: a.env",
        "container_name: a",
        "links: [mqtt]",
        "logging: {driver: none}",
        "deploy: {}",
        "secrets: [a]",
        "configs: [a]",
        "platform: linux/arm64",
        "runtime: nvidia",
        "scale: 2",
        "tty: true",
    ],
)
def test_a_key_that_does_not_reach_the_device_is_found(tree: Tree, key: str) -> None:
    [fault] = tree.found(compose_supported_keys.problems, FILE, SERVICE, f"{SERVICE}    {key}\n")
    name = key.partition(":")[0]
    assert fault == f"{FILE}: hems: {name}: balena refuses or ignores this key, remove it"


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('version: "2.1"', 'version: "3.8"', "version: found '3.8'; expected"),
        ('version: "2.1"', "version: 2.4", "found 2.4 without quotes, a number; expected"),
        ("services:\n", "secrets: {}\nservices:\n", "the top level: secrets"),
        ("build: .\n", "build: {context: ., network: host}\n", "hems: build: network"),
        ("mem_limit: 256m", "mem_limit: ${MEMORY}", "found ${MEMORY}, expected a value"),
    ],
)
def test_a_value_that_balena_refuses_is_found(tree: Tree, old: str, new: str, fault: str) -> None:
    [line] = tree.found(compose_supported_keys.problems, FILE, old, new)
    assert fault in line
