import json
from pathlib import Path

import pytest

from hems.workers.provision.home_assistant.user_language_reader import CHOICES, languages


def choose(folder: Path, user: str, settings: object) -> None:
    path = folder / f"{CHOICES}{user}"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"version": 1, "key": path.name, "data": settings}))


def test_the_language_is_what_the_user_has_chosen(tmp_path: Path) -> None:
    choose(tmp_path, "a", {"language": {"language": "nl", "number_format": "language"}})
    choose(tmp_path, "b", {"core": {"default_panel": "energy"}})
    assert languages(tmp_path, ["a", "b", "c"]) == {"a": "nl", "b": "", "c": ""}


@pytest.mark.parametrize(
    "content", ["", "[", "{}", '{"data": {"language": 7}}', '{"data": {"language": null}}']
)
def test_a_file_that_is_none_chooses_nothing(tmp_path: Path, content: str) -> None:
    choose(tmp_path, "a", {})
    (tmp_path / f"{CHOICES}a").write_text(content)
    assert languages(tmp_path, ["a"]) == {"a": ""}


def test_without_the_folder_nobody_has_chosen() -> None:
    assert languages(None, ["a"]) == {"a": ""}


def test_an_id_is_no_path(tmp_path: Path) -> None:
    choose(tmp_path, "a", {"language": {"language": "nl"}})
    assert languages(tmp_path, ["x/../a", "../a"]) == {"x/../a": "", "../a": ""}
