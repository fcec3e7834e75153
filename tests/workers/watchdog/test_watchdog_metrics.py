import msgspec
import pytest

from hems.workers.watchdog.watchdog_metrics import WatchdogMetrics, duration, status

CALM = WatchdogMetrics(
    internet="online",
    internet_for_s=7200.0,
    next_reboot_in_s=None,
    is_reboot_budget_exhausted=False,
    is_data_unwritable=False,
    given_up=(),
    troubles={},
    last_action="",
    has_supervisor=True,
)


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({}, "online for 2.0 h"),
        ({"has_supervisor": False}, "online for 2.0 h; no balena Supervisor: nothing is restarted"),
        (
            {"is_data_unwritable": True},
            "online for 2.0 h; the data directory cannot be written, so no reboot is made",
        ),
        ({"given_up": ("mqtt", "influxdb")}, "online for 2.0 h; given up: mqtt, influxdb"),
        (
            {"next_reboot_in_s": -3.0, "is_reboot_budget_exhausted": True},
            "online for 2.0 h; a reboot is due in 0 s; reboots have not helped",
        ),
        ({"last_action": "T  reboot: x"}, "online for 2.0 h; last: T  reboot: x"),
    ],
)
def test_the_line_for_people_says_what_is_not_as_it_should_be(
    changes: dict[str, object], line: str
) -> None:
    assert status(msgspec.structs.replace(CALM, **changes)) == line


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.4, "0 s"), (59.0, "59 s"), (60.0, "1.0 min"), (5400.0, "1.5 h"), (259200.0, "3.0 d")],
)
def test_a_length_of_time_is_in_its_largest_unit(seconds: float, text: str) -> None:
    assert duration(seconds) == text
