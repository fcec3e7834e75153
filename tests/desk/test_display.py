from dataclasses import replace

from rich.console import Console

from hems.desk.display import caption, table
from hems.desk.readings import Shown
from hems.supervision.health import Row

ONE = Shown("020000000001", "1687 VA", "30192.303 kWh", "HEURE PLEINE", "12:34:56", 7)
WELL = Row("broker", "simple", "active", "", True, True, "", 0, "", "{}")
ILL = replace(
    WELL,
    name="eesmart-d2l",
    state="failed",
    reason="exit status 78",
    is_healthy=False,
    is_ready=False,
)


def test_every_value_fits_into_a_line_of_80_columns() -> None:
    console = Console(width=80, record=True, file=None, force_terminal=False)
    with console.capture() as capture:
        console.print(table([ONE], [WELL]))
    line = next(line for line in capture.get().splitlines() if ONE.device_id in line)
    for value in (ONE.power, ONE.energy, ONE.tariff, ONE.clock, "7"):
        assert value in line


def test_meters_keep_their_order_whoever_spoke_last() -> None:
    found = table([replace(ONE, device_id="2"), replace(ONE, device_id="1")], [])
    assert list(found.columns[0].cells) == ["1", "2"]


def test_the_caption_counts_the_healthy() -> None:
    assert caption([WELL, WELL]).startswith("2 units ready")


def test_the_caption_says_what_is_wrong() -> None:
    assert caption([WELL, ILL]) == "1 of 2 units ready; eesmart-d2l is failed: exit status 78"


def test_the_leds_stand_above_the_health() -> None:
    figures = '{"lamps": {"errors": {"pattern": "solid", "meaning": "logged by [a.b]"}}}'
    found = table([ONE], [WELL, replace(WELL, name="led", figures=figures)])
    console = Console(width=80, force_terminal=False)
    with console.capture() as capture:
        console.print(found)
    below = [line.strip() for line in capture.get().splitlines()[-2:]]
    assert below == ["● errors: logged by [a.b]", "2 units ready - Ctrl-C ends"]
