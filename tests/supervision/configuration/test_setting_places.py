from pathlib import Path

from hems.supervision.configuration.setting_places import Place, SettingPlaces

MAIN, EXTRA = Path("main.conf"), Path("extra.conf")
TEXT = """; a comment
[program:a]
command = a
environment = A="1",
  UNIT="Type=notify"
Autostart: false
autostart = true
"""


def places(*texts: tuple[Path, str]) -> SettingPlaces:
    of_files = SettingPlaces()
    for file, text in texts:
        of_files.add(file, text)
    return of_files


def test_a_setting_is_at_its_last_line_and_an_unknown_one_at_its_section() -> None:
    settings = places((MAIN, TEXT))
    assert settings.of("program:a", "command") == Place(MAIN, 3)
    assert settings.of("program:a", "autostart") == Place(MAIN, 7)
    assert settings.of("program:a", "user") == settings.of("program:a") == Place(MAIN, 2)


def test_a_line_that_continues_a_value_is_no_setting() -> None:
    assert ("program:a", "unit") not in places((MAIN, TEXT)).settings


def test_what_occurs_twice_is_found_across_files() -> None:
    settings = places((MAIN, TEXT), (EXTRA, "[program:b]\nuser=x\nuser=y\n[program:b]\n"))
    assert list(settings.duplicates()) == [
        ("program:b", "", Place(EXTRA, 1), Place(EXTRA, 4)),
        ("program:a", "autostart", Place(MAIN, 6), Place(MAIN, 7)),
    ]


def test_the_settings_of_a_section_that_occurs_twice_are_not_compared() -> None:
    settings = places((MAIN, TEXT), (EXTRA, "[program:a]\ncommand=b\n"))
    assert list(settings.duplicates()) == [("program:a", "", Place(MAIN, 2), Place(EXTRA, 1))]
