from hems.doctor.checks import settings
from hems.doctor.finding import Level, ok
from hems.settings.problem import NOBODYS, Problem


def test_each_problem_of_the_settings_is_listed() -> None:
    wrong, unknown = settings.look([Problem("mqtt", "a"), Problem(NOBODYS, "HEMS_B")])
    assert (wrong.level, wrong.found) == (Level.FAILED, "a")
    assert (unknown.level, unknown.found) == (Level.NOTE, "ignored: HEMS_B")


def test_no_problem_is_said_too() -> None:
    assert settings.look([]) == [ok("all make sense")]
