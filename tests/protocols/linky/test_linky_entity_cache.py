"""What is shown of readings one after the other is what is shown of each of them alone."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from dev.simulator import linky_payload
from dev.simulator.household import Household
from dev.simulator.linky_variants import KINDS
from hems.protocols.linky import linky_entities, linky_state
from hems.protocols.linky.changed_numbers import changed_numbers
from hems.protocols.linky.d2l_payload import fields
from hems.protocols.linky.incremental_reading_decoder import ReadingDecoder
from hems.protocols.linky.linky_entity_cache import LinkyEntityCache
from hems.protocols.linky.meter_reading import MeterReading, parse
from hems.protocols.linky.next_tariff_change import TariffChange, TariffSchedules
from tests.protocols.linky.samples import DEVICE, SAMPLES, payload

BEGIN = 1_790_000_000
LABELS = sorted({label for sample in SAMPLES.values() for label in sample})
VALUES = sorted({value for sample in SAMPLES.values() for value in sample.values()})

changes = st.dictionaries(st.sampled_from(LABELS), st.sampled_from(VALUES), max_size=3)


def read(values: dict[str, str]) -> MeterReading:
    return parse(fields(payload(values), DEVICE))


def shown_alone(reading: MeterReading, change: TariffChange | None) -> tuple[object, object]:
    keys = {one.key for one in linky_entities.entities(reading)}
    return keys, linky_state.state(reading) | linky_state.change_state(change)


@given(st.sampled_from(sorted(SAMPLES)), st.lists(changes, max_size=6))
def test_a_view_of_several_readings_is_that_of_the_last_one(
    name: str, following: list[dict[str, str]]
) -> None:
    view, last = LinkyEntityCache(), None
    own = {key: SAMPLES[name][key] for key in ("_TYPE_TRAME", "_ID_D2L")}
    measured = {"URMS1": "230"}  # there is always a measurement
    for changed in ({}, *following, {}, {}):
        reading = read(SAMPLES[name] | changed | own | measured)
        view.update(reading, None, changed_numbers(last, reading))
        assert (view.keys, view.state) == shown_alone(reading, None)
        last = reading


@settings(max_examples=40)
@given(st.sampled_from(sorted(KINDS)), st.lists(st.integers(1, 7200), max_size=30))
def test_the_readings_of_a_day_show_what_each_shows_alone(name: str, steps: list[int]) -> None:
    kind = KINDS[name]
    household = Household(DEVICE, kind.calendar, kind.solar_w)
    view, schedules, thorough_schedules = LinkyEntityCache(), TariffSchedules(), TariffSchedules()
    decoder, published = ReadingDecoder(), dict[str, object]()
    at, last = BEGIN, None
    for step in (0, 60, 60, *steps):
        at += step
        sent = linky_payload.values(kind, DEVICE, household.reading(at), at)
        reading = decoder.decode(fields(payload(sent), DEVICE))
        changed = changed_numbers(last, reading)
        change = schedules.next_change(reading, changed)
        assert change == thorough_schedules.next_change(reading)
        new = view.update(reading, change, changed)
        published = dict(view.state) if new is None else published | new
        assert (view.keys, view.state) == shown_alone(read(sent), change)
        assert published == view.state
        last = reading


def test_a_reading_that_changes_numbers_only_keeps_the_keys_of_its_entities() -> None:
    view = LinkyEntityCache()
    first = read(SAMPLES["standard_single_phase"])
    view.update(first, None, None)
    keys = view.keys
    second = read(SAMPLES["standard_single_phase"] | {"EAST": "012345679", "SINSTS": "00931"})
    view.update(second, None, changed_numbers(first, second))
    assert view.keys is keys
    assert (view.state["east"], view.state["sinsts"]) == (12345679, 931)
