"""bin/meter with each kind and each fault, against the real worker and the real mosquitto."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dev.simulator.linky_variants import KINDS
from dev.simulator.meter_faults import FAULTS
from tests.integration.d2l import ID, D2lWorker
from tests.integration.mosquitto import Mosquitto, Observer
from tests.integration.test_desk import meter
from tests.integration.worker_process import eventually

pytestmark = pytest.mark.integration
CONFIG = f"homeassistant/device/d2l_{ID:012d}/config"
STATE = f"hems/d2l/{ID:012d}/state"
FRAMES = 4  # the third has the fault
MOST_WH = 100  # what the home may use meanwhile
CLOCK = re.compile(r"clock (\S+)")
SECOND = timedelta(seconds=1)

STANDARD = {"east", "easf01", "sinsts", "irms1", "urms1", "ccasn", "euridis", "plc", "relay"}
HISTORIQUE = {"isousc", "iinst1", "over_power", "ptec", "optarif"}
OFF_PEAK = {"easf02", "next_tariff_change"}
TEMPO = {"tempo_today", "tempo_tomorrow"}
TEMPO_REGISTERS = {f"easf{n:02d}" for n in range(1, 7)}
PEAKS = {"peak_notice", "peak"}
PRODUCER = {"eait", "sinsti", "ccain", "apparent_power_net"}
EXPECTED = {  # entities of each kind
    "standard": STANDARD | OFF_PEAK,
    "standard-base": STANDARD,
    "standard-tempo": STANDARD | TEMPO_REGISTERS | TEMPO | PEAKS,
    "standard-ejp": STANDARD | PEAKS | {"easf02"},
    "standard-three-phase": STANDARD | OFF_PEAK | {"irms3", "urms3", "smaxsn3"},
    "standard-producer": STANDARD | PRODUCER,
    "standard-off-peak-producer": STANDARD | OFF_PEAK | PRODUCER,
    "standard-tempo-producer": STANDARD | TEMPO_REGISTERS | TEMPO | PEAKS | PRODUCER,
    "historique": HISTORIQUE | {"hchc", "hchp", "imax"},
    "historique-base": HISTORIQUE | {"base", "imax"},
    "historique-tempo": HISTORIQUE | TEMPO | {"bbrhcjb", "bbrhpjr"},
    "historique-ejp": HISTORIQUE | PEAKS | {"ejphn", "ejphpm"},
    "historique-three-phase": HISTORIQUE | {"hchc", "iinst2", "iinst3"},
}
SOMETIMES = TEMPO | PEAKS | {"eait", "apparent_power_net", "iinst3", "irms3", "easf07", "adps"}


@dataclass
class Home:
    """A worker, its broker, and what they say about the simulated meter."""

    worker: D2lWorker
    observer: Observer
    output: str = field(default="", init=False)

    def run_meter(self, kind: str, fault: str = "", count: int = FRAMES) -> None:
        """Send `count` frames; every one is answered."""
        options = {"kind": kind, **({"fault": fault} if fault else {})}
        outcome = meter(self.worker.port, f"--count={count}", "--interval=0.5", **options)
        assert outcome.returncode == 0, outcome.stdout + outcome.stderr
        self.output = outcome.stdout

    def states(self) -> list[dict[str, Any]]:
        return [json.loads(text) for text in self.observer.of(STATE)]

    def newest(self) -> dict[str, Any]:
        return self.observer.newest_json(STATE)

    def all_of(self, key: str) -> list[Any]:
        return [state[key] for state in self.states() if state.get(key) is not None]

    def entities(self) -> set[str]:
        components = self.observer.newest_json(CONFIG).get("components", {})
        return {key for key, one in components.items() if one.keys() != {"platform"}}


@pytest.fixture
def home(tmp_path: Path, broker: Mosquitto, observer: Observer) -> Iterator[Home]:
    with D2lWorker(tmp_path, broker.port) as worker:
        yield Home(worker, observer)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_meter_has_its_entities(home: Home, kind: str) -> None:
    home.run_meter(kind, count=1)
    eventually(lambda: EXPECTED[kind] <= home.entities(), 10, "the entities")
    eventually(lambda: has_ended(home), 10, "the state")
    assert not home.entities() & (SOMETIMES - EXPECTED[kind])
    assert "WARNING" not in home.worker.log()


def has_ended(home: Home) -> bool:
    """Return whether the reading of the last frame was published."""
    answered = datetime.fromisoformat(CLOCK.findall(home.output)[-1])
    dates = home.all_of("date")
    return bool(dates) and abs(datetime.fromisoformat(dates[-1]) - answered) <= SECOND


def is_steady(home: Home) -> bool:
    """Return whether the last reading came, and no total leapt, fell or was 0."""
    totals = home.all_of("east")
    return has_ended(home) and 0 < min(totals) <= max(totals) < min(totals) + MOST_WH


def has_steady_total(home: Home) -> bool:
    totals: list[int] = home.all_of("energy_total")
    return 0 < min(totals) <= max(totals) < min(totals) + MOST_WH


def is_refused(reason: str) -> Callable[[Home], bool]:
    return lambda home: reason in home.worker.log()


def both(*checks: Callable[[Home], bool]) -> Callable[[Home], bool]:
    return lambda home: all(check(home) for check in checks)


HELD = both(is_steady, is_refused("implausible index"))
SEEN: dict[str, Callable[[Home], bool]] = {
    "zero-index": HELD,
    "other-register": HELD,
    "wrong-digit": HELD,
    "no-index": is_steady,
    "missing-names": is_steady,
    "old-readings": both(is_steady, is_refused("the meter's clock is 2 h behind")),
    "totaliser": lambda home: "base" in home.newest() and has_steady_total(home),
    "other-types": is_steady,
    "bad-byte": is_steady,
    "truncated-json": is_steady,
    "year-2036": both(is_steady, is_refused("the meter's clock is")),
    "clock-behind": is_refused("the meter's clock is 3 h 30 min behind"),
    "clock-degraded": lambda home: home.newest().get("clock_degraded") is True,
    "roll-over": lambda home: {*home.all_of("east")} <= {999_999_998, 999_999_999, 0, 1},
    "restart": is_refused("EASF01"),
    "mode-switch": lambda home: home.newest().keys() >= {"hchc", "hchp", "energy_total"},
    "overload": lambda home: home.newest().get("over_power") is True,
    "firmware-request": lambda home: "firmware_update_wanted" in home.entities(),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_seen_and_spoils_no_total(home: Home, fault: str) -> None:
    home.run_meter("historique" if fault == "totaliser" else "standard", fault)
    faulty = home.output.count("with the fault: ")
    assert faulty == sum(FAULTS[fault].spoils(number) for number in range(1, FRAMES + 1))
    eventually(lambda: SEEN[fault](home), 10, f"{fault} is seen")
    years = {str(date)[:3] for date in home.all_of("date")}
    assert years <= {"202"}


def test_historique_that_becomes_standard_keeps_its_total(home: Home) -> None:
    home.run_meter("historique", "mode-switch")
    eventually(lambda: "east" in home.newest(), 10, "STANDARD")
    totals = home.all_of("energy_total")
    assert max(totals) - min(totals) < MOST_WH
    assert "EASF01" not in home.worker.log()


def test_a_three_phase_meter_above_its_power_sends_short_frames(home: Home) -> None:
    home.run_meter("historique-three-phase", "overload")
    eventually(lambda: home.newest().get("over_power") is True, 10, "the overload")
    assert home.newest()["adir1"] == 46
    eventually(lambda: "adir1" in home.entities(), 5, "its current")
    hchc = home.all_of("hchc")
    assert hchc
    assert min(hchc) > 0
