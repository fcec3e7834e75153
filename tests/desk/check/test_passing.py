import pytest

from hems.desk.check import passing
from tests.fakes.tree import Tree

NGINX = "services/nginx-reverse-proxy/nginx"
HOME, INFLUX, EDITOR = (
    f"{NGINX}/locations/{name}.conf" for name in ("home-assistant", "influx", "configurator")
)
SERVER = f"{NGINX}/http.d/server.conf"
D2L, ASKED = f"{NGINX}/stream.d/d2l.conf", f"{NGINX}/snippets/password.conf"
INCLUDE = "include snippets/password.conf;"


@pytest.mark.parametrize(
    ("file", "old", "new", "fault"),
    [
        (HOME, "172.18.4.2:8", "172.18.4.3:8", "172.18.4.3:8123, expected 172.18.4.2:8123 or"),
        (HOME, "172.18.4.2:8123", "172.18.4.3:8086", f"{HOME}: location /: proxy_pass to"),
        (HOME, "location /", "location /home", "found no location /"),
        (INFLUX, "172.18.4.3:8086/;", "172.18.4.2:8123/;", "location /influx/: proxy_pass to"),
        (INFLUX, "172.18.4.3:8086;", "172.18.4.2:8123;", "expected 172.18.4.3:8086"),
        (INFLUX, INCLUDE, "", "location /influx/: expected include"),
        (EDITOR, "172.18.4.6:3218", "172.18.4.3:8086", "expected 172.18.4.6:3218"),
        (EDITOR, INCLUDE, "", "location /configurator/: expected include snippets/password.conf"),
        (ASKED, "auth_basic SmartCORE", "auth_basic off", "found no auth_basic: it asks nobody"),
        (ASKED, "auth_basic_user_file", "#", "found no auth_basic_user_file"),
        (D2L, "eesmart-d2l:7846", "eesmart-d2l:7845", f"{D2L}: proxy_pass to eesmart-d2l:7845"),
        (SERVER, "listen 443 ssl", "listen 443", "server.conf: found no listen 443 ssl;"),
        (SERVER, "= /healthz", "= /health", "server.conf: found no location = /healthz {"),
        (SERVER, "include locations", "# include locations", "found no include locations/"),
        (D2L, "proxy_protocol on;", "", f"{D2L}: expected proxy_protocol on;"),
    ],
)
def test_a_page_that_leads_elsewhere_or_is_open_is_found(
    tree: Tree, file: str, old: str, new: str, fault: str
) -> None:
    [line] = tree.found(passing.problems, file, old, new)
    assert fault in line


def test_a_page_of_a_new_service_may_lead_to_any(tree: Tree) -> None:
    added = "location /new/ {\n    proxy_pass http://172.18.4.7:1883/;\n}\nlocation /"
    assert tree.found(passing.problems, HOME, "location /", added) == []


def test_what_stands_there_is_right(tree: Tree) -> None:
    assert list(passing.problems(tree.root)) == []
