"""The advice of every problem can be followed on the desk where it is read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dev.launcher.desk_problem_advice import desk_words, of_a_desk
from hems.protocols.gateway.problem_kinds import KINDS, SERVICE_GIVEN_UP, UNIT_FAILED, UNIT_STOPPED
from hems.supervision.worker.problem import ProblemKind

DESK = Path("/desk")
CONTROL = ".venv/bin/supervisorctl -c /desk/supervisord.conf"
ONLY_ON_A_DEVICE = (
    "`supervisorctl ",
    "/var/log/",
    "balena device",
    "balena's dashboard",
    "container hems",
    "systemctl",
    "7845",
    "push ",
    "reboot the device",
    " /data",
)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_no_advice_of_a_desk_names_what_only_a_device_has(kind: ProblemKind) -> None:
    desk = of_a_desk(kind, DESK)
    assert not [words for words in ONLY_ON_A_DEVICE if words in desk.what_to_do]
    assert desk.what_to_do
    assert (desk.name, desk.title, desk.who) == (kind.name, kind.title, kind.who)


@pytest.mark.parametrize("words", [one for one, _ in desk_words(DESK)])
def test_every_word_of_a_device_is_in_some_advice(words: str) -> None:
    assert any(re.search(words, kind.what_to_do) for kind in KINDS)


def test_commands_are_those_that_a_person_types_on_the_desk() -> None:
    assert of_a_desk(UNIT_STOPPED, DESK).what_to_do == f"run `{CONTROL} start {{subject}}`"
    assert of_a_desk(UNIT_FAILED, DESK).what_to_do == (
        "correct the cause that the problem or /desk/log/{subject}.log names; then run "
        f"`{CONTROL} reset-failed {{subject}}` and `{CONTROL} start {{subject}}`"
    )
    assert "`tail /desk/log/balena.log`" in of_a_desk(SERVICE_GIVEN_UP, DESK).what_to_do
