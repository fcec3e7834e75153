"""Each device as its integration announces it: what counts, once, and what it is for."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from hems.protocols.home_assistant.entity_state import StateAttributes
from hems.protocols.meters.meter_inventory import Meter, roles
from hems.protocols.meters.meter_roles import Role
from tests.fakes.meters import KWH, Home, W, home


@dataclass(frozen=True)
class Case:
    """A device; its entities by unique id, with their names; and what is expected of them."""

    name: str
    energies: dict[str, str]
    imported: tuple[str, ...]
    exported: tuple[str, ...] = ()
    powers: dict[str, str] = field(default_factory=dict)
    power: str | None = None
    platform: str = "mqtt"
    model: str = ""
    domains: tuple[str, ...] = ()
    role: Role = Role.GRID  # it is the only one in the home


CASES = (
    Case(
        "a plain Zigbee meter",
        {"00:1-1-1794-summation_delivered": "Summation delivered"},
        ("00:1-1-1794-summation_delivered",),
        powers={"00:1-1-1794": "Instantaneous demand", "00:1-1-2820": "Power"},
        power="00:1-1-2820",
        platform="zha",
    ),
    Case(
        "a Zigbee meter in both directions with phases",
        {
            "00:1-1-1794-summation_delivered": "Summation delivered",
            "00:1-1-1794-summation_received": "Summation received",
            "00:1-1-2820-energy_ph_a": "Energy phase A",
            "00:1-1-2820-energy_ph_b": "Energy phase B",
        },
        ("00:1-1-1794-summation_delivered",),
        ("00:1-1-1794-summation_received",),
        powers={
            "00:1-1-2820": "Power",
            "00:1-1-2820-active_power_ph_b": "Power phase B",
            "00:1-1-2820-active_power_ph_c": "Power phase C",
        },
        power="00:1-1-2820",
        platform="zha",
    ),
    Case(
        "a Zigbee plug",
        {"00:2-1-1794-summation_delivered": "Summation delivered"},
        ("00:2-1-1794-summation_delivered",),
        platform="zha",
        domains=("switch",),
        role=Role.DEVICE,
    ),
    Case(
        "a Linky by Zigbee",
        {
            "00:3-1-1794-summation_delivered": "Summation delivered",
            **{f"00:3-1-1794-tier{n}_summation_delivered": f"Tier {n}" for n in range(1, 7)},
        },
        ("00:3-1-1794-summation_delivered",),
        platform="zha",
        model="ZLinky_TIC",
    ),
    Case(
        "a P1 meter of two tariffs with totals",
        {
            "aabb_total_power_import_kwh": "Energy import",
            "aabb_total_power_import_t1_kwh": "Energy import tariff 1",
            "aabb_total_power_import_t2_kwh": "Energy import tariff 2",
            "aabb_total_power_export_kwh": "Energy export",
            "aabb_total_power_export_t1_kwh": "Energy export tariff 1",
        },
        ("aabb_total_power_import_kwh",),
        ("aabb_total_power_export_kwh",),
        platform="homewizard",
        model="HWE-P1",
    ),
    Case(
        "a DSMR meter without totals",
        {
            "1_electricity_used_tariff_1": "Energy consumption (tarif 1)",
            "1_electricity_used_tariff_2": "Energy consumption (tarif 2)",
            "1_electricity_delivered_tariff_1": "Energy production (tarif 1)",
            "1_electricity_delivered_tariff_2": "Energy production (tarif 2)",
        },
        ("1_electricity_used_tariff_1", "1_electricity_used_tariff_2"),
        ("1_electricity_delivered_tariff_1", "1_electricity_delivered_tariff_2"),
        platform="dsmr",
    ),
    Case(
        "a plug of Tasmota, which counts days as well",
        {
            "AC_sensor_ENERGY_Total": "ENERGY Total",
            "AC_sensor_ENERGY_Today": "ENERGY Today",
            "AC_sensor_ENERGY_Yesterday": "ENERGY Yesterday",
        },
        ("AC_sensor_ENERGY_Total",),
        powers={"AC_sensor_ENERGY_Power": "ENERGY Power"},
        power="AC_sensor_ENERGY_Power",
        platform="tasmota",
        domains=("switch",),
        role=Role.DEVICE,
    ),
    Case(
        "a meter that counts days only",
        {"x_energy_today": "Energy today", "x_energy_this_month": "Energy this month"},
        ("x_energy_today",),
    ),
    Case(
        "an inverter of ESPHome",
        {"esp_pv_energy": "PV energy"},
        ("esp_pv_energy",),
        platform="esphome",
        model="Solar inverter",
        role=Role.SOLAR,
    ),
    Case(
        "a home battery",
        {
            "b_energy_charged": "Battery energy charged",
            "b_energy_discharged": "Battery energy discharged",
        },
        ("b_energy_charged",),
        ("b_energy_discharged",),
        model="Battery 5 kWh",
        role=Role.BATTERY,
    ),
    Case(
        "a sensor with a battery of its own",
        {"clamp_energy": "Energy"},
        ("clamp_energy",),
        model="Clamp on battery",
    ),
    Case(
        "a device that measures power only",
        {},
        (),
        powers={"x_power": "Power"},
        power="x_power",
        domains=("light",),
        role=Role.DEVICE,
    ),
)


def ids(meter: Meter) -> tuple[tuple[str, ...], tuple[str, ...], str | None]:
    return (
        tuple(entity.entity_id.partition(".")[2] for entity in meter.imported),
        tuple(entity.entity_id.partition(".")[2] for entity in meter.exported),
        meter.power.entity_id.partition(".")[2] if meter.power else None,
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_device_counts_once_and_has_its_role(case: Case) -> None:
    here = home()
    device = here.device("Meter", model=case.model or None)
    for attributes, some in ((KWH, case.energies), (W, case.powers)):
        for unique_id, name in some.items():
            here.entity(device, unique_id, attributes, name=name, platform=case.platform)
    for domain in case.domains:
        here.entity(device, f"of_{domain}", StateAttributes(), domain=domain)
    [meter] = here.meters()
    assert ids(meter) == (case.imported, case.exported, case.power)
    assert roles([meter]) == {meter.id: case.role}


def plug(here: Home, name: str, **fields: object) -> None:
    device = here.device(name, **fields)
    here.entity(device, f"{name}-1-1794-summation_delivered")
    here.entity(device, f"{name}-1-6", StateAttributes(), domain="switch")


def clamp(here: Home, name: str, *, has_export: bool = False, **fields: object) -> None:
    device = here.device(name, **fields)
    here.entity(device, f"{name}-1-1794-summation_delivered")
    if has_export:
        here.entity(device, f"{name}-1-1794-summation_received")


def by_name(here: Home) -> dict[str, Role]:
    register = here.meters()
    known = roles(register)
    return {meter.name: known[meter.id] for meter in register}


def test_the_only_meter_without_a_switch_is_the_grids() -> None:
    here = home()
    clamp(here, "clamp")
    plug(here, "plug")
    assert by_name(here) == {"clamp": Role.GRID, "plug": Role.DEVICE}


def test_of_several_the_one_that_exports_is_the_grids() -> None:
    here = home()
    clamp(here, "cellar")
    clamp(here, "main", has_export=True)
    assert by_name(here) == {"cellar": Role.DEVICE, "main": Role.GRID}


def test_of_equal_ones_none_is_the_grids() -> None:
    here = home()
    clamp(here, "one")
    clamp(here, "two")
    assert by_name(here) == {"one": Role.DEVICE, "two": Role.DEVICE}


def test_a_home_has_one_grid_by_guess() -> None:
    here = home()
    clamp(here, "clamp", has_export=True)
    clamp(here, "p1", model="P1 meter")
    assert by_name(here) == {"clamp": Role.DEVICE, "p1": Role.GRID}


def test_a_label_decides() -> None:
    here = home()
    clamp(here, "clamp", labels=("kitchen", Role.SOLAR))
    plug(here, "plug", labels=(Role.NONE,))
    assert by_name(here) == {"clamp": Role.SOLAR, "plug": Role.NONE}


def test_each_channel_is_a_meter_with_its_own_power_and_label() -> None:
    here = home()
    device = here.device("Sockets", labels=(Role.DEVICE,))
    for channel in (1, 2):
        labels = (Role.SOLAR,) if channel == 2 else ()
        here.entity(device, f"00:1-{channel}-1794-summation_delivered", labels=labels)
        here.entity(device, f"00:1-{channel}-2820", W, name="Power")
    first, second = here.meters()
    assert [meter.name for meter in (first, second)] == ["Sockets 1", "Sockets 2"]
    assert ids(first) == (("00:1-1-1794-summation_delivered",), (), "00:1-1-2820")
    assert ids(second) == (("00:1-2-1794-summation_delivered",), (), "00:1-2-2820")
    assert roles([first, second]) == {first.id: Role.DEVICE, second.id: Role.SOLAR}


def test_a_device_that_two_integrations_know_counts_once() -> None:
    here = home()
    mac = (("mac", "aa:bb"),)
    plug(here, "native", connections=mac)
    plug(here, "announced", connections=mac)
    assert len(here.meters()) == 1


@pytest.mark.parametrize(
    "attributes",
    [
        StateAttributes(device_class="gas", state_class="total", unit_of_measurement="m³"),
        StateAttributes(device_class="energy", state_class="total", unit_of_measurement="m³"),
        StateAttributes(device_class="energy", state_class="total"),
        StateAttributes(device_class="energy", unit_of_measurement="kWh"),
        StateAttributes(state_class="total_increasing", unit_of_measurement="kWh"),
        StateAttributes(
            device_class="apparent_power", state_class="measurement", unit_of_measurement="VA"
        ),
        StateAttributes(device_class="power", state_class="measurement", unit_of_measurement="VA"),
        StateAttributes(),
    ],
    ids=str,
)
def test_what_is_no_energy_is_no_meter(attributes: StateAttributes) -> None:
    here = home()
    here.entity(here.device("Thing"), "x-1", attributes)
    assert here.meters() == ()


def test_what_people_do_not_see_and_what_is_calculated_is_no_meter() -> None:
    here = home()
    device = here.device("Thing")
    here.entity(device, "a", disabled_by="user")
    here.entity(device, "b", hidden_by="user")
    here.entity(device, "c", platform="utility_meter")
    here.entity(here.device("Off", disabled_by="user"), "d")
    assert here.meters() == ()


def test_photovoltaics_are_known_by_their_device_type() -> None:
    here = home()
    device = here.device("Meter")
    pv = StateAttributes(
        device_class="energy",
        state_class="total_increasing",
        unit_of_measurement="kWh",
        device_type="PV Generation Metering",
    )
    here.entity(device, "x-1-1794-summation_delivered", pv)
    assert by_name(here) == {"Meter": Role.SOLAR}
