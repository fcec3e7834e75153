"""Meters of a home in one form: each measures, falls silent and is replaced."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod

from hems.protocols.gateway.problem_kinds import DEVICE_SILENT, METER_SILENT
from tests.deploy.lan import CLIENT, PROXY
from tests.deploy.site import Site
from tests.e2e.zigbee_home import ENERGY, ZigbeeHome
from tests.integration.d2l import ID, Dongle, horodate
from tests.integration.worker_process import eventually
from tests.integration.zigbee import StickControl

STEP_WH = 15
JOIN_S, GONE_S = 60, 60
OTHER_NUMBER = "041876097768"  # ADSC of the Linky that replaces the first one
CONFIRM_S, PAUSE_S = 250, 25  # of a doubted value: six readings in four minutes


class MeasuredMeter(ABC):
    """A meter; `silent` is the name of the problem when it sends nothing."""

    silent: str

    @property
    @abstractmethod
    def energy(self) -> str:
        """Return the id of the entity that counts its energy."""

    @abstractmethod
    def measure(self) -> None:
        """Count STEP_WH more and send it, if it is not silent."""

    @abstractmethod
    def join(self) -> None:
        """Make the meter known to the home."""

    @abstractmethod
    def silence(self) -> None:
        """Send nothing from now on."""

    @abstractmethod
    def speak(self) -> None:
        """Send again."""

    @abstractmethod
    def replace(self) -> None:
        """Put another meter in its place, as an installer does."""


class LinkyMeter(MeasuredMeter):
    silent = METER_SILENT.name
    energy = f"sensor.d2l_{ID:012d}_energy_total"

    def __init__(self, site: Site) -> None:
        self._site = site
        self._counted = 7_000_000
        self._clock = time.time() - 3000
        self._changes: dict[str, str] = {}

    def measure(self) -> None:
        self._counted, self._clock = self._counted + STEP_WH, self._clock + 60
        own = {"EAST": f"{self._counted:09d}", "DATE": horodate(self._clock), **self._changes}
        house = self._site.lan.house
        with house.call(lambda: Dongle(7845, host=PROXY, source=CLIENT)) as dongle:
            dongle.send(dongle.push(**own))
            assert dongle.answer() is not None

    def join(self) -> None:
        self.measure()

    def silence(self) -> None:
        """Do nothing: a Linky here sends only what a test measures."""

    speak = silence

    def replace(self) -> None:
        """Change the meter behind the dongle; its register is lower, and is confirmed."""
        self._counted, self._changes = 1_000, {"ADSC": OTHER_NUMBER}
        deadline = time.monotonic() + CONFIRM_S
        while time.monotonic() < deadline:
            self.measure()
            time.sleep(PAUSE_S)


class ZigbeeMeter(MeasuredMeter):
    silent = DEVICE_SILENT.name

    def __init__(self, home: ZigbeeHome, stick: StickControl) -> None:
        self._home = home
        self._stick = stick
        self._number = 0
        self._counted = 0

    @property
    def _name(self) -> str:
        return f"meter{self._number}"

    @property
    def _address(self) -> str:
        return f"00:12:4b:00:00:00:01:{self._number:02x}"

    @property
    def energy(self) -> str:
        registry = self._home.owner.command("config/entity_registry/list")
        unique_id = f"{self._address}-{ENERGY}"
        return next((one["entity_id"] for one in registry if one["unique_id"] == unique_id), "")

    def measure(self) -> None:
        self._counted += STEP_WH
        self._stick.order("report", device=self._name, values={"energy": self._counted})

    def join(self) -> None:
        self._number, self._counted = self._number + 1, 123_000
        self._call("permit", duration=60)
        self._stick.order("add", device=self._name, eui64=self._address.replace(":", ""))
        self._stick.order("measure", device=self._name, values={"energy": self._counted})
        assert self._stick.order("join", device=self._name)
        eventually(lambda: bool(self.energy), JOIN_S, "the meter has entities")

    def silence(self) -> None:
        self._stick.order("silence", device=self._name)

    def speak(self) -> None:
        self._stick.order("speak", device=self._name)

    def replace(self) -> None:
        """Remove it, and let another one join."""
        self._call("remove", ieee=self._address)
        eventually(lambda: not self.energy, GONE_S, "the former meter is gone")
        self.join()

    def _call(self, service: str, **data: object) -> None:
        call = {"domain": "zha", "service": service, "service_data": data}
        self._home.owner.command("call_service", **call)
