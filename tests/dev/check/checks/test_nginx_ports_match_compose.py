import pytest

from dev.check.checks import nginx_ports_match_compose
from dev.check.compose_file import FILE
from tests.fakes.tree import Tree

NGINX = "services/nginx-reverse-proxy/nginx"
D2L, PAGES = f"{NGINX}/stream.d/d2l.conf", f"{NGINX}/stream.d/pages.conf"
HOME, MAIN = f"{NGINX}/doors/8123.conf", f"{NGINX}/nginx.conf"


@pytest.mark.parametrize(
    ("file", "old", "new", "fault"),
    [
        (D2L, "listen 7845", "listen 7847", "no server listens on 7845, which"),
        (D2L, "listen 7845", "listen 7847", "d2l.conf: it listens on 7847, which"),
        (D2L, "limit_conn address", "# address", "7845: limit_conn: found {'kept': 2, 'all"),
        (HOME, "door 100", "door 1000", "'address': 48, 'door': 1000}"),
        (HOME, "kept_plain", "kept_mqtt", "8123: limit_conn: found {'kept_mqtt': 2"),
        (HOME, "listen 8123", "listen 8124", "no server listens on 8123, which"),
        (
            PAGES,
            "kept 2;",
            "kept 9;",
            "443: limit_conn: found {'kept': 9, 'all",
        ),
        (
            PAGES,
            "max_conns=512",
            "max_conns=9",
            "'all kept': 9, 'address': 58, 'door': 240}",
        ),
        (PAGES, "address 58", "address 60", "443: limit_conn: found"),
        (PAGES, "server 127.0.0.1:11443", "server 127.0.0.1:9", "443: limit_conn: found"),
        (MAIN, "connections 14336", "connections 2048", "found 2048, all doors need 13488"),
        (FILE, '      - "0.0.0.0:443:443"\n', "", "nginx-reverse-proxy: ports: 443:443"),
        (FILE, '"0.0.0.0:443:443"', '"0.0.0.0:443:80"', "nginx-reverse-proxy: ports: 443:80"),
    ],
)
def test_a_port_that_only_one_of_them_has_is_found(
    tree: Tree, file: str, old: str, new: str, fault: str
) -> None:
    assert any(
        fault in line for line in tree.found(nginx_ports_match_compose.problems, file, old, new)
    )
