"""The backup of the Zigbee network that the gateway keeps itself."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from hems.protocols.gateway.zigbee_problem_kinds import (
    ZIGBEE_NETWORK_CHOICE,
)
from hems.protocols.home_assistant.zha_network_backup import decoded
from hems.workers.provision.home_assistant.zigbee_network_backup import AGAIN_S, FIRST_S
from tests.fakes.home_assistant import FakeHomeAssistant
from tests.fakes.provision import Home
from tests.fakes.zha import DAY, SONOFF, STICK, FakeZha, network_backup

SET_UP_S = 150.0
KEY = "0f:1e:2d:3c:4b:5a"
OTHER_KEY = "01:" * 15 + "01"


@pytest.fixture
def zha(peer: FakeHomeAssistant) -> FakeZha:
    peer.zha.plug_in(network="of the home")
    peer.zha.backups.append(network_backup())
    return peer.zha


def kept(home: Home, name: str = "zigbee_network.json") -> Any:
    path = file(home, name)
    return decoded(path.read_bytes(), name) if path.exists() else None


def file(home: Home, name: str = "zigbee_network.json") -> Path:
    return home.data / name


def test_the_newest_backup_is_kept_in_a_private_file(home: Home, zha: FakeZha) -> None:
    home.run(SET_UP_S)
    assert kept(home) == decoded(network_backup(), "")
    assert file(home).stat().st_mode & 0o777 == 0o600
    assert not any(KEY in line for line in home.lines)


def test_the_file_is_written_again_only_for_what_matters(home: Home, zha: FakeZha) -> None:
    home.run(SET_UP_S)
    before = file(home).stat().st_mtime_ns, file(home).stat().st_ino
    zha.backups.append(network_backup(at=DAY + timedelta(days=1), counter=90_000))
    home.run(2 * AGAIN_S)
    assert (file(home).stat().st_mtime_ns, file(home).stat().st_ino) == before
    joined = {"00:12:4b:00:00:00:00:01": "2b3c"}
    zha.backups.append(network_backup(at=DAY + timedelta(days=2), nwk_addresses=joined))
    home.run(2 * AGAIN_S)
    assert kept(home).network_info.nwk_addresses == joined


def test_the_network_before_another_one_stays(home: Home, zha: FakeZha) -> None:
    home.run(SET_UP_S)
    for day, key in ((1, OTHER_KEY), (2, OTHER_KEY.replace("01", "02"))):
        before = kept(home)
        zha.backups = [network_backup(at=DAY + timedelta(days=day), network_key=key)]
        home.run(2 * AGAIN_S)
        assert kept(home).network_info.network_key.key == key
        assert kept(home, "zigbee_network_before.json") == before


def test_a_missing_backup_is_made_once_zha_had_its_time(home: Home, zha: FakeZha) -> None:
    zha.backups.clear()
    home.run(FIRST_S - 60)
    assert kept(home) is None
    assert zha.backups == []
    home.run(2 * FIRST_S)
    assert kept(home) is not None


def test_a_damaged_file_is_replaced(home: Home, zha: FakeZha) -> None:
    file(home).write_text("{")
    home.run(SET_UP_S)
    assert kept(home) is not None


def test_a_blank_stick_in_a_new_home_assistant_waits_for_a_person(home: Home, zha: FakeZha) -> None:
    file(home).write_bytes(network_backup())
    zha.networks[STICK] = ""
    home.run(FIRST_S)
    problem = ZIGBEE_NETWORK_CHOICE.found(f"the stick {SONOFF} has none")
    assert problem in (home.notifier.latest_problems or ())
    assert zha.networks[STICK] == ""
    assert zha.entries == []
