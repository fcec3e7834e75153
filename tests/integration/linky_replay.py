"""Replay a case into the real worker and the real mosquitto."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from hems.protocols.linky.d2l_frames import PayloadType
from tests.integration.d2l import ID, D2lWorker, Dongle, sealed
from tests.integration.mosquitto import Mosquitto, Observer
from tests.linky_cases import LinkyCase, payload

CONFIG = f"homeassistant/device/d2l_{ID:012d}/config"
STATE = f"hems/d2l/{ID:012d}/state"
ANSWERED = {PayloadType.PUSH_JSON, PayloadType.GET_CLOCK, PayloadType.NO_INTERNET}
FIRST_S = 5.0  # the worker asks the broker first for what it retains
NEXT_S = 1.0  # a refused frame publishes nothing


class RealReplay:
    """A worker that is restarted where a case says so. Use as a context manager.

    `worker` is the running one, `observer` has everything that the broker was told.
    """

    def __init__(self, directory: Path, broker: Mosquitto, observer: Observer) -> None:
        self._directory = directory
        self._broker = broker
        self.observer = observer
        self._wait_s = FIRST_S
        self._begin = time.time()
        self.worker = D2lWorker(directory, broker.port)

    def __enter__(self) -> RealReplay:
        self.worker.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.worker.stop()

    @property
    def components(self) -> dict[str, Any]:
        """Return the components of the last discovery message."""
        announced: dict[str, Any] = self.observer.newest_json(CONFIG)["components"]
        return announced

    def run(self, case: LinkyCase) -> list[dict[str, Any]]:
        """Replay all steps; return the retained state after each that has a frame."""
        states = []
        for step in case.steps:
            if "restart" in step:
                self.restart()
            else:
                self.push(step)
                states.append(self.observer.newest_json(STATE))
        return states

    def restart(self) -> None:
        """Stop the worker and start it again; the broker keeps what it retains."""
        assert self.worker.stop() == 0
        self._wait_s = FIRST_S
        self.worker = D2lWorker(self._directory, self._broker.port)
        self.worker.__enter__()

    def push(self, step: dict[str, Any]) -> None:
        """Send one frame, and wait until the broker has its state, or it was refused."""
        kind = step.get("type", PayloadType.PUSH_JSON)
        content = payload(step, self._begin) if kind == PayloadType.PUSH_JSON else b""
        before = self.observer.count(STATE)
        with Dongle(self.worker.port) as dongle:
            dongle.send(sealed(kind, content))
            if kind in ANSWERED:
                assert dongle.answer() is not None, "an authentic frame is always answered"
        deadline = time.monotonic() + self._wait_s
        while self.observer.count(STATE) == before and time.monotonic() < deadline:
            time.sleep(0.01)
        self._wait_s = NEXT_S
