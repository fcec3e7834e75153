import os

from hems.system.subprocesses import last_lines, members


def test_the_last_lines_are_indented_and_without_blanks() -> None:
    assert last_lines("one\n\ntwo\n  \nthree\n", count=2) == "  two\n  three"


def test_the_last_lines_of_nothing_are_nothing() -> None:
    assert last_lines("\n") == ""


def test_this_process_is_a_member_of_its_session() -> None:
    assert os.getpid() in members(os.getsid(0))
