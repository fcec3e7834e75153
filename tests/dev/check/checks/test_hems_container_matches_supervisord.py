import pytest

from dev.check.checks import hems_container_matches_supervisord
from dev.check.compose_file import FILE
from tests.fakes.tree import Tree

CONF = "etc/supervisord.conf"


@pytest.mark.parametrize(
    ("file", "old", "new", "fault"),
    [
        (FILE, "stop_grace_period: ", "stop_grace_period: 10s #", "found 10s, expected more than"),
        (FILE, "stop_grace_period: ", "stop_grace_period: long #", "found 'long'"),
        (FILE, "\n  hems:\n    build: .", "\n  hems:\n    image: a:1.2.3", "no service hems that"),
        (CONF, "stopwaitsecs = 50", "stopwaitsecs = 900", "more than 900s, in which led may stop"),
        (
            CONF,
            "stopwaitsecs = 210",
            "stopwaitsecs = 280",
            "more than 320s, in which telemetry, then provision",
        ),
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
        (
            "Dockerfile",
            "--gid 7847 t",
            "--gid 7848 t",
            "telemetry: found 7848, expected provision's 7847",
        ),
        ("Dockerfile", "--gid 7846 hems", "--gid 7846 hem", "useradd d2l: no groupadd hems"),
        ("Dockerfile", "D2L_USER=d2l", "D2L_USER=meter", "Dockerfile: no useradd meter, the user"),
    ],
)
def test_a_missing_variable_user_or_stop_time_is_found(
    tree: Tree, file: str, old: str, new: str, fault: str
) -> None:
    lines = tree.found(hems_container_matches_supervisord.problems, file, old, new)
    assert any(fault in line for line in lines)
