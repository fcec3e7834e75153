import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.balena import Balena, WatchdogWorker
from tests.integration.mosquitto import Mosquitto, Observer
from tests.required import required


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    running = Mosquitto(tmp_path)
    running.start()
    yield running
    running.thaw()
    running.kill()


@pytest.fixture
def observer(broker: Mosquitto) -> Iterator[Observer]:
    with Observer(broker.port) as watching:
        yield watching


@pytest.fixture
def balena() -> Iterator[Balena]:
    with Balena() as balena:
        yield balena


@pytest.fixture
def watchdog(tmp_path: Path, balena: Balena) -> Iterator[WatchdogWorker]:
    with WatchdogWorker(tmp_path, balena) as worker:
        yield worker


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Yield tmp_path, which is a disk of 20 MB."""
    command = ["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", str(tmp_path)]
    outcome = subprocess.run(command, check=False, capture_output=True, text=True)
    required("" if outcome.returncode == 0 else f"only root mounts: {outcome.stderr.strip()}")
    yield tmp_path
    subprocess.run(["umount", str(tmp_path)], check=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Move what needs the real InfluxDB to the end: with CI=true it is being built until then."""
    items.sort(key=lambda item: item.path.name == "test_influxd.py")
