import pytest

from hems.desk.check import proxy
from hems.desk.check.compose import FILE
from tests.fakes.tree import Tree

NGINX = "services/nginx-reverse-proxy/nginx"
D2L = f"{NGINX}/stream.d/d2l.conf"


@pytest.mark.parametrize(
    ("file", "old", "new", "fault"),
    [
        (D2L, "listen 7845", "listen 7847", "nothing listens on 7845, which"),
        (D2L, "listen 7845", "listen 7847", "nginx-reverse-proxy: ports: 7847 is missing"),
        (
            FILE,
            '      - "0.0.0.0:443:443"\n',
            "",
            "nginx-reverse-proxy: ports: 443 is missing, nginx",
        ),
    ],
)
def test_a_port_that_is_not_there_is_found(
    tree: Tree, file: str, old: str, new: str, fault: str
) -> None:
    assert any(fault in line for line in tree.found(proxy.problems, file, old, new))


def test_what_stands_there_is_right(tree: Tree) -> None:
    assert list(proxy.problems(tree.root)) == []
