import pytest

from dev.check.checks import supervisord_variables_are_settings
from dev.check.supervisord_conf import FILE
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
def test_a_variable_that_no_worker_reads_is_found(
    tree: Tree, old: str, new: str, fault: str
) -> None:
    [line] = tree.found(supervisord_variables_are_settings.problems, FILE, old, new)
    assert fault in line
