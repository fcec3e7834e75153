import pytest
from offline_page import ICON, LOCAL, NETWORK, offline

PAGE = "".join(f'<script src="{remote}x.js"></script>' for remote in LOCAL)


def test_files_of_the_delivery_network_are_loaded_from_below_the_page() -> None:
    assert offline(PAGE) == "".join(
        f'<script src="{local}x.js"></script>' for local in ("ace/", "mdi/css/", "materialize/css/")
    )


def test_the_authors_portraits_go_and_their_names_stay() -> None:
    chip = '<div> <img src="https://avatars.example/u/1?v=4&s=4" alt="A"> <a>name</a></div>'
    assert offline(PAGE + chip).endswith("<div>  <a>name</a></div>")


@pytest.mark.parametrize("remote", LOCAL)
def test_a_page_of_another_version_is_refused(remote: str) -> None:
    with pytest.raises(ValueError, match="does not load"):
        offline(PAGE.replace(remote, "elsewhere/"))


def test_a_page_that_loads_more_than_is_known_is_refused() -> None:
    with pytest.raises(ValueError, match="another file from"):
        offline(f"{PAGE}{NETWORK}/jquery/jquery.js")


def test_no_icon_is_asked_for_outside_the_page() -> None:
    assert offline(f"<html><head>{PAGE}").startswith(f"<html><head>{ICON}")
