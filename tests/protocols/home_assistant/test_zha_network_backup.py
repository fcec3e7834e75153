from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from hems.errors import ProtocolError
from hems.protocols.home_assistant.zha_network_backup import (
    COUNTER_STEP,
    LAST_COUNTER,
    NetworkBackup,
    decoded,
    newest,
)
from tests.fakes.zha import DAY, network_backup

KEY = "0f:1e:2d:3c:4b:5a:69:78:87:96:a5:b4:c3:d2:e1:f0"


def backup(**changes: Any) -> NetworkBackup:
    return decoded(network_backup(**changes), "a test")


def test_the_newest_complete_backup_counts() -> None:
    old, new = network_backup(), network_backup(at=DAY + timedelta(days=1))
    assert newest([new, old]) == decoded(new, "")
    for incomplete in (
        {"network_key": "ff:" * 15 + "ff"},
        {"channel": 0},
        {"ieee": "ff:" * 7 + "ff"},
        {"extended_pan_id": "ff:" * 7 + "ff"},
    ):
        assert newest([network_backup(at=DAY + timedelta(days=2), **incomplete)]) is None
    assert newest([]) is None


def test_only_what_matters_makes_a_backup_worth_keeping() -> None:
    kept = backup(counter=5000)
    later = DAY + timedelta(days=1)
    for changes, is_worth in (
        ({}, False),
        ({"counter": 5000 + COUNTER_STEP - 1}, False),
        ({"counter": 5000 + COUNTER_STEP}, True),
        ({"counter": 4999}, True),  # a new stick
        ({"channel": 20, "counter": 5000}, True),
        ({"network_key": "01:" * 15 + "01", "counter": 5000}, True),
        ({"nwk_addresses": {"00:12:4b:00:00:00:00:01": "2b3c"}, "counter": 5000}, True),
        ({"ieee": "00:12:4b:00:de:ad:be:ee", "counter": 5000}, True),
    ):
        new = backup(at=later, **{"counter": 5001, **changes})
        assert new.is_worth_keeping_after(kept) == is_worth, changes
    assert not backup(channel=20).is_worth_keeping_after(kept)  # it is no newer
    assert backup(channel=20).is_of_network(kept)
    assert not backup(network_key="01:" * 15 + "01").is_of_network(kept)


@pytest.mark.parametrize("days", [-1, 0, 30])
def test_the_counter_to_restore_is_above_all_that_was_used(days: int) -> None:
    kept = backup(counter=5000)
    restored = msgspec.json.decode(kept.to_restore(DAY + timedelta(days=days)))
    counter = restored["network_info"]["network_key"].pop("tx_counter")
    used_since = max(0, days) * 86400 * 10
    assert counter == 5000 + COUNTER_STEP + used_since
    original = msgspec.json.decode(kept.content)
    del original["network_info"]["network_key"]["tx_counter"]
    assert restored == original  # all else is as ZHA wrote it


def test_the_counter_has_an_end() -> None:
    restored = backup(counter=0xFFFF_FFF0).to_restore(datetime(2036, 1, 1, tzinfo=UTC))
    key = msgspec.json.decode(restored)["network_info"]["network_key"]
    assert key["tx_counter"] == LAST_COUNTER < 2**32 - 10_000


def test_no_key_is_shown() -> None:
    shown = repr(backup())
    with pytest.raises(ProtocolError) as error:
        decoded(network_backup().replace(b'"channel":15', b'"channel":"x"'), "the file")
    for text in (shown, str(error.value)):
        assert KEY not in text
