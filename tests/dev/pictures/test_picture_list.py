import pytest

from dev.pictures.desk_with_past import address
from dev.pictures.picture_list import LOCALES, pictures
from hems.errors import Unavailable

PRINTED = """\
page      http://127.0.0.1:8780/
home      Home Assistant: http://127.0.0.1:8123/, user admin, password in
          /run/CONFIG_PASSWORD
"""


def test_each_view_is_pictured_once_for_every_screen_scheme_and_language() -> None:
    names = [one.file_name for language in LOCALES for one in pictures(language)]
    assert len(names) == len(set(names)) == 3 * 2 * 2 * 2 + 2 * 2
    assert "home-phone-dark-fr.png" in names
    assert "live-desktop-light.png" in names


def test_the_addresses_are_those_that_bin_up_prints() -> None:
    assert address("home", PRINTED) == "http://127.0.0.1:8123/"
    assert address("page", PRINTED) == "http://127.0.0.1:8780/"
    with pytest.raises(Unavailable, match="printed no address of the home"):
        address("home", "page http://127.0.0.1:1/")
