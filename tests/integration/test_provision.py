"""What the real provision worker makes, as the services that read it see it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hems.settings.shared_secret_rules import Secret
from tests.integration.balena import KEY, Balena
from tests.integration.provision import ProvisionWorker, provisioned
from tests.integration.worker_process import eventually
from tests.required import required

pytestmark = pytest.mark.integration

WITHIN_S = 20.0
RESTART = "restart-service"
OWNERS = {
    "gateway/secrets/CONFIG_PASSWORD": (0, 0, 0o600),
    "gateway/secrets/MQTT_PASSWORD": (0, 7846, 0o640),
    "gateway/tls/server.key": (0, 101, 0o640),
    "gateway/tls/server.crt": (0, 0, 0o644),
    "gateway/nginx/htpasswd": (0, 101, 0o640),
    "gateway/nginx/doors.conf": (0, 0, 0o644),
    "gateway/nginx/names/localhost": (0, 0, 0o644),
    "gateway/mosquitto/passwd": (1883, 1883, 0o600),
    "gateway/mosquitto/acl": (1883, 1883, 0o600),
    "data/pki/ca.key": (0, 0, 0o600),
}


@pytest.fixture
def balena() -> Iterator[Balena]:
    with Balena() as balena:
        yield balena


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> ProvisionWorker:
    return provisioned(tmp_path_factory.mktemp("made"))


def tls(made: ProvisionWorker) -> Path:
    return made.gateway / "tls"


def shake_hands(made: ProvisionWorker, name: str) -> str:
    """Return the TLS version that a client agrees on, who trusts the CA and asks for `name`."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(tls(made) / "server.crt", tls(made) / "server.key")
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(10)

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.settimeout(10)
            try:
                with server.wrap_socket(connection, server_side=True) as secured:
                    secured.recv(1)
            except OSError:
                return  # the client was not satisfied

    thread = threading.Thread(target=serve)
    thread.start()
    client = ssl.create_default_context(cafile=tls(made) / "ca.crt")
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    try:
        with (
            socket.create_connection(listener.getsockname(), timeout=10) as connection,
            client.wrap_socket(connection, server_hostname=name) as secured,
        ):
            return secured.version() or ""
    finally:
        thread.join(15)
        listener.close()


@pytest.mark.parametrize("name", ["hems.test", "127.0.0.1", "localhost"])
def test_a_client_that_trusts_the_authority_trusts_the_server(
    made: ProvisionWorker, name: str
) -> None:
    assert shake_hands(made, name) == "TLSv1.3"


def test_the_server_is_trusted_under_its_names_only(made: ProvisionWorker) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        shake_hands(made, "bank.example")


def test_openssl_finds_the_chain_fit_for_a_server(made: ProvisionWorker) -> None:
    required("" if shutil.which("openssl") else "openssl is not installed: apt install openssl")
    checks = ["-x509_strict", "-purpose", "sslserver", "-verify_hostname", "hems.test"]
    outcome = subprocess.run(
        ["openssl", "verify", *checks, "-CAfile", tls(made) / "ca.crt", tls(made) / "server.crt"],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert outcome.returncode == 0, outcome.stderr
    assert outcome.stdout.endswith("server.crt: OK\n")


def test_each_file_belongs_to_who_reads_it(made: ProvisionWorker) -> None:
    required("" if os.geteuid() == 0 else "only root gives files away")
    for name, expected in OWNERS.items():
        status = (made.data.parent / name).stat()
        assert (status.st_uid, status.st_gid, status.st_mode & 0o7777) == expected, name


def test_a_worker_of_the_group_reads_its_login_and_nothing_else(made: ProvisionWorker) -> None:
    required("" if os.geteuid() == 0 else "only root becomes somebody else")
    for directory in made.gateway.parents:
        if directory.stat().st_mode & 0o005 != 0o005:
            directory.chmod(0o755)  # pytest's own
    for secret in Secret:
        outcome = subprocess.run(
            ["cat", made.gateway / "secrets" / secret],
            user=65534,
            group=7846,
            extra_groups=[],
            capture_output=True,
            timeout=10,
            check=False,
        )
        assert (outcome.returncode == 0) == secret.startswith(("MQTT_USER", "MQTT_PASSWORD")), (
            secret
        )


def test_the_supervisor_is_asked_once_for_each_service(tmp_path: Path, balena: Balena) -> None:
    with ProvisionWorker(tmp_path, balena) as worker:
        eventually(lambda: len(balena.calls(RESTART)) == 2, WITHIN_S, "both are restarted")
        time.sleep(1)
        assert worker.stop() == 0
    with ProvisionWorker(tmp_path, balena):
        time.sleep(1.5)
    with ProvisionWorker(tmp_path, balena, MQTT_PASSWORD="another") as worker:
        eventually(lambda: len(balena.calls(RESTART)) == 3, WITHIN_S, "the broker is restarted")
        time.sleep(0.5)
    restarts = balena.calls(RESTART)
    assert [call.rpartition(" ")[2] for call in restarts] == ["mqtt", "homeassistant", "mqtt"]


@pytest.mark.parametrize(
    ("fault", "cure", "words"),
    [
        ({"is_locked": True}, {"is_locked": False}, "423, locked"),
        ({"is_unavailable": True}, {"is_unavailable": False}, "503"),
        ({"is_garbage": True}, {"is_garbage": False}, "found JSON that is cut off"),
    ],
)
def test_a_supervisor_that_will_not_is_asked_again(
    tmp_path: Path,
    balena: Balena,
    fault: dict[str, object],
    cure: dict[str, object],
    words: str,
) -> None:
    balena.order(**fault)
    with ProvisionWorker(tmp_path, balena) as worker:
        eventually(lambda: words in worker.log(), WITHIN_S, "the reason is logged")
        time.sleep(1)
        assert worker.log().count("restart of mqtt: ") == 1
        balena.order(**cure)
        works = "restart of homeassistant: works again"
        eventually(lambda: works in worker.log(), WITHIN_S, "it is done")


def test_no_secret_is_in_a_log_or_on_a_command_line(tmp_path: Path, balena: Balena) -> None:
    given = "a-password-that-is-given"
    with ProvisionWorker(tmp_path, balena, CONFIG_PASSWORD=given) as worker:
        worker.wait_until_done()
        command = Path(f"/proc/{worker.process.pid}/cmdline").read_text()
        texts = worker.log() + (tmp_path / "log" / "provision.log").read_text() + command
        passwords = [worker.secret(one) for one in Secret if not one.endswith("USER")]
    assert given in passwords
    assert not any(secret in texts for secret in [*passwords, KEY])


def test_killed_at_any_time_it_makes_everything_in_the_end(tmp_path: Path) -> None:
    for number in range(12):
        directory = tmp_path / str(number)
        directory.mkdir()
        with ProvisionWorker(directory) as worker:
            eventually(worker.gateway.exists, WITHIN_S, "it has begun")
            time.sleep(number * 0.012)
            worker.process.send_signal(signal.SIGKILL)
            worker.process.wait()
        (directory / "data" / "provision.json").unlink(missing_ok=True)
        made = provisioned(directory)
        assert shake_hands(made, "hems.test") == "TLSv1.3"


def test_values_that_no_service_takes_leave_the_previous_ones_in_force(tmp_path: Path) -> None:
    made = provisioned(tmp_path, CONFIG_PASSWORD="of the owner")
    before = {secret: made.secret(secret) for secret in Secret}
    (tmp_path / "data" / "provision.json").unlink()
    variables = {
        "CONFIG_PASSWORD": "short",
        "MQTT_USERS": "a b:long enough;plug:long enough",
        "INFLUX_TOKEN": "white space",
    }
    made = provisioned(tmp_path, **variables)
    assert {secret: made.secret(secret) for secret in Secret} == before
    assert "plug:" in (made.gateway / "mosquitto" / "device-passwd").read_text()
    assert "CONFIG_PASSWORD has 5 characters, expected at least 8; the previous" in made.log()
    assert made.log().count("WARNING provision: ignored: ") == len(variables)
    assert "white space" not in made.log()
