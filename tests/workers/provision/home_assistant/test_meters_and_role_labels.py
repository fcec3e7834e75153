"""Meters of other integrations: found, labelled once, and in both dashboards."""

from __future__ import annotations

import os

from hems.protocols.home_assistant.home_page import PATH
from hems.protocols.meters.meter_roles import LABELS, Role
from tests.fakes.home_assistant import FakeHomeAssistant
from tests.fakes.provision import Home
from tests.workers.provision.home_assistant.conftest import GATEWAY, METER, discover, registered

LONG_S = 1200.0
PLUG = "00124b0001"


def join(peer: FakeHomeAssistant) -> None:
    """Have a plug in the registry, with statistics."""
    peer.registry += registered(PLUG, "energy", "power", platform="zha")
    peer.registry.append(
        {
            "entity_id": "switch.plug",
            "platform": "zha",
            "unique_id": f"{PLUG}_6",
            "device_id": PLUG,
        }
    )
    peer.sums.append(f"sensor.{PLUG}_energy")


def test_a_plug_is_a_device_in_both_dashboards(home: Home, peer: FakeHomeAssistant) -> None:
    discover(peer)
    join(peer)
    home.run(LONG_S)
    assert peer.device_labels == {METER: [Role.GRID], PLUG: [Role.DEVICE]}
    assert peer.labels == {role.value: LABELS[role].names["fr"] for role in Role}
    assert peer.energy is not None
    assert peer.energy["device_consumption"] == [
        {
            "stat_consumption": f"sensor.{PLUG}_energy",
            "name": PLUG,
            "stat_rate": f"sensor.{PLUG}_power",
        }
    ]
    assert f"sensor.{PLUG}_power" in str(peer.dashboards[PATH])


def test_a_linky_counts_with_its_registers_once_each(home: Home, peer: FakeHomeAssistant) -> None:
    keys = ("energy_total", "east", "easf01", "easf02", "easd01", "eait", "power_estimated")
    peer.registry = [*registered(METER, *keys), *registered(GATEWAY, "internet")]
    peer.sums = [f"sensor.{METER}_{key}" for key in keys[:-1]]
    home.run(LONG_S)
    assert peer.energy is not None
    one, two, sold = peer.energy["energy_sources"]
    bought = [source["stat_energy_from"] for source in (one, two, sold)]
    assert bought == [f"sensor.{METER}_easf01", f"sensor.{METER}_easf02", None]
    assert one["stat_rate"] == f"sensor.{METER}_power_estimated"
    assert one["stat_energy_to"] is two["stat_energy_to"] is None
    assert sold["stat_energy_to"] == f"sensor.{METER}_eait"
    assert peer.energy["device_consumption"] == []


def test_a_home_with_other_meters_only_has_both_dashboards(
    home: Home, peer: FakeHomeAssistant
) -> None:
    home.environ = {}
    peer.registry = registered(GATEWAY, "internet")
    join(peer)
    home.run(LONG_S)
    assert PLUG in str(peer.energy)
    assert PLUG in str(peer.dashboards)


def test_what_a_person_labels_counts_and_stays(home: Home, peer: FakeHomeAssistant) -> None:
    discover(peer)
    join(peer)
    home.run(LONG_S)
    peer.device_labels[PLUG] = ["favourite", Role.SOLAR]
    home.run(LONG_S)
    assert peer.device_labels[PLUG] == ["favourite", Role.SOLAR]
    assert peer.energy is not None
    assert [one["type"] for one in peer.energy["energy_sources"]] == ["grid", "solar"]
    peer.device_labels[PLUG] = [Role.NONE]
    home.run(LONG_S)
    assert PLUG not in str(peer.energy)
    assert PLUG not in str(peer.dashboards[PATH])


def test_other_labels_of_a_device_stay(home: Home, peer: FakeHomeAssistant) -> None:
    discover(peer)
    join(peer)
    peer.labels["mine"] = "Mine"
    peer.device_labels[PLUG] = ["mine"]
    home.run(LONG_S)
    assert peer.device_labels[PLUG] == ["mine", Role.DEVICE]


def test_a_label_whose_id_is_taken_is_said(home: Home, peer: FakeHomeAssistant) -> None:
    discover(peer)
    peer.labels["smartcore_grid_2"] = "smartcore grid"
    home.run(LONG_S)
    assert "smartcore grid" in str(home.notifier.latest_metrics["waiting"])
    assert peer.energy is not None


def test_a_meter_that_joins_is_found_as_soon_as_its_entities_are_saved(
    home: Home, peer: FakeHomeAssistant
) -> None:
    """A round that is not due otherwise for ten minutes."""
    storage = home.config / ".storage"
    storage.mkdir(parents=True)
    (storage / "core.entity_registry").touch()
    discover(peer)
    joined_at = 3000.0
    seen: dict[str, float] = {}

    def look(now: float) -> None:
        if now >= joined_at and PLUG not in str(peer.registry):
            join(peer)
            os.utime(storage / "core.entity_registry", (now, now))
        for name, place in (("energy", peer.energy), ("page", peer.dashboards)):
            if PLUG in str(place):
                seen.setdefault(name, now)

    home.run(joined_at + 300, look)
    assert seen.keys() == {"energy", "page"}
    assert max(seen.values()) <= joined_at + 40
    peer.history.clear()
    home.run(LONG_S)
    assert len(peer.requests("config/entity_registry/list")) < LONG_S / 60
