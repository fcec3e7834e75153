import pytest

from dev.check.checks import nginx_ports_match_compose
from dev.check.compose_file import FILE
from tests.fakes.tree import Tree

NGINX = "services/nginx-reverse-proxy/nginx"
D2L = f"{NGINX}/stream.d/d2l.conf"


@pytest.mark.parametrize(
    ("file", "old", "new", "fault"),
    [
        (D2L, "listen 7845", "listen 7847", "no server listens on 7845, which"),
        (D2L, "listen 7845", "listen 7847", "nginx-reverse-proxy: ports: 7847 is missing"),
        (
            FILE,
            '      - "0.0.0.0:443:443"\n',
            "",
            "nginx-reverse-proxy: ports: 443 is missing, nginx",
        ),
    ],
)
def test_a_port_that_only_one_of_them_has_is_found(
    tree: Tree, file: str, old: str, new: str, fault: str
) -> None:
    assert any(
        fault in line for line in tree.found(nginx_ports_match_compose.problems, file, old, new)
    )
