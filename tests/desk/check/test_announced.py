import pytest

from hems.desk.check import announced, supervisord
from tests.fakes.tree import Tree


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("WATCHDOG_STATE_FILE", "WATCHDOG_STATEFILE", "HEMS_WATCHDOG_STATEFILE: unknown setting"),
        (
            "\nhealth_file = ",
            "\nhealth_file = /tmp/",
            "health_file: found /tmp/%(ENV_HEMS_RUN_DIR)s",
        ),
        ("\nhealth_file = ", "\nhealthfile = ", "health_file: found none, expected HEMS_TELEMETRY"),
    ],
)
def test_what_no_worker_would_hear_of_is_found(tree: Tree, old: str, new: str, fault: str) -> None:
    [line] = tree.found(announced.problems, supervisord.FILE, old, new)
    assert fault in line


def test_what_stands_there_is_right(tree: Tree) -> None:
    assert list(announced.problems(tree.root)) == []
