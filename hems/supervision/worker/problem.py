"""A problem that a person has to know: its kind, and the report of a process that found one.

A process reports the list of its current problems (notifier.py). The supervisor keeps the list of
all, with the patience of each kind (health/problem_list.py).
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Actor(StrEnum):
    """Who can repair a problem."""

    FAMILY = "family"
    INSTALLER = "installer"
    OPERATOR = "operator"


class ReportedProblem(NamedTuple):
    """One problem of a report. `subject` distinguishes several of one name: a unit, a meter.

    `found` is what was found, in one line, without a secret; None while it is not known whether
    the problem exists, so that whatever was known before stays: of every subject if there is none.
    """

    name: str
    subject: str = ""
    found: str | None = None


class ProblemKind(NamedTuple):
    """What all problems of one name have in common.

    `title` says in plain words what is wrong, `what_to_do` how `who` repairs it; {subject} in them
    stands for the problem's subject. A problem is listed once it has lasted for `patience_s` (s).
    It is over once it has been gone for `gone_s` (s), so that it does not come and go.
    """

    name: str
    title: str = ""
    what_to_do: str = ""
    who: Actor = Actor.OPERATOR
    patience_s: float = 0.0
    gone_s: float = 0.0

    def found(self, found: str, subject: str = "") -> ReportedProblem:
        """Return the report of a problem of this kind.

        `found` has values and times, but no age: every change of it is published.
        """
        return ReportedProblem(self.name, subject, found)

    def unknown(self, subject: str = "") -> ReportedProblem:
        """Return the report that it is not known whether the problem exists, for any `subject`."""
        return ReportedProblem(self.name, subject)


def about(text: str, subject: str) -> str:
    """Return `text`, a title or an advice, for the problem with this subject."""
    return text.replace("{subject}", subject)
