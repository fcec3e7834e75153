import pytest

from dev.check.checks import home_assistant_matches_compose as check
from tests.fakes.tree import Tree


@pytest.mark.parametrize(
    ("name", "old", "new", "fault"),
    [
        (check.HTTP, "172.18.4.4/32", "172.18.4.5/32", "trusted_proxies: found ['172.18.4.5/32']"),
        (check.HTTP, '"172.18.4.4/32"', '"172.18.4.4/32", "0.0.0.0/0"', "trusted_proxies: found"),
        (check.HTTP, '"use_x_forwarded_for": true', '"x": 1', "use_x_forwarded_for: found None"),
        (check.HTTP, "8123", "443", "server_port: found 443, expected 8123"),
        (check.HTTP, '"pending": null', '"pending": {}', "expected no pending trial"),
        (check.HTTP, '"stable"', '"unstable"', "is not a store"),
        (check.HTTP, '"data": {', '"data": {{', "is not a store"),
        (check.ENTRY, '"172.18.4.3"', '"influxdb"', "expected '172.18.4.3'"),
        (check.ENTRY, ":8086", ":8087", "expected ':8086'"),
        (check.ENTRY, '"hems"', '"home"', "expected 'hems'"),
        (check.ENTRY, '"home_assistant"', '"hass"', "expected 'home_assistant'"),
        (check.FILE, "influxdb:  #", "influxdb: [  #", "configuration.yaml is not YAML"),
        (check.FILE, "  precision: ms", "  host: nas\n  port: 1", "influxdb: found host, port"),
        (check.FILE, "sun:", "sun:\nhttp:", "found http:, expected it in"),
    ],
)
def test_a_value_that_differs_is_found(
    tree: Tree, name: str, old: str, new: str, fault: str
) -> None:
    [line] = tree.found(check.problems, name, old, new)
    assert fault in line
