from pathlib import Path

import msgspec
import pytest

from hems.doctor.check_interface import Finding, Severity
from hems.doctor.checks.zigbee_coordinator import DAY_S, backup
from hems.workers.provision.gateway_files import GatewayFiles
from hems.workers.provision.home_assistant.setup_record import HomeAssistantSetupRecord
from tests.fakes.zha import DAY, network_backup


@pytest.fixture
def layout(tmp_path: Path) -> GatewayFiles:
    return GatewayFiles(tmp_path, tmp_path, sets_owner=False)


def findings(layout: GatewayFiles, days: float = 0.0) -> list[Finding]:
    return backup(layout, DAY.timestamp() + days * DAY_S)


def test_a_home_without_zigbee_needs_no_backup(layout: GatewayFiles) -> None:
    assert findings(layout) == []
    layout.home_assistant_record.write_bytes(msgspec.json.encode(HomeAssistantSetupRecord()))
    assert findings(layout) == []


def test_the_backup_of_a_network_has_an_age_and_no_key(layout: GatewayFiles) -> None:
    record = HomeAssistantSetupRecord(has_zigbee=True)
    layout.home_assistant_record.write_bytes(msgspec.json.encode(record))
    [missing] = findings(layout)
    assert (missing.severity, missing.found[:9]) == (Severity.NOTE, "no backup")
    layout.zigbee_network.write_bytes(network_backup(nwk_addresses={"00:12:4b:00": "2b3c"}))
    [known] = findings(layout, days=3)
    assert known.severity is Severity.OK
    assert "3 d old, 1 devices" in known.found
    layout.zigbee_network.write_bytes(network_backup()[:200])
    [damaged] = findings(layout)
    assert (damaged.severity, damaged.advice) == (Severity.FAILED, "delete the file")
    assert "0f:1e" not in f"{known}{damaged}"
