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
    found = SettingPlaces()
    for file, text in texts:
        found.add(file, text)
    return found


def test_a_setting_is_at_its_last_line_and_an_unknown_one_at_its_section() -> None:
    found = places((MAIN, TEXT))
    assert found.of("program:a", "command") == Place(MAIN, 3)
    assert found.of("program:a", "autostart") == Place(MAIN, 7)
    assert found.of("program:a", "user") == found.of("program:a") == Place(MAIN, 2)


def test_a_line_that_continues_a_value_is_no_setting() -> None:
    assert ("program:a", "unit") not in places((MAIN, TEXT)).settings


def test_what_occurs_twice_is_found_across_files() -> None:
    found = places((MAIN, TEXT), (EXTRA, "[program:b]\nuser=x\nuser=y\n[program:b]\n"))
    assert list(found.duplicates()) == [
        ("program:b", "", Place(EXTRA, 1), Place(EXTRA, 4)),
        ("program:a", "autostart", Place(MAIN, 6), Place(MAIN, 7)),
    ]


def test_the_settings_of_a_section_that_occurs_twice_are_not_compared() -> None:
    found = places((MAIN, TEXT), (EXTRA, "[program:a]\ncommand=b\n"))
    assert list(found.duplicates()) == [("program:a", "", Place(MAIN, 2), Place(EXTRA, 1))]
