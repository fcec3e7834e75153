import pytest

from dev.check.checks import home_assistant_matches_compose
from tests.fakes.tree import Tree


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (
            "- 172.18.4.4",
            "- 172.18.4.5",
            "trusted_proxies: found ['172.18.4.5'], expected ['172.18",
        ),
        ("- 172.18.4.4", "- 172.18.4.4\n    - 0.0.0.0/0", "trusted_proxies: found"),
        ("use_x_forwarded_for: true", "", "use_x_forwarded_for: found None, expected True"),
        ("host: 172.18.4.3", "host: influxdb", "influxdb: host: found 'influxdb', expected '172"),
        ("port: 8086", "port: 8087", "influxdb: port: found 8087, expected 8086"),
        ("organization: hems", "organization: home", "organization: found 'home', expected 'hems'"),
        ("bucket: home_assistant", "bucket: hass", "bucket: found 'hass'"),
        ("influxdb:\n", "influxdb: [\n", "configuration.yaml is not YAML"),
    ],
)
def test_a_value_that_differs_is_found(tree: Tree, old: str, new: str, fault: str) -> None:
    [line] = tree.found(
        home_assistant_matches_compose.problems, home_assistant_matches_compose.FILE, old, new
    )
    assert fault in line
