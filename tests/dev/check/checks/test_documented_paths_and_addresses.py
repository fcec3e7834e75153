import pytest

from dev.check.checks import documented_paths_and_addresses
from tests.fakes.tree import Tree

README, MQTT = "README.md", "services/mqtt/README.md"
PROXY = "services/nginx-reverse-proxy/README.md"


@pytest.mark.parametrize(
    ("file", "old", "new", "fault"),
    [
        (README, "(ARCHITECTURE.md)", "(ARCHITEKTUR.md)", "the link ARCHITEKTUR.md leads nowhere"),
        ("docs/extending.md", "(../CONVENTIONS.md)", "(CONVENTIONS.md)", "the link CONVENTIONS.md"),
        (README, "python3 bin/up", "python3 bin/start", "README.md: there is no bin/start"),
        (MQTT, "etc/hems.toml", "etc/mqtt.toml", f"{MQTT}: there is no etc/mqtt.toml"),
        (README, "services/NAME/README.md", "services/broker", "there is no services/broker"),
        (
            README,
            "port 7845",
            "port 7854",
            "README.md: no service listens on port 7854, expected one",
        ),
        (MQTT, "**Port** 1883", "**Port** 9883", f"{MQTT}: no service listens on port 9883"),
        (
            PROXY,
            "443, 7845",
            "444, 7845",
            "on port 444, expected",
        ),
    ],
)
def test_a_reference_that_leads_nowhere_is_found(
    tree: Tree, file: str, old: str, new: str, fault: str
) -> None:
    assert any(
        fault in line
        for line in tree.found(documented_paths_and_addresses.problems, file, old, new)
    )


@pytest.mark.parametrize(
    "text", ["https://bin/x", "/etc/passwd", ".venv/bin/x", "[a](#b)", "ports"]
)
def test_files_outside_the_repository_are_ignored(tree: Tree, text: str) -> None:
    assert tree.found(documented_paths_and_addresses.problems, MQTT, "Mosquitto", f"{text} ") == []


def test_a_wrong_address_is_found(tree: Tree) -> None:
    [line] = tree.found(
        documented_paths_and_addresses.problems, MQTT, "Mosquitto", "Mosquitto (172.18.4.77)"
    )
    assert line == f"{MQTT}: 172.18.4.77 is no service's address in docker-compose.yml"


def test_subnets_and_addresses_elsewhere_are_ignored(tree: Tree) -> None:
    assert (
        tree.found(
            documented_paths_and_addresses.problems,
            MQTT,
            "Mosquitto",
            "172.18.4.0/24 1.1.1.1 1.2.3.400",
        )
        == []
    )


def test_the_address_of_a_new_service_in_a_document_is_accepted(tree: Tree) -> None:
    snippet = "Mosquitto at 172.18.4.77\n        ipv4_address: 172.18.4.77\n"
    assert tree.found(documented_paths_and_addresses.problems, MQTT, "Mosquitto", snippet) == []


def test_a_file_that_the_reader_makes_need_not_exist(tree: Tree) -> None:
    text = "New file `services/fridge/Dockerfile`: Mosquitto"
    assert tree.found(documented_paths_and_addresses.problems, MQTT, "Mosquitto", text) == []
