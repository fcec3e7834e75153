"""What the entities of a login keep of the messages that they hear."""

from __future__ import annotations

import time

import pytest
from announcement_ledger import NAMED
from entity_contents import MAX_UNHEARD, MOST, EntityContents

HEARD = NAMED[1]  # the most topics that all logins may name together
MESSAGES = 2_000


@pytest.fixture
def contents() -> EntityContents:
    return EntityContents()


def test_a_message_is_little_work_however_many_topics_are_known(contents: EntityContents) -> None:
    contents.name("plug", {f"plug/{number}": 1 for number in range(HEARD)})
    for number in range(HEARD):
        contents.hear(f"plug/{number}", 10, is_kept=False)
    for number in range(MAX_UNHEARD):
        contents.hear(f"kept/{number}", 10, is_kept=True)
    began_at = time.thread_time()
    for number in range(MESSAGES):
        contents.hear(f"plug/{number}", 11, is_kept=False)
        contents.hear(f"nobody/{number}", 10, is_kept=False)
        contents.hear(f"new/{number}", 10, is_kept=True)
    assert (
        time.thread_time() - began_at < MESSAGES * 2e-4
    )  # a pass over all takes ten times as much


def test_of_too_many_messages_that_nobody_hears_the_oldest_is_forgotten(
    contents: EntityContents,
) -> None:
    contents.hear("plug/heard", MOST // 2, is_kept=True)
    contents.name("plug", {"plug/heard": 1})
    for number in range(MAX_UNHEARD + 1):
        contents.hear(f"plug/{number}", MOST, is_kept=True)
    assert contents.takes_names("plug", {}, {"plug/0": 1})
    assert not contents.takes_names("plug", {}, {"plug/1": 1})
    assert not contents.takes_names("plug", {}, {f"plug/{MAX_UNHEARD}": 1})
    assert not contents.takes("plug/heard", MOST + 1)


def test_what_is_named_again_is_counted_as_before(contents: EntityContents) -> None:
    names = {"plug/a": 3}
    contents.hear("plug/a", 1000, is_kept=True)
    for _ in range(2):
        contents.name("plug", names)
        assert not contents.takes_names("plug", {}, {"plug/a": MOST // 1000 - 2})
        contents.name("plug", names, -1)
        assert contents.takes_names("plug", {}, {"plug/a": MOST // 1000})
    contents.forget_unheard()
    assert contents.takes_names("plug", {}, {"plug/a": MOST})
