from datetime import datetime

from dev.simulator.home_day import Appliance
from dev.simulator.household import Household
from dev.simulator.zigbee.home_meters import (
    HOME_METERS,
    NAMES,
    HomeMeters,
    address,
    zha_address,
)
from dev.simulator.zigbee.metering_attributes import quantity
from dev.simulator.zigbee.stick import Stick
from dev.simulator.zigbee.stick_memory import StickMemory, StickNetwork
from tests.fakes.scheduler import FakeScheduler

NOW = int(datetime.fromisoformat("2026-03-02T07:20:00+01:00").timestamp())
HOME = Household(21, solar_w=3200)


def test_each_meter_shows_what_its_appliance_uses() -> None:
    scheduler = FakeScheduler()
    meters = HomeMeters(scheduler, Stick(scheduler, StickMemory()), HOME)
    for now in (NOW, NOW + 3600):
        meters.measure(now)
        for one, device in zip(HOME_METERS, meters.devices, strict=True):
            reading = one.reading(HOME, now)
            assert device.value(quantity("energy")).number == reading.energy_wh
            assert device.value(quantity("power")).number == 10 * reading.watts
    assert HOME_METERS[1].appliance is Appliance.HEAT_PUMP
    assert HOME.appliance(Appliance.HEAT_PUMP, NOW).energy_wh > 0


def test_the_meters_join_once_the_network_is_open_and_not_before() -> None:
    scheduler = FakeScheduler()
    stick = Stick(scheduler, StickMemory(network=StickNetwork(bytes(20), b"k" * 16)))
    meters = HomeMeters(scheduler, stick, HOME)
    meters.measure(NOW)
    stick.network.is_up = True
    meters.measure(NOW)
    assert {device.network_key for device in meters.devices} == {None}
    stick.network.permit(60)
    meters.measure(NOW)
    assert {device.network_key for device in meters.devices} == {b"k" * 16}
    addresses = [device.address for device in meters.devices]
    meters.measure(NOW)
    assert [device.address for device in meters.devices] == addresses


def test_a_meter_that_nobody_has_set_up_asks_again_after_a_while() -> None:
    scheduler = FakeScheduler()
    stick = Stick(scheduler, StickMemory(network=StickNetwork(bytes(20), b"k" * 16)))
    stick.network.is_up = True
    stick.network.permit(600)
    meters = HomeMeters(scheduler, stick, HOME)
    first, second = meters.devices[:2]
    addresses = []
    for _ in range(4):
        meters.measure(NOW)
        addresses.append((first.address, second.address))
        second.reports.configure(quantity("power"), 5, 600, 1)
        scheduler.advance(20)
    assert len({address for address, _ in addresses}) == 2
    assert len({address for _, address in addresses}) == 1


def test_a_person_names_each_meter_in_the_homes_language() -> None:
    names = {language: [one.name(language) for one in HOME_METERS] for language in (*NAMES, "it")}
    assert names["it"] == [one.name("en") for one in HOME_METERS]
    assert "Pompe à chaleur" in names["fr"]
    for language in NAMES:
        assert len(set(names[language])) == len(HOME_METERS)
        assert set(NAMES[language]) == set(names["it"])


def test_addresses_are_those_that_zha_shows() -> None:
    assert address(1) == "00124b005eed0002"
    assert zha_address(1) == "00:12:4b:00:5e:ed:00:02"
