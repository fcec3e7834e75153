import pytest

from hems.desk.check import container
from hems.desk.check.compose import FILE
from tests.fakes.tree import Tree

CONF = "etc/supervisord.conf"


@pytest.mark.parametrize(
    ("file", "old", "new", "fault"),
    [
        (FILE, "stop_grace_period: ", "stop_grace_period: 10s #", "found 10s, expected more than"),
        (FILE, "stop_grace_period: ", "stop_grace_period: long #", "found 'long'"),
        (FILE, "\n  hems:\n    build: .", "\n  hems:\n    image: a:1.2.3", "no service hems that"),
        (CONF, "stopwaitsecs = 50", "stopwaitsecs = 900", "hems: stop_grace_period: found"),
        (CONF, "%(ENV_D2L_USER)s", "%(ENV_METER_USER)s", "Dockerfile: no ENV METER_USER, which"),
        (CONF, "user = %(ENV_D2L_USER)s", "user = nobody", "Dockerfile: no useradd nobody"),
        ("Dockerfile", "HEMS_RUN_DIR=", "HEMS_RUNDIR=", "Dockerfile: no ENV HEMS_RUN_DIR"),
        (
            "Dockerfile",
            "DIR=/run/hems",
            "DIR=/run/h",
            "found /run/h, docker-compose.yml has no such",
        ),
        (FILE, "      - /run/hems\n", "", "ENV HEMS_RUN_DIR: found /run/hems, docker-compose.yml"),
        ("Dockerfile", "--gid 7846 hems", "--gid 7847 hems", "groupadd hems: found 7847, expected"),
        ("Dockerfile", "--gid 7846 hems", "--gid 7846 hem", "useradd d2l: no groupadd hems"),
        ("Dockerfile", "D2L_USER=d2l", "D2L_USER=meter", "Dockerfile: no useradd meter, the user"),
    ],
)
def test_what_supervisord_would_miss_is_found(
    tree: Tree, file: str, old: str, new: str, fault: str
) -> None:
    [line] = tree.found(container.problems, file, old, new)
    assert fault in line
