import pytest

from hems.errors import ProtocolError
from hems.protocols.host.sysfs_files import bytes_written, temperature

STAT = " 8310 2502 597842 3403 154303 80233 4096 70000 0 120000 80000 0 0 0 0 3000 200\n"


def test_what_was_written_is_counted_in_sectors_of_512_bytes() -> None:
    assert bytes_written(STAT) == 4096 * 512


@pytest.mark.parametrize("text", ["", "1 2 3 4 5 6", "1 2 3 4 5 6 -7 8"])
def test_what_are_no_statistics_of_a_disk_is_refused(text: str) -> None:
    with pytest.raises(ProtocolError, match="expected the statistics of a disk"):
        bytes_written(text)


def test_a_temperature_is_in_thousandths() -> None:
    assert temperature("52700\n") == 52.7
    assert temperature("-5000\n") == -5


def test_what_is_no_temperature_is_refused() -> None:
    with pytest.raises(ProtocolError, match="found 'hot', expected thousandths"):
        temperature("hot\n")
