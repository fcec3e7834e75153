import pytest

from hems.desk.check import asked
from tests.fakes.tree import Tree

HEMS, WIFI, MQTT = "Dockerfile", "services/wifi-connect/Dockerfile", "services/mqtt/Dockerfile"
NGINX, CONF = "services/nginx-reverse-proxy/Dockerfile", "services/mqtt/mosquitto.conf"


@pytest.mark.parametrize(
    ("file", "old", "new", "fault"),
    [
        (HEMS, "supervision/heartbeat.py", "supervision/beat.py", "no COPY brings this program"),
        (HEMS, "COPY hems /opt", "COPY hems /usr", "supervision/heartbeat.py: no COPY brings"),
        (HEMS, '"/run/hems/heartbeat"', '"/run/heartbeat"', "expected /run/hems/heartbeat, which"),
        (
            HEMS,
            "HEMS_RUN_DIR=/run/hems",
            "HEMS_RUN_DIR=/run",
            "expected /run/heartbeat, which hems",
        ),
        (WIFI, '"/run/hems/heartbeat"', '"/run/beat"', f"{WIFI}: HEALTHCHECK: found /run/beat"),
        (
            "etc/supervisord.conf",
            "heartbeat = %(ENV_HEMS_RUN_DIR)s/heartbeat",
            "heartbeat = /tmp/heartbeat",
            "found /run/hems/heartbeat, expected /tmp/heartbeat",
        ),
        (
            "services/hass-configurator/Dockerfile",
            "login.py health.py",
            "login.py",
            "/health.py: no",
        ),
        (NGINX, "127.0.0.1/healthz", "127.0.0.1:81/healthz", "port 81 is none that nginx-reverse"),
        (MQTT, '"1884"', '"1885"', "has no anonymous listener 1885"),
        (
            CONF,
            "listener 1884 127.0.0.1",
            "listener 1884",
            "found every address, expected 127.0.0.1",
        ),
        (CONF, "allow_anonymous true", "allow_anonymous false", "has no anonymous listener 1884"),
    ],
)
def test_a_check_that_asks_what_is_not_there_is_found(
    tree: Tree, file: str, old: str, new: str, fault: str
) -> None:
    [line] = tree.found(asked.problems, file, old, new)
    assert fault in line


def test_what_stands_there_is_right(tree: Tree) -> None:
    assert list(asked.problems(tree.root)) == []
