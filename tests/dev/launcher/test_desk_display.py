import io
import json
from dataclasses import replace

import pytest
from rich.console import Console

from dev.launcher.desk_display import Display, live_view, units
from dev.launcher.mqtt_reading_rows import ReadingRow, missing_row
from hems.supervision.health.health_row import HealthRow

ONE = ReadingRow("020000000001", "1687 VA", "30192.303 kWh", "HEURE PLEINE", "12:34:56", 7, 100.0)
WELL = HealthRow("broker", "simple", "active", "", True, True, "", 0, "", "{}")
ILL = WELL._replace(
    name="eesmart-d2l",
    state="failed",
    reason="exit status 78",
    is_healthy=False,
    is_ready=False,
)
LONG = "an uncommonly long meaning of a lamp, which no terminal of eighty columns has room for"
LED = WELL._replace(
    name="led",
    metrics=json.dumps({"lamps": {"errors": {"pattern": "solid", "meaning": "logged by [a.b]"}}}),
)
D2L = WELL._replace(name="eesmart-d2l", metrics='{"frames": 40, "refused": {"too slow": 3}}')


def meters(count: int) -> list[ReadingRow]:
    return [replace(ONE, device_id=f"{number:012d}") for number in range(count)]


def drawn(readings: list[ReadingRow], rows: list[HealthRow], now: float = 104.0) -> list[str]:
    """Return the lines of a terminal of 80 columns and 24 lines."""
    console = Console(width=80, height=24, force_terminal=False, file=io.StringIO())
    with console.capture() as capture:
        console.print(live_view(readings, rows, now, console.height))
    return [line.rstrip() for line in capture.get().splitlines()]


def test_every_value_fits_into_a_line_of_80_columns() -> None:
    one = replace(ONE, power="about 12345 W", energy="199999.303 kWh", count=1234567)
    (line,) = [line for line in drawn([one], [WELL]) if one.device_id in line]
    for value in (one.power, one.energy, one.tariff, one.clock, "4 s", "1234567"):
        assert value in line


def test_a_row_has_the_age_of_its_reading() -> None:
    (line,) = [line for line in drawn([ONE], [WELL], now=300.0) if ONE.device_id in line]
    assert "3m20s" in line


def test_a_long_tariff_name_is_cut_and_nothing_else() -> None:
    one = replace(ONE, tariff="A NAME OF A TARIFF THAT A SUPPLIER CHOSE")
    (line,) = [line for line in drawn([one], [WELL]) if one.device_id in line]
    assert "A NAME OF A …" in line
    assert line.endswith(" 7")


def test_meters_keep_their_order_whichever_pushed_last() -> None:
    lines = drawn([replace(ONE, device_id="2"), replace(ONE, device_id="1")], [])
    assert [line[0] for line in lines[1:3]] == ["1", "2"]


@pytest.mark.parametrize("count", [1, 10, 25, 100])
def test_more_meters_than_lines_leave_the_rest_of_the_view_in_place(count: int) -> None:
    lines = drawn(meters(count), [LED, D2L, ILL])
    assert len(lines) < 24
    assert max(map(len, lines)) <= 80
    assert lines[-4:] == [
        "● errors: logged by [a.b]",
        "frames: 40 accepted, 3 refused (too slow: 3)",
        "2 of 3 units ready - Ctrl-C stops the desk",
        "eesmart-d2l has failed: exit status 78",
    ]


def test_meters_that_do_not_fit_are_counted_with_the_age_of_the_oldest() -> None:
    readings = [*meters(99), replace(ONE, device_id="1" * 12, received_at=50.0)]
    rest = [line for line in drawn(readings, [WELL]) if "more meters" in line]
    assert rest == ["and 80 more meters, whose oldest reading came 54 s ago"]


def test_a_view_with_many_problems_still_fits() -> None:
    ill = [ILL._replace(name=f"meter-{number}", reason=LONG) for number in range(50)]
    lines = drawn(meters(100), [LED, *ill])
    assert len(lines) < 24
    assert lines[-1] == "and 46 more"
    assert max(map(len, lines)) <= 80


def test_the_view_counts_the_ready_units() -> None:
    assert units([WELL, WELL]) == ["2 of 2 units ready - Ctrl-C stops the desk"]


def test_a_unit_that_still_starts_is_not_a_problem() -> None:
    starting = WELL._replace(state="activating", is_ready=False)
    assert units([WELL, starting]) == ["1 of 2 units ready - Ctrl-C stops the desk"]


def test_a_unit_that_a_person_stopped_is_listed() -> None:
    stopped = WELL._replace(state="inactive", is_ready=False)
    assert units([stopped]) == ["0 of 1 units ready - Ctrl-C stops the desk", "broker is inactive"]


def display(*, is_terminal: bool) -> tuple[Display, io.StringIO]:
    output = io.StringIO()
    console = Console(width=80, height=24, file=output, force_terminal=is_terminal, highlight=False)
    return Display(console), output


def test_without_a_terminal_each_change_is_one_line() -> None:
    plain, output = display(is_terminal=False)
    for _ in range(2):
        plain.show([ONE], [LED, D2L], 104.0)
    assert output.getvalue().splitlines() == [
        "LEDs  ● errors: logged by [a.b]",
        "frames: 40 accepted, 3 refused (too slow: 3)",
        "020000000001  1687 VA  30192.303 kWh  HEURE PLEINE  12:34:56",
    ]


def test_a_long_line_is_printed_whole() -> None:
    plain, output = display(is_terminal=False)
    line = f"{LONG} [not markup] ID:KEY:IV"
    plain.say(line)
    assert output.getvalue() == f"{line}\n"


def test_the_last_line_is_below_the_live_view() -> None:
    live, output = display(is_terminal=True)
    with live:
        live.show([ONE], [WELL], 104.0)
        live.end("stopping ...")
    assert output.getvalue().rstrip().endswith("stopping ...")


def test_a_dongle_that_has_not_sent_yet_has_a_row_of_its_own() -> None:
    row = missing_row("021234567890", 100.0)
    (line,) = [line for line in drawn([ONE, row], []) if row.device_id in line]
    assert line.split(maxsplit=1)[1].split("  ")[0] == "no reading yet"
    console = Console(width=80, force_terminal=False, file=io.StringIO())
    display = Display(console)
    with console.capture() as capture:
        display.show([row], [], 100.0)
        display.show([row], [], 101.0)
    assert capture.get() == "021234567890  no reading yet\n"
