"""A contract that changes twice, as Home Assistant's statistics, registry and dashboard see it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hems.protocols.linky.d2l_frames import PayloadType
from hems.workers.provision.home_assistant.orphaned_entities import LOADED_S
from tests.deploy.lan import CLIENT, PROXY
from tests.e2e.gateway import Gateway
from tests.e2e.meter import TOTAL as OTHER_TOTAL
from tests.e2e.meter import Meter
from tests.e2e.visitor import Visitor
from tests.integration.d2l import ID, Dongle, entry, sealed
from tests.integration.worker_process import eventually
from tests.linky_cases import CASES, load, payload

pytestmark = pytest.mark.e2e

DEVICE = ID + 1
NODE = f"d2l_{DEVICE:012d}"
TOTAL = f"sensor.{NODE}_energy_total"
WITHIN_S = 90.0  # on a busy machine
STATISTICS_S = 330.0  # Home Assistant makes them every five minutes
OFF_PEAK = load(CASES / "14-hc-to-supplier-calendar.jsonl").steps[0]["doc"]
STANDARD = load(CASES / "16-historique-to-standard.jsonl").steps[-1]["doc"]
OFF_PEAK_ONLY = {"hchc", "hchp"}
HISTORIQUE_ONLY = OFF_PEAK_ONLY | {"base", "optarif", "ptec", "iinst1", "isousc", "imax"}


class ChangingMeter:
    """A second meter of the home; each frame counts 10 Wh in a minute."""

    def __init__(self, home: Gateway) -> None:
        self._house = home.site.lan.house
        self._clock = time.time() - 3000
        self._grown = -10

    def push(self, document: dict[str, str], label: str, begin: int) -> None:
        """Send `document`; its register `label` had counted `begin` Wh at the first frame."""
        self._clock, self._grown = self._clock + 60, self._grown + 10
        counted = f"{begin + self._grown:09d}"
        changed = document | {"_ID_D2L": f"{DEVICE:012d}", label: counted}
        if "EAST" in changed:
            changed |= {"EASF01": "000000000", "EASF02": counted, "EASD01": counted}
        content = payload({"doc": changed}, self._clock)
        with self._house.call(lambda: Dongle(7845, DEVICE, host=PROXY, source=CLIENT)) as dongle:
            dongle.send(sealed(PayloadType.PUSH_JSON, content, DEVICE))
            assert dongle.answer() is not None


@pytest.fixture(scope="module")
def changing_meter(home: Gateway, owner: Visitor, meter: Meter) -> Iterator[ChangingMeter]:
    """Yield another meter of a home that has one; there is none afterwards."""
    meter.push()
    before = dict(home.variables)
    home.variables["D2L_DEVICES"] = f"{entry()};{entry(DEVICE)}"
    home.restart("hems")
    home.hems.until_settled()
    yield ChangingMeter(home)
    home.variables.clear()
    home.variables.update(before)
    home.restart("hems")
    home.hems.until_settled()
    forget(owner)


def forget(owner: Visitor) -> None:
    """Delete the device, as a person does."""
    for device in owner.command("config/device_registry/list"):
        if ["mqtt", NODE] in device["identifiers"]:
            for config_entry in device["config_entries"]:
                owner.command(
                    "config/device_registry/remove_config_entry",
                    device_id=device["id"],
                    config_entry_id=config_entry,
                )
    eventually(lambda: not keys(owner), WITHIN_S, "the device is gone")
    eventually(lambda: NODE not in str(sources(owner)), WITHIN_S, "the dashboard follows")


def keys(owner: Visitor) -> set[str]:
    """Return the keys of the meter's entities in the registry."""
    ids = [str(one["unique_id"]) for one in owner.command("config/entity_registry/list")]
    return {one.removeprefix(f"{NODE}_") for one in ids if one.startswith(f"{NODE}_")}


def sources(owner: Visitor) -> list[str]:
    """Return the sources of the energy dashboard's grid consumption."""
    energy: Any = owner.command("energy/get_prefs")
    return [one["stat_energy_from"] for one in energy["energy_sources"]] if energy else []


def sums(owner: Visitor) -> list[float]:
    """Return the sums of the total's statistics, one for each five minutes."""
    statistics = owner.command(
        "recorder/statistics_during_period",
        start_time=(datetime.now(UTC) - timedelta(hours=1)).isoformat(),
        statistic_ids=[TOTAL],
        period="5minute",
        types=["sum"],
    )
    return [row["sum"] for row in statistics.get(TOTAL, [])]


def test_a_total_goes_on_and_what_the_meter_no_longer_has_disappears(
    home: Gateway, owner: Visitor, changing_meter: ChangingMeter
) -> None:
    first = 10_000_000 + 12_239_000
    changing_meter.push(OFF_PEAK, "HCHP", 12_239_000)
    eventually(lambda: owner.state(TOTAL) == str(first), WITHIN_S, "the first total")
    for _ in range(2):
        changing_meter.push(OFF_PEAK, "HCHP", 12_239_000)
    eventually(lambda: owner.state(TOTAL) == str(first + 20), WITHIN_S, "the total in HISTORIQUE")
    eventually(lambda: keys(owner) >= OFF_PEAK_ONLY, WITHIN_S, "the registers")
    of_meter = {TOTAL.replace("energy_total", key) for key in OFF_PEAK_ONLY}
    eventually(lambda: of_meter <= {*sources(owner)}, WITHIN_S, "the energy dashboard")

    base = OFF_PEAK | {"OPTARIF": "BASE", "PTEC": "TH..", "HCHC": "", "HCHP": ""}
    for _ in range(4):
        changing_meter.push(base, "BASE", 28_298_000)
    eventually(lambda: owner.state(TOTAL) == str(first + 60), WITHIN_S, "the total of BASE")
    eventually(lambda: not keys(owner) & OFF_PEAK_ONLY, WITHIN_S, "the registers are removed")
    assert "base" in keys(owner)

    home.stop("homeassistant")
    for _ in range(3):
        changing_meter.push(STANDARD, "EAST", 28_298_000)
    home.start("homeassistant")
    home.home_assistant.wait()
    eventually(lambda: owner.state(TOTAL) == str(first + 90), 2 * WITHIN_S, "the total in STANDARD")
    assert {"east", "easf02", "ngtf"} <= keys(owner)
    eventually(
        lambda: not keys(owner) & HISTORIQUE_ONLY,
        LOADED_S + 2 * WITHIN_S,
        "what Home Assistant did not see being removed is removed",
    )
    eventually(lambda: 90 in sums(owner), STATISTICS_S, "the statistics")
    assert sums(owner) == sorted(sums(owner))
    assert 0 <= min(sums(owner)) <= max(sums(owner)) == 90
    register = TOTAL.replace("energy_total", "easf02")
    eventually(lambda: sources(owner).count(register) == 1, WITHIN_S, "its register is a source")
    assert TOTAL not in sources(owner)


def test_a_dongle_that_is_not_listed_any_more_is_unavailable(
    home: Gateway, owner: Visitor, meter: Meter, changing_meter: ChangingMeter
) -> None:
    changing_meter.push(STANDARD, "EAST", 28_298_000)
    eventually(lambda: owner.state(TOTAL).isdecimal(), WITHIN_S, "the meter is there")
    home.variables["D2L_DEVICES"] = entry()
    home.restart("hems")
    eventually(lambda: owner.state(TOTAL) == "unavailable", WITHIN_S, "it is unavailable")
    home.restart("homeassistant")
    home.home_assistant.wait()
    meter.push()  # it may have been silent for so long that it is offline
    eventually(lambda: owner.state(OTHER_TOTAL).isdecimal(), 2 * WITHIN_S, "the other meter")
    assert owner.state(TOTAL) == "unavailable"
