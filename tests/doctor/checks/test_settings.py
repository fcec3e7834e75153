from hems.doctor.check_interface import CheckContext, Severity, ok
from hems.doctor.checks import settings
from hems.settings import Settings
from hems.settings.home_assistant import HomeAssistantSettings
from hems.settings.validation_problems import DEFAULT, UNKNOWN, SettingsProblem


def test_every_problem_with_the_settings_is_a_finding() -> None:
    problems = (
        SettingsProblem("mqtt", "a"),
        SettingsProblem("home_assistant", "b", DEFAULT),
        SettingsProblem(UNKNOWN, "HEMS_B"),
    )
    wrong, cosmetic, unknown = settings.check(CheckContext(Settings(problems=problems)))
    assert (wrong.severity, wrong.found) == (Severity.FAILED, "a")
    assert wrong.advice.endswith("; its workers do not run until then")
    assert (cosmetic.severity, cosmetic.found) == (Severity.FAILED, "b")
    assert cosmetic.advice.endswith("; until then, the default is used")
    assert (unknown.severity, unknown.found) == (Severity.NOTE, "ignored: HEMS_B")


def test_a_time_zone_that_does_not_exist_is_a_finding() -> None:
    home = HomeAssistantSettings(time_zone="Mars/Phobos")
    (finding,) = settings.check(CheckContext(Settings(home_assistant=home)))
    assert finding.found.startswith("[home_assistant] time_zone: found 'Mars/Phobos', expected a")
    assert finding.advice.endswith("; until then, the default is used")


def test_settings_without_a_problem_are_one_line() -> None:
    assert settings.check(CheckContext(Settings())) == [ok("all values are valid")]
