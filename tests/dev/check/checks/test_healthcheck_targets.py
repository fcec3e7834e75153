import pytest

from dev.check.checks import healthcheck_targets
from tests.fakes.tree import Tree

HEMS, WIFI, MQTT = "Dockerfile", "services/wifi-connect/Dockerfile", "services/mqtt/Dockerfile"
NGINX = "services/nginx-reverse-proxy/Dockerfile"


@pytest.mark.parametrize(
    ("file", "old", "new", "fault"),
    [
        (
            HEMS,
            "supervision/health/container_healthcheck.py",
            "supervision/health/beat.py",
            "no COPY puts this program",
        ),
        (
            HEMS,
            "COPY hems /opt",
            "COPY hems /usr",
            "supervision/health/container_healthcheck.py: no COPY puts",
        ),
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
            "services/hass-configurator/*.py",
            "services/hass-configurator/editor.py",
            "/healthcheck.py: no COPY",
        ),
        (NGINX, "127.0.0.1/healthz", "127.0.0.1:81/healthz", "does not EXPOSE or publish port 81"),
        (
            MQTT,
            "services/mqtt/*.py",
            "services/mqtt/broker_log.py",
            "/opt/broker/broker_health.py: no COPY",
        ),
    ],
)
def test_a_health_check_without_its_program_port_or_file_is_found(
    tree: Tree, file: str, old: str, new: str, fault: str
) -> None:
    [line] = tree.found(healthcheck_targets.problems, file, old, new)
    assert fault in line
