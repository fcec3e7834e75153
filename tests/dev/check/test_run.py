from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from dev.check import checks
from dev.check.run import Check, Outcome, Verdict, discover, outcome, report
from hems.errors import ConfigError, Unavailable
from tests.fakes.tree import Tree

ROOT = Path("/nowhere")
DISCOVERED = discover(checks.__path__, checks.__name__)
# Checks that run a program are in tests/deploy.
QUICK = [check for check in DISCOVERED if not check.programs and "hadolint" not in check.title]


def without_problems(root: Path) -> list[str]:
    return []


def with_a_problem(root: Path) -> list[str]:
    return ["a: found b,\nexpected c"]


def unreadable(root: Path) -> Iterator[str]:
    yield "lost"
    raise ConfigError("a cannot be read")


def offline(root: Path) -> list[str]:
    raise Unavailable("no registry")


@pytest.mark.parametrize("check", QUICK, ids=lambda check: check.title)
def test_the_repository_passes_the_check(tree: Tree, check: Check) -> None:
    assert list(check.problems(tree.root)) == []


def test_each_module_is_a_check_with_a_title_of_its_own() -> None:
    folder = Path(checks.__path__[0])
    modules = [*folder.glob("[!_]*.py"), *folder.glob("*/__init__.py")]  # not what git left behind
    assert len(DISCOVERED) == len(modules)
    assert len({check.title for check in DISCOVERED}) == len(DISCOVERED)


def test_a_new_module_is_a_check(tmp_path: Path, mocker: MockerFixture) -> None:
    module = tmp_path / "planted_checks" / "has_a_licence.py"
    module.parent.mkdir()
    module.write_text(
        'TITLE = "b: a licence is there"\n'
        'PROGRAMS = ("cat",)\n'
        "def problems(root):\n"
        '    yield f"{root}: no licence"\n'
    )
    module.with_name("another.py").write_text(
        'TITLE = "a: x"\ndef problems(root):\n    return []\n'
    )
    mocker.patch("sys.path", [str(tmp_path)])
    first, second = discover([str(module.parent)], "planted_checks")
    assert (first.title, first.programs) == ("a: x", ())
    assert (second.title, second.programs) == ("b: a licence is there", ("cat",))
    assert list(second.problems(ROOT)) == ["/nowhere: no licence"]


def test_the_settings_are_checked_before_the_files_that_are_compared_with_them() -> None:
    assert DISCOVERED[0].title == "settings: etc/hems.toml is valid"
    titles = [check.title for check in DISCOVERED[1:]]
    assert titles == sorted(titles)


def test_a_check_without_problems_is_ok() -> None:
    assert outcome(Check("", without_problems), ROOT, is_ci=True) == Outcome(Verdict.OK, ())


def test_a_check_that_cannot_read_a_file_fails() -> None:
    expected = Outcome(Verdict.FAILED, ("a cannot be read",))
    assert outcome(Check("", unreadable), ROOT, is_ci=False) == expected


@pytest.mark.parametrize(("is_ci", "verdict"), [(True, Verdict.FAILED), (False, Verdict.SKIPPED)])
def test_a_check_that_cannot_run_is_skipped_but_fails_in_ci(is_ci: bool, verdict: Verdict) -> None:
    assert outcome(Check("", offline), ROOT, is_ci=is_ci) == Outcome(verdict, ("no registry",))


def test_a_missing_program_is_named_with_its_package(mocker: MockerFixture) -> None:
    mocker.patch("shutil.which", return_value=None)
    assert outcome(Check("", with_a_problem, ("nginx",)), ROOT, is_ci=False) == Outcome(
        Verdict.SKIPPED, ("not installed: nginx; on Debian: apt install nginx libnginx-mod-stream",)
    )


def test_each_check_prints_a_line_and_its_problems_below(
    capsys: pytest.CaptureFixture[str],
) -> None:
    selected = (Check("first", without_problems), Check("second", with_a_problem))
    assert report(selected, ROOT, is_ci=False) == 1
    assert capsys.readouterr().out.splitlines() == [
        "ok       first",
        "failed   second",
        "         a: found b,",
        "         expected c",
    ]


def test_a_problem_is_printed_once(capsys: pytest.CaptureFixture[str]) -> None:
    selected = (Check("first", with_a_problem), Check("second", with_a_problem))
    assert report(selected, ROOT, is_ci=False) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[3:] == ["skipped  second: see above"]


def test_skipped_checks_end_with_0() -> None:
    selected = (Check("first", without_problems), Check("second", offline))
    assert report(selected, ROOT, is_ci=False) == 0
