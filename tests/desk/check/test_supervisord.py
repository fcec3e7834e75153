import pytest

from hems.desk.check import supervisord
from tests.fakes.tree import Tree

LED = "[program:led]\ncommand = python -m hems led"


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("-m hems led", "-m hems lamp", "[program:led]: command: found 'python -m hems lamp'"),
        ("Type=notify", "Type=simple", "Type: found simple, expected notify"),
        ("Type=notify", "Typ=notify", "unknown directive 'Typ', did you mean Type?"),
        (
            "Type=notify Watchdog",
            "Type=notify After=lead Watchdog",
            "waits for unknown unit 'lead'",
        ),
        ("WatchdogSec=30 ", "", "WatchdogSec is missing"),
        ("TimeoutStartSec=20", "TimeoutStartSec=infinity", "TimeoutStartSec: found infinity"),
        ("RestartPreventExitStatus=78", "RestartPreventExitStatus=1", "lacks 78"),
        (
            "autorestart = true",
            "autorestrat = true",
            "autorestrat: supervisord ignores it; did you",
        ),
        ("user = %(ENV_D2L_USER)s\n", "", "[program:eesmart-d2l]: user: found root, expected an"),
        ("user = %(ENV_D2L_USER)s", "user = root", "[program:eesmart-d2l]: user: found root"),
        ("redirect_stderr = true", "redirect_stderr = maybe", "redirect_stderr: found 'maybe'"),
        ("stopasgroup = true", "stopasgroup = false", "stopasgroup: found 'false'"),
        ("stopwaitsecs = 50", "stopwaitsecs = soon", "stopwaitsecs: found 'soon', expected"),
    ],
)
def test_a_unit_that_does_not_fit_is_found(tree: Tree, old: str, new: str, fault: str) -> None:
    [line] = tree.found(supervisord.problems, supervisord.FILE, old, new)
    assert fault in line


def test_a_renamed_program_leaves_its_worker_without_one(tree: Tree) -> None:
    lines = tree.found(supervisord.problems, supervisord.FILE, LED, LED.replace("led", "lamp"))
    assert lines[0].endswith("the worker led has no [program:led]")
    assert "[program:lamp]: no such worker, expected one of" in lines[1]


def test_a_program_that_stands_there_twice_is_found(tree: Tree) -> None:
    [line] = tree.found(supervisord.problems, supervisord.FILE, LED, f"{LED}\n{LED}")
    assert "section 'program:led' already exists" in line
