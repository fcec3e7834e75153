from dataclasses import asdict
from datetime import time
from enum import Enum

import pytest

from hems.errors import ProtocolError
from hems.protocols.linky.packed_values import (
    Breaker,
    EuridisOutput,
    PlcState,
    ScheduleSlot,
    TempoColour,
    relays,
    schedule,
    status_register,
)


@pytest.mark.parametrize(
    ("bit", "name", "value"),
    [
        (0, "is_dry_contact_open", True),
        (1, "breaker", Breaker.OVER_POWER),
        (2, "breaker", Breaker.OVERVOLTAGE),
        (3, "breaker", Breaker.REMOTE_ORDER),
        (4, "is_cover_open", True),
        (6, "has_overvoltage", True),
        (7, "is_over_power", True),
        (8, "is_producer", True),
        (9, "is_energy_negative", True),
        (10, "supplier_index", 2),
        (13, "supplier_index", 9),
        (14, "distributor_index", 2),
        (15, "distributor_index", 3),
        (16, "is_clock_degraded", True),
        (17, "is_standard", True),
        (19, "euridis", EuridisOutput.WITHOUT_SECURITY),
        (20, "euridis", EuridisOutput.UNDEFINED),
        (21, "plc_state", PlcState.NEW_LOCKED),
        (22, "plc_state", PlcState.REGISTERED),
        (23, "is_plc_synchronised", True),
        (24, "tempo_today", TempoColour.BLUE),
        (25, "tempo_today", TempoColour.WHITE),
        (26, "tempo_tomorrow", TempoColour.BLUE),
        (27, "tempo_tomorrow", TempoColour.WHITE),
        (28, "peak_notice", 1),
        (29, "peak_notice", 2),
        (30, "peak", 1),
        (31, "peak", 2),
    ],
)
def test_each_bit_says_one_thing(bit: int, name: str, value: Enum | bool | int) -> None:
    idle, status = asdict(status_register("0" * 8)), asdict(status_register(f"{1 << bit:08X}"))
    assert {key: status[key] for key in status if status[key] != idle[key]} == {name: value}


@pytest.mark.parametrize("bit", [5, 18])
def test_unused_bits_say_nothing(bit: int) -> None:
    assert status_register(f"{1 << bit:08x}") == status_register("00000000")


def test_euridis_with_security_has_both_bits() -> None:
    assert status_register(f"{3 << 19:08X}").euridis is EuridisOutput.WITH_SECURITY


def test_every_status_can_be_read() -> None:
    status = status_register("FFFFFFFF")
    assert (status.breaker, status.plc_state) == (Breaker.UNDEFINED, PlcState.UNDEFINED)
    assert (status.tempo_today, status.tempo_tomorrow) == (TempoColour.RED, TempoColour.RED)
    assert (status.supplier_index, status.distributor_index, status.peak) == (16, 4, 3)


@pytest.mark.parametrize("text", ["", "003A440", "003A44010", "003A440G", "0x3A4401", " 03A4401"])
def test_a_status_that_is_not_eight_hexadecimal_digits_is_refused(text: str) -> None:
    with pytest.raises(ProtocolError, match="expected 8 hexadecimal digits"):
        status_register(text)


def test_relays_are_bits_of_a_decimal_number() -> None:
    assert relays("000") == (False,) * 8
    assert relays("005") == (True, False, True) + (False,) * 5
    assert relays("255") == (True,) * 8


@pytest.mark.parametrize("text", ["256", "-1", "FF"])
def test_relays_beyond_eight_are_refused(text: str) -> None:
    with pytest.raises(ProtocolError):
        relays(text)


def test_unused_slots_are_left_out() -> None:
    text = "00008001 0600C002 2200800F " + "NONUTILE " * 8
    assert schedule(text) == (
        ScheduleSlot(time(0, 0), 0x8001),
        ScheduleSlot(time(6, 0), 0xC002),
        ScheduleSlot(time(22, 0), 0x800F),
    )
    assert schedule("NONUTILE") == ()


@pytest.mark.parametrize(
    "text", ["24008001", "00608001", "0000800G", "0000800", "000080011", "x", "NONUTILE " * 12]
)
def test_a_malformed_schedule_is_refused(text: str) -> None:
    with pytest.raises(ProtocolError):
        schedule(text)


def test_the_last_slot_may_begin_at_the_last_minute_of_the_day() -> None:
    (slot,) = schedule("23590001")
    assert slot.begins == time(23, 59)


@pytest.mark.parametrize(
    ("actions", "index"),
    [("C001", 1), ("800A", 10), ("8000", None), ("800B", None), ("800F", None), ("4033", 3)],
)
def test_a_slot_names_the_index_that_begins_to_count(actions: str, index: int | None) -> None:
    (slot,) = schedule(f"0600{actions}")
    assert slot.index == index
