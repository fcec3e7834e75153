"""The same list for a home with Zigbee meters, one with a Linky, and one with both."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.e2e.gateway import gateway
from tests.e2e.measured_meters import STEP_WH, LinkyMeter, MeasuredMeter, ZigbeeMeter
from tests.e2e.zigbee_home import ZigbeeHome
from tests.integration.worker_process import eventually

pytestmark = pytest.mark.e2e

KINDS = {"zigbee": ("zigbee",), "linky": ("linky",), "both": ("linky", "zigbee")}
STICK = "00124b00deadbeef"
SILENT_S = 60  # and a Linky after half of it
DASHBOARDS_S, ARRIVES_S, STORED_S = 90, 120, 60
LISTED_S = SILENT_S + 60
PAGES = "smartcore"  # the paths of our dashboards begin with it


class MeasuredHome(ZigbeeHome):
    """A home that is on, with the meters of a kind."""

    meters: list[MeasuredMeter]

    def install(self, kinds: tuple[str, ...]) -> None:
        """Power the gateway on, plug the stick in, and let the meters join."""
        self.gateway.variables |= {
            "HEMS_PROVISION_SILENT_AFTER_S": str(SILENT_S),
            "HEMS_EESMART_D2L_SILENT_AFTER_S": str(SILENT_S / 2),
        }
        if "linky" not in kinds:
            del self.gateway.variables["D2L_DEVICES"]
        self.power_on()
        self.meters = []
        if "zigbee" in kinds:
            control, stick = self.stick(STICK, "none")
            self.usb.plug_in(stick)
            self.until_set_up()
            self.meters.append(ZigbeeMeter(self, control))
        if "linky" in kinds:
            self.meters.append(LinkyMeter(self.gateway.site))
        for meter in self.meters:
            meter.join()

    def until_counted(self, meter: MeasuredMeter) -> None:
        """Let the meter measure until Home Assistant shows more, and no jump."""
        before = self.wh(meter)

        def is_more() -> bool:
            meter.measure()
            after = self.wh(meter)
            return after is not None and (before is None or after > before)

        eventually(is_more, ARRIVES_S, f"{meter.energy} counts")
        after = self.wh(meter)
        assert after is not None
        if before is not None:
            assert after - before < ARRIVES_S * 10 * STEP_WH

    def wh(self, meter: MeasuredMeter) -> float | None:
        """Return what Home Assistant shows as counted, None while that is unknown."""
        states = {one["entity_id"]: one for one in self.owner.command("get_states")}
        state = states.get(meter.energy)
        if state is None or not state["state"].replace(".", "").isdigit():
            return None
        factor = {"Wh": 1.0, "kWh": 1000.0}[state["attributes"]["unit_of_measurement"]]
        return float(state["state"]) * factor

    def until_in_dashboards(self, meter: MeasuredMeter) -> None:
        """Wait until the energy dashboard and a page of ours have an entity of its device."""

        energy = meter.energy  # each look at it is a request, which nginx limits

        def is_in_both() -> bool:
            registry = self.owner.command("config/entity_registry/list")
            devices = {one["device_id"] for one in registry if one["entity_id"] == energy}
            entities = [one["entity_id"] for one in registry if one["device_id"] in devices]
            paths = [one["url_path"] for one in self.owner.command("lovelace/dashboards/list")]
            pages = [
                self.owner.command("lovelace/config", url_path=path)
                for path in paths
                if path.startswith(PAGES)
            ]
            texts = str(self.owner.command("energy/get_prefs")), str(pages)
            ids = re.compile(rf"\b({'|'.join(map(re.escape, entities))})\b")
            return bool(entities) and all(map(ids.search, texts))

        eventually(is_in_both, DASHBOARDS_S, f"{energy} is in both dashboards")

    def until_stored(self, meter: MeasuredMeter) -> None:
        store = self.gateway.influxdb.store
        eventually(lambda: bool(store.points(meter.energy)), STORED_S, "it is in the database")

    def until_silent(self, meter: MeasuredMeter, *, is_silent: bool) -> None:
        """Wait until the gateway lists the meter's silence, or does so no more."""

        def is_listed() -> bool:
            return any(name == meter.silent for name, _ in self.gateway.hems.problems())

        eventually(lambda: is_listed() is is_silent, LISTED_S, f"{meter.silent}: {is_silent}")


@pytest.fixture(scope="module", params=KINDS)
def home(
    request: pytest.FixtureRequest, root: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[MeasuredHome]:
    directory = tmp_path_factory.mktemp("home")
    with ExitStack() as sticks, gateway(root, directory) as whole:
        running = MeasuredHome(whole, sticks, directory)
        running.install(KINDS[request.param])
        yield running


def test_its_meters_count(home: MeasuredHome) -> None:
    for meter in home.meters:
        home.until_counted(meter)


def test_its_meters_are_in_both_dashboards(home: MeasuredHome) -> None:
    for meter in home.meters:
        home.until_in_dashboards(meter)


def test_its_meters_are_in_the_database(home: MeasuredHome) -> None:
    for meter in home.meters:
        home.until_stored(meter)


def test_silence_is_listed_until_it_is_over(home: MeasuredHome) -> None:
    for meter in home.meters:
        meter.silence()
    home.gateway.restart("homeassistant")  # which keeps the last values
    home.gateway.home_assistant.wait()
    for meter in home.meters:
        home.until_silent(meter, is_silent=True)
    for meter in home.meters:
        meter.speak()
        home.until_counted(meter)
        home.until_silent(meter, is_silent=False)


def test_a_meter_that_replaces_another_counts(home: MeasuredHome) -> None:
    for meter in home.meters:
        meter.replace()
        home.until_counted(meter)
        home.until_in_dashboards(meter)


def test_its_meters_count_after_restarts(home: MeasuredHome) -> None:
    for service in ("hems", "mqtt", "homeassistant"):
        home.gateway.restart(service)
    home.gateway.home_assistant.wait()
    for meter in home.meters:
        home.until_counted(meter)


def test_its_meters_count_after_a_power_cut(home: MeasuredHome) -> None:
    home.gateway.cut_power()
    home.gateway.power_on()
    for meter in home.meters:
        home.until_counted(meter)
