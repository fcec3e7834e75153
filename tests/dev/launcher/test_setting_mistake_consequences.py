"""The first lines of bin/up say what a mistake in a setting changes."""

import pytest

from dev.launcher.setting_mistake_consequences import lines
from hems.settings.validation_problems import DEFAULT, UNKNOWN, SettingsProblem


@pytest.mark.parametrize(
    ("problem", "line"),
    [
        (
            SettingsProblem(UNKNOWN, "HEMS_FOO: unknown setting"),
            "ignored   HEMS_FOO: unknown setting",
        ),
        (SettingsProblem("home_assistant", "a", DEFAULT), "wrong     a; the default is used"),
        (SettingsProblem("led", "b"), "wrong     b; led does not start"),
        (
            SettingsProblem("mqtt", "c"),
            "wrong     c; eesmart-d2l, provision, telemetry do not start",
        ),
        (
            SettingsProblem("WIFI_PORTAL_PASSPHRASE", "d"),
            "wrong     d; no worker of the desk reads it",
        ),
    ],
    ids=["unknown", "cosmetic", "one worker", "several", "another container"],
)
def test_a_mistake_is_a_line_with_its_consequence(problem: SettingsProblem, line: str) -> None:
    assert list(lines([problem])) == [line]
