"""Bans of the gateway itself, and backups that were cut off, before Home Assistant starts."""

from __future__ import annotations

import gzip
import io
import random
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from volume_repairs import BANS, is_truncated, lift_bans, remove_truncated_backups

NOW = datetime(2026, 11, 20, 10, 30, tzinfo=UTC).timestamp()
STRANGER = "192.168.1.77:\n  banned_at: '2026-11-20T10:00:00.000000+00:00'\n"
OWN = "172.18.4.4:\n  banned_at: '2026-11-20T10:00:00.000000+00:00'\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(OWN, "", id="only our own"),
        pytest.param(OWN + STRANGER, STRANGER, id="ours first"),
        pytest.param(STRANGER + OWN, STRANGER, id="ours last"),
        pytest.param(f"\n{OWN}\n{STRANGER}", f"\n{STRANGER}", id="blank lines, as it appends them"),
        pytest.param("'172.18.4.1':\n  banned_at: x\n", "", id="quoted"),
        pytest.param("172.18.4.1: {banned_at: x}\n", "", id="on one line"),
        pytest.param("172.18.4.11:\n  banned_at: x\n", None, id="a longer address"),
        pytest.param(f"# 172.18.4.1:\n{STRANGER}", None, id="a comment"),
        pytest.param(STRANGER, None, id="none of ours"),
    ],
)
def test_bans(tmp_path: Path, before: str, after: str | None) -> None:
    path = tmp_path / BANS
    path.write_text(before)
    lines = list(lift_bans(tmp_path, NOW))
    assert path.read_text() == (before if after is None else after)
    assert len(lines) == (after is not None)


def test_bans_are_lifted_at_every_start(tmp_path: Path) -> None:
    for _ in range(2):
        Path(tmp_path, BANS).write_text(OWN)
        assert list(lift_bans(tmp_path, NOW)) == [
            "ip_bans.yaml: 172.18.4.4 is the gateway's own address; the ban is lifted"
        ]
        assert not Path(tmp_path, BANS).read_text()


@pytest.mark.parametrize(
    ("after_s", "is_over"), [(3599, False), (3601, True), (-3599, False), (-3601, True)]
)
def test_a_ban_ends_after_an_hour(tmp_path: Path, after_s: float, *, is_over: bool) -> None:
    at = datetime(2026, 11, 20, 10, tzinfo=UTC).timestamp()
    other = "10.0.0.1: {banned_at: never}\n10.0.0.2:\n"
    Path(tmp_path, BANS).write_text(f"# mine\n{STRANGER}\n{other}")
    lines = list(lift_bans(tmp_path, at + after_s))
    kept = f"# mine\n{other}" if is_over else f"# mine\n{STRANGER}\n{other}"
    assert Path(tmp_path, BANS).read_text() == kept
    assert lines == ["ip_bans.yaml: the ban of 192.168.1.77 has ended"] * is_over


def test_no_bans(tmp_path: Path) -> None:
    assert not list(lift_bans(tmp_path, NOW))
    assert not Path(tmp_path, BANS).exists()


def backup(path: Path) -> bytes:
    """Write an archive as Home Assistant does: a description, then a compressed archive."""
    path.parent.mkdir(exist_ok=True)
    with tarfile.open(path, "w") as archive:
        for name, data in (("./backup.json", b"{}"), ("homeassistant.tar.gz", bytes(5000))):
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return path.read_bytes()


def test_every_cut_is_found(tmp_path: Path) -> None:
    path = tmp_path / "backups" / "weekly.tar"
    whole = backup(path)
    assert not is_truncated(path)
    content = 512 + 512 + 512 + 5120  # two members; the rest is the end and padding
    for size in (0, 1, 511, 512, 513, 1024, 2000, content - 1, content, content + 512):
        path.write_bytes(whole[:size])
        assert is_truncated(path), size


def test_only_cut_off_archives_are_removed(tmp_path: Path) -> None:
    whole, cut = tmp_path / "backups" / "whole.tar", tmp_path / "backups" / "cut.tar"
    backup(whole)
    cut.write_bytes(backup(cut)[:3000])
    other, compressed = (tmp_path / "backups" / name for name in ("notes.txt", "mine.tar"))
    other.write_text("mine")
    compressed.write_bytes(gzip.compress(random.Random(7).randbytes(2000)))
    assert list(remove_truncated_backups(tmp_path)) == [
        "backups/cut.tar had no end, so it could not be restored; removed"
    ]
    assert sorted(path.name for path in (tmp_path / "backups").iterdir()) == [
        "mine.tar",
        "notes.txt",
        "whole.tar",
    ]
    assert not list(remove_truncated_backups(tmp_path))
