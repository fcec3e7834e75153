from pathlib import Path

from hems.doctor.check_interface import Finding, Severity
from hems.doctor.checks.zigbee_coordinator import DAY_S, backup
from tests.fakes.zha import DAY, network_backup


def findings(path: Path, days: float = 0.0) -> list[Finding]:
    return [*backup(path, DAY.timestamp() + days * DAY_S)]


def test_the_backup_of_a_network_has_an_age_and_no_key(tmp_path: Path) -> None:
    path = tmp_path / "backup"
    assert findings(path) == []
    path.write_bytes(network_backup(nwk_addresses={"00:12:4b:00": "2b3c"}))
    [known] = findings(path, days=3)
    assert (known.severity, known.found[:44]) == (
        Severity.OK,
        "backup of the network of 3 d ago, 1 devices;",
    )
    path.write_bytes(network_backup()[:200])
    [damaged] = findings(path)
    assert (damaged.severity, damaged.advice) == (Severity.FAILED, "delete the file")
    assert "0f:1e" not in f"{known}{damaged}"
