"""docs/extending.md, executed: its worker runs, its tests and bin/check pass."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests import extended_tree
from tests.integration.mosquitto import PASSWORD, USER, Mosquitto, Observer
from tests.integration.worker_process import WorkerProcess, eventually
from tests.server_thread import serving

pytestmark = pytest.mark.integration

CONFIG = "homeassistant/device/shelly_plug/config"
STATE, AVAILABILITY = "hems/shelly/plug/state", "hems/shelly/plug/availability"
WORKER = "hems/shelly/availability"
TESTS = (
    "tests/workers/test_shelly.py",
    "tests/settings",
    "tests/test_layers.py",
    "tests/test_worker_table.py",
)
CHECK = (
    "from pathlib import Path; from dev.check.run import run; raise SystemExit(run(root=Path()))"
)


class SimulatedPlug(BaseHTTPRequestHandler):
    """A plug's HTTP API. The values are of Shelly's documentation, and it has further keys."""

    def do_GET(self) -> None:
        is_status = self.path == "/rpc/Switch.GetStatus?id=0"
        status = {"id": 0, "output": True, "apower": 8.9, "aenergy": {"total": 6.532}}
        body = json.dumps(status).encode() if is_status else b"{}"
        self.send_response(200 if is_status else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("extended")
    extended_tree.make(root)
    return root


@pytest.fixture
def plug() -> Iterator[HTTPServer]:
    with HTTPServer(("127.0.0.1", 0), SimulatedPlug) as server, serving(server):
        yield server


@pytest.fixture
def worker(
    tree: Path, plug: HTTPServer, broker: Mosquitto, tmp_path: Path
) -> Iterator[WorkerProcess]:
    environ = {
        "PYTHONPATH": tree,
        "HEMS_CONFIG": tree / "etc/hems.toml",
        "HEMS_MQTT_HOST": "127.0.0.1",
        "HEMS_MQTT_PORT": broker.port,
        "HEMS_SHELLY_HOST": "127.0.0.1",
        "HEMS_SHELLY_PORT": plug.server_port,
        "HEMS_SHELLY_PERIOD_S": "0.2",
        "MQTT_USER": USER,
        "MQTT_PASSWORD": PASSWORD,
    }
    with WorkerProcess("shelly", tmp_path, environ) as running:
        yield running


def test_the_worker_publishes_the_plug_with_discovery(
    worker: WorkerProcess, observer: Observer
) -> None:
    eventually(lambda: observer.count(STATE) > 0, 15, "a state")
    assert json.loads(observer.newest(STATE) or "") == {"power": 8.9, "energy": 6.532}
    config = json.loads(observer.newest(CONFIG) or "")
    assert config["state_topic"] == STATE
    assert set(config["components"]) == {"power", "energy"}
    eventually(lambda: observer.newest(AVAILABILITY) == "online", 5, "the plug is online")
    assert observer.newest(WORKER) == "online"


def test_a_plug_that_leaves_becomes_unavailable_and_comes_back(
    worker: WorkerProcess, observer: Observer, plug: HTTPServer
) -> None:
    for _ in range(2):
        eventually(lambda: observer.newest(AVAILABILITY) == "online", 15, "online")
        plug.RequestHandlerClass = BaseHTTPRequestHandler  # answers 501
        eventually(lambda: observer.newest(AVAILABILITY) == "offline", 5, "offline")
        plug.RequestHandlerClass = SimulatedPlug
    assert "status 501" in worker.log()


def test_the_worker_stops_and_says_so(worker: WorkerProcess, observer: Observer) -> None:
    eventually(lambda: observer.newest(WORKER) == "online", 15, "online")
    assert worker.stop() == 0
    eventually(lambda: observer.newest(WORKER) == "offline", 5, "offline")


def test_the_documents_unit_tests_and_those_of_settings_and_workers_pass(tree: Path) -> None:
    unit_tests = ("-m", "pytest", "-q", "-p", "no:cacheprovider", *TESTS)
    outcome = extended_tree.run_python(tree, *unit_tests, variables={"PYTEST_ADDOPTS": ""})
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


def test_bin_check_passes(tree: Path) -> None:
    outcome = extended_tree.run_python(tree, "-c", CHECK, variables={"CI": ""})
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("services/grafana/Dockerfile", "services/grafana/Dockerfile: no such file"),
        ("services/grafana/README.md", "services/grafana/README.md: missing"),
        ("hems/workers/shelly/__init__.py", ""),
    ],
)
def test_without_a_file_of_the_document_bin_check_or_the_tests_fail(
    tree: Path, path: str, fault: str
) -> None:
    content = (tree / path).read_text()
    (tree / path).unlink()
    try:
        arguments = ("-c", CHECK) if fault else ("-m", "pytest", "-q", *TESTS[-1:])
        outcome = extended_tree.run_python(tree, *arguments, variables={"CI": ""})
    finally:
        (tree / path).write_text(content)
    assert outcome.returncode == 1
    assert fault in outcome.stdout
