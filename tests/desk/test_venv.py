import pytest

from hems.desk.venv import explained


@pytest.mark.parametrize(
    ("problem", "hint"),
    [
        ("OSError: [Errno 28] No space left on device", "the disk is full"),
        ("/x/.hems: Read-only file system", "clone it to a place of your own"),
        ("/x/.hems: Permission denied", "clone it to a place of your own"),
        ("Failed to establish a new connection: [Errno -3]", "is this machine on line"),
        ("ERROR: Could not find a version that satisfies the", "is this machine on line"),
    ],
)
def test_a_known_problem_comes_with_what_to_do(problem: str, hint: str) -> None:
    assert problem in explained(problem)
    assert hint in explained(problem)


def test_a_hint_is_given_once() -> None:
    both = "Failed to establish a new connection, Could not find a version"
    assert explained(both).count("is this machine on line") == 1


def test_an_unknown_problem_stays_as_it_is() -> None:
    assert explained("something else") == "something else"
