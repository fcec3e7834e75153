from hems.desk.check import documents
from tests.fakes.tree import Tree

MQTT = "services/mqtt/README.md"


def test_a_wrong_address_is_found(tree: Tree) -> None:
    [line] = tree.found(documents.problems, MQTT, "Mosquitto", "Mosquitto (172.18.4.77)")
    assert line == f"{MQTT}: 172.18.4.77 is no service's address in docker-compose.yml"


def test_a_port_that_is_not_mentioned_is_found(tree: Tree) -> None:
    [line] = tree.found(documents.problems, "services/influxdb/README.md", "8086", "8087")
    assert line.startswith("services/influxdb/README.md: port 8086 is not mentioned")


def test_a_service_without_a_readme_is_found(tree: Tree) -> None:
    (tree.root / MQTT).unlink()
    assert any(line.startswith(f"{MQTT}: missing") for line in documents.problems(tree.root))


def test_a_subnet_and_the_internet_are_no_services_addresses(tree: Tree) -> None:
    assert (
        tree.found(documents.problems, MQTT, "Mosquitto", "172.18.4.0/24 1.1.1.1 1.2.3.400") == []
    )


def test_an_address_that_a_document_gives_a_new_service_is_right(tree: Tree) -> None:
    snippet = "Mosquitto at 172.18.4.77\n        ipv4_address: 172.18.4.77\n"
    assert tree.found(documents.problems, MQTT, "Mosquitto", snippet) == []
