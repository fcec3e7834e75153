import pytest

from dev.check.checks import nginx_routes
from tests.fakes.tree import Tree

NGINX = "services/nginx-reverse-proxy/nginx"
HOME, INFLUX, EDITOR = (
    f"{NGINX}/locations/{name}.conf" for name in ("home-assistant", "influx", "configurator")
)
SERVER, DOORS = f"{NGINX}/http.d/server.conf", f"{NGINX}/http.d/doors.conf"
PLAIN_MQTT = f"{NGINX}/doors/1883.conf"
D2L, ASKED = f"{NGINX}/stream.d/d2l.conf", f"{NGINX}/snippets/password.conf"
INCLUDE = "include snippets/password.conf;"


@pytest.mark.parametrize(
    ("file", "old", "new", "fault"),
    [
        (HOME, "172.18.4.2:8", "172.18.4.3:8", "172.18.4.3:8123, expected 172.18.4.2:6053 or"),
        (HOME, "172.18.4.2:8123", "172.18.4.3:8086", f"{HOME}: location /: proxy_pass to"),
        (HOME, "location /", "location /home", "found no location /"),
        (INFLUX, "172.18.4.3:8086/;", "172.18.4.2:8123/;", "location /influx/: proxy_pass to"),
        (INFLUX, "172.18.4.3:8086;", "172.18.4.2:8123;", "expected 172.18.4.3:8086"),
        (INFLUX, INCLUDE, "", "location /influx/: expected include"),
        (EDITOR, "172.18.4.6:3218", "172.18.4.3:8086", "expected 172.18.4.6:3218"),
        (EDITOR, INCLUDE, "", "location /configurator/: expected include snippets/password.conf"),
        (
            ASKED,
            "auth_basic SmartCORE",
            "auth_basic off",
            "found no auth_basic: it asks for no password",
        ),
        (ASKED, "auth_basic_user_file", "#", "found no auth_basic_user_file"),
        (D2L, "eesmart-d2l:7846", "eesmart-d2l:7845", f"{D2L}: proxy_pass to eesmart-d2l:7845"),
        (SERVER, "10443 ssl", "10443", "server.conf: found no listen 127.0.0.1:10443 ssl proxy_pr"),
        (SERVER, "include snippets/visitors", "#", "server.conf: found no include snippets/vis"),
        (DOORS, "include snippets/visitors.conf;", "", f"{DOORS}: expected include snippets/vis"),
        (DOORS, "172.18.4.6:3218", "172.18.4.2:8123", "doors/3218.conf: 3218: proxy_pass to 172"),
        (PLAIN_MQTT, "172.18.4.7:1884", "172.18.4.7:9", "doors/1883.conf: 1883: proxy_pass to 172"),
        (SERVER, "= /healthz", "= /health", "server.conf: found no location = /healthz {"),
        (SERVER, "include locations", "# include locations", "found no include locations/"),
        (D2L, "proxy_protocol on;", "", f"{D2L}: expected proxy_protocol on;"),
    ],
)
def test_a_page_that_leads_elsewhere_or_needs_no_password_is_found(
    tree: Tree, file: str, old: str, new: str, fault: str
) -> None:
    [line] = tree.found(nginx_routes.problems, file, old, new)
    assert fault in line


def test_a_page_without_an_owner_may_lead_to_any_service(tree: Tree) -> None:
    added = "location /new/ {\n    proxy_pass http://172.18.4.7:1883/;\n}\nlocation /"
    assert tree.found(nginx_routes.problems, HOME, "location /", added) == []


def test_a_port_that_is_only_exposed_is_an_upstream(tree: Tree) -> None:
    dockerfile = tree.root / "services/mqtt/Dockerfile"
    dockerfile.write_text(f"{dockerfile.read_text()}\nEXPOSE 8080/tcp 8081\n")
    added = "location /new/ {\n    proxy_pass http://172.18.4.7:8081/;\n}\nlocation /"
    assert tree.found(nginx_routes.problems, HOME, "location /", added) == []


def test_a_port_that_is_neither_exposed_nor_published_is_found(tree: Tree) -> None:
    added = "location /new/ {\n    proxy_pass http://172.18.4.7:8080/;\n}\nlocation /"
    [line] = tree.found(nginx_routes.problems, HOME, "location /", added)
    assert "location /new/: proxy_pass to 172.18.4.7:8080, expected" in line
