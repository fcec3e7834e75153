import os
from pathlib import Path

import message_store
import pytest
from message_store import BYTES_A_DAY, DAY_S, INTERVAL_S, KEPT_S, MessageStore


@pytest.fixture
def store(tmp_path: Path) -> MessageStore:
    return MessageStore(tmp_path)


def test_one_copy_of_a_damaged_store_is_kept_for_a_month(store: MessageStore) -> None:
    assert store.damaged_at() is None
    assert not store.put_aside()
    for content in ("first", "second"):
        store.path.write_text(content)
        assert store.put_aside()
        store.keep_damaged()
        assert store.damaged.read_text() == content
        assert store.damaged_at()
    assert len(list(store.path.parent.iterdir())) == 1
    old = store.damaged.stat().st_mtime - KEPT_S - 1
    os.utime(store.damaged, (old, old))
    assert store.damaged_at() is None
    assert not store.damaged.exists()


def test_what_was_put_aside_comes_back_unless_there_is_a_store(store: MessageStore) -> None:
    store.put_back()
    store.path.write_text("whole")
    store.put_aside()
    store.put_back()
    assert store.path.read_text() == "whole"
    store.put_aside()
    store.path.write_text("new")
    store.put_back()
    assert store.path.read_text() == "new"


@pytest.mark.parametrize("size", [0, 100_000, 3_000_000, 20_000_000])
def test_a_day_writes_a_few_megabytes_whatever_the_size(store: MessageStore, size: int) -> None:
    assert store.pause_s() == INTERVAL_S
    with store.path.open("wb") as file:
        file.truncate(size)
    saves = DAY_S / store.pause_s()
    assert saves * size <= BYTES_A_DAY
    assert message_store.BYTES_A_DAY < 10_000_000
    assert store.pause_s() >= INTERVAL_S
