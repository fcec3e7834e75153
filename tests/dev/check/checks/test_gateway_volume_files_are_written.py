import pytest

from dev.check.checks import gateway_volume_files_are_written
from tests.fakes.tree import Tree

NGINX = "services/nginx-reverse-proxy/nginx"
TLS = f"{NGINX}/snippets/tls.conf"


@pytest.mark.parametrize(
    ("file", "old", "new", "fault"),
    [
        (
            TLS,
            "default /gateway/tls;",
            "default /gateway/tsl;",
            "/gateway/tsl: provision does not write it",
        ),
        (TLS, "$tls_files/server.crt", "$tls_files/cert.pem", "/gateway/tls/cert.pem: provision"),
        (f"{NGINX}/http.d/server.conf", "root /gateway/tls", "root /gateway/ca", "/gateway/ca: "),
        (
            f"{NGINX}/snippets/password.conf",
            "/htpasswd",
            "/passwd",
            "expected one of /gateway/nginx/d",
        ),
        (
            "services/mqtt/mosquitto.conf",
            "dir /gateway",
            "dir /gateway/mqtt",
            "/gateway/mqtt: prov",
        ),
        (
            "services/homeassistant/start.py",
            "/gateway/secrets",
            "/gateway/tokens",
            "/gateway/tokens",
        ),
        (f"{NGINX}/http.d/refused_logins.conf", "/refused-logins", "/refused", "/gateway/refused"),
        ("services/mqtt/README.md", "/gateway/bridge.conf", "/gateway/br.conf", "/gateway/br.conf"),
    ],
)
def test_a_file_that_provision_does_not_write_is_found(
    tree: Tree, file: str, old: str, new: str, fault: str
) -> None:
    assert any(
        fault in line
        for line in tree.found(gateway_volume_files_are_written.problems, file, old, new)
    )
