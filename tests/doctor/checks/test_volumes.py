from pathlib import Path

from hems.doctor.check_interface import Severity
from hems.doctor.checks import volumes
from hems.doctor.repair_commands import RepairCommands

COMMANDS = RepairCommands()


def test_a_directory_in_place_of_a_volume_has_failed(tmp_path: Path) -> None:
    assert volumes.volume(tmp_path, COMMANDS, is_volume=False).severity is Severity.OK
    finding = volumes.volume(tmp_path, COMMANDS, is_volume=True)
    assert finding.severity is Severity.FAILED
    assert "is not a volume" in finding.found
