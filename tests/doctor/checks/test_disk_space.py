import pytest

from hems.doctor.check_interface import Severity
from hems.doctor.checks import disk_space


@pytest.mark.parametrize(
    ("free", "severity"),
    [
        (0, Severity.FAILED),
        (99, Severity.FAILED),
        (100, Severity.NOTE),
        (149, Severity.NOTE),
        (150, Severity.OK),
    ],
)
def test_too_little_free_space_has_failed_and_little_is_a_note(
    free: int, severity: Severity
) -> None:
    assert disk_space.free_share(free, 1000, "some", "free some").severity is severity


def test_a_disk_without_a_size_is_full() -> None:
    assert disk_space.free_share(0, 0, "0 MB", "free some").severity is Severity.FAILED
