"""balena's Supervisor for the rig: the desk's, but a restart is one of the real container."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from dev.simulator.balena_device import SimulatedDevice
from dev.simulator.balena_server import SimulatedSupervisor
from tests.image.fleet import Fleet
from tests.integration.balena import APP_ID, APP_NAME, KEY
from tests.integration.namespaces import Namespace

PORT = 48484
VARIABLES = {
    "BALENA_SUPERVISOR_ADDRESS": f"http://127.0.0.1:{PORT}",
    "BALENA_SUPERVISOR_API_KEY": KEY,
    "BALENA_APP_ID": str(APP_ID),
    "BALENA_APP_NAME": APP_NAME,
}


class Containers(SimulatedDevice):
    """A device whose containers are those of `fleet`."""

    def __init__(self, fleet: Fleet) -> None:
        super().__init__(APP_ID, APP_NAME)
        self.restarted: list[str] = []
        self._fleet = fleet

    def restart(self, name: str) -> bool:
        self._fleet.containers[name].restart()
        self.restarted.append(name)
        return super().restart(name)


@contextmanager
def serving(fleet: Fleet, space: Namespace) -> Iterator[Containers]:
    """Yield the device while its Supervisor answers in the network of `space`."""
    device = Containers(fleet)
    server: SimulatedSupervisor = space.call(lambda: SimulatedSupervisor(PORT, KEY, device))
    server.start()
    try:
        yield device
    finally:
        server.close()
