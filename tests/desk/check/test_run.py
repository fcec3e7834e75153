from collections.abc import Iterator
from pathlib import Path

import pytest

from hems.desk.check import run
from hems.desk.check.run import Check, Outcome, Verdict, outcome
from hems.errors import ConfigError, Unavailable

ROOT = Path("/nowhere")


def well(root: Path) -> list[str]:
    return []


def ill(root: Path) -> list[str]:
    return ["a: found b,\nexpected c"]


def unreadable(root: Path) -> Iterator[str]:
    yield "lost"
    raise ConfigError("a cannot be read")


def offline(root: Path) -> list[str]:
    raise Unavailable("no registry")


def test_a_check_without_findings_is_ok() -> None:
    assert outcome(Check("", well), ROOT, is_ci=True) == Outcome(Verdict.OK, ())


def test_what_cannot_be_read_fails() -> None:
    expected = Outcome(Verdict.FAILED, ("a cannot be read",))
    assert outcome(Check("", unreadable), ROOT, is_ci=False) == expected


@pytest.mark.parametrize(("is_ci", "verdict"), [(True, Verdict.FAILED), (False, Verdict.SKIPPED)])
def test_what_cannot_be_looked_at_is_skipped_but_fails_in_ci(is_ci: bool, verdict: Verdict) -> None:
    assert outcome(Check("", offline), ROOT, is_ci=is_ci) == Outcome(verdict, ("no registry",))


def test_a_missing_program_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    assert outcome(Check("", ill, ("nginx",)), ROOT, is_ci=False) == Outcome(
        Verdict.SKIPPED, ("not installed: nginx; on Debian: apt install nginx libnginx-mod-stream",)
    )


def test_each_check_is_a_line_and_each_fault_stands_below(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(run, "CHECKS", (Check("first", well), Check("second", ill)))
    assert run.run(root=ROOT) == 1
    assert capsys.readouterr().out.splitlines() == [
        "ok       first",
        "failed   second",
        "         a: found b,",
        "         expected c",
    ]


def test_what_one_check_said_the_next_does_not_repeat(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(run, "CHECKS", (Check("first", ill), Check("second", ill)))
    assert run.run(root=ROOT) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[3:] == ["skipped  second: see above"]


def test_nothing_wrong_ends_with_0(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "CHECKS", (Check("first", well), Check("second", offline)))
    monkeypatch.delenv("CI", raising=False)
    assert run.run(root=ROOT) == 0
