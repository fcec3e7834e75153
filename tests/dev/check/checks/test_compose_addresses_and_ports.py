import pytest

from dev.check.checks import compose_addresses_and_ports
from dev.check.compose_file import FILE
from tests.fakes.tree import Tree

MQTT = "172.18.4.7"


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (MQTT, "172.18.5.7", "mqtt: networks: hems: ipv4_address: found 172.18.5.7, expected a"),
        (MQTT, "172.18.4.255", "found 172.18.4.255, expected a host address in 172.18.4.0/24"),
        (MQTT, "172.18.4.1", "172.18.4.1 is the gateway of the network, which"),
        (MQTT, "172.18.4", "found 172.18.4, expected a fixed one"),
        (MQTT, "172.18.4.3", "address 172.18.4.3: found 2 times, expected once"),
        (":1883:1883", ":443:1883", "host port 443: found 2 times, expected once"),
        ("0.0.0.0:1883:1883", "1883", "nginx-reverse-proxy: ports: found '1883', expected"),
        ("0.0.0.0:1883:", "1883:", "ports: found '1883:1883', expected"),  # IPv6, too
        ("0.0.0.0:1883:", "[::]:1883:", "ports: found '[::]:1883:1883', expected"),
        (
            "mem_limit: 96m\n",
            'mem_limit: 96m\n    ports: ["0.0.0.0:1:1"]\n',
            "ports: only nginx-reverse-proxy has ports",
        ),
        ("network_mode: host", "network_mode: bridge", "hems: network_mode: found 'bridge'"),
        ("network_mode: host\n", "init: true\n", "hems: networks: found none"),
        (
            "network_mode: host\n",
            'network_mode: host\n    ports: ["0.0.0.0:1:1"]\n',
            "hems: ports: has no effect with network_mode host",
        ),
        (
            "network_mode: host\n",
            "network_mode: host\n    networks: {hems: }\n",
            "hems: networks: has no effect with network_mode host",
        ),
        ("      hems:\n", "      home:\n", "networks: home: not declared, expected one of hems"),
    ],
)
def test_an_address_or_port_that_cannot_work_is_found(
    tree: Tree, old: str, new: str, fault: str
) -> None:
    [line] = tree.found(compose_addresses_and_ports.problems, FILE, old, new)
    assert fault in line
