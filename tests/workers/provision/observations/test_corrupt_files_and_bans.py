"""Copies of damaged files, and bans of the gateway's own addresses."""

from __future__ import annotations

from pathlib import Path

import pytest

from hems.workers.provision.observations.corrupt_files_and_bans import HomeAssistantFiles

AT = "corrupt.2026-11-30T12:00:00.000000+00:00"
DATABASE = f"home-assistant_v2.db.{AT}"
ENERGY = f"energy.{AT}"


def found(folder: Path) -> list[tuple[str, str, str | None]]:
    """Return name, subject and finding of each problem."""
    problems = HomeAssistantFiles(folder).problems(0.0, 0.0)
    return [(problem.name, problem.subject, problem.found) for problem in problems]


def test_a_whole_configuration_has_none(tmp_path: Path) -> None:
    (tmp_path / ".storage").mkdir()
    (tmp_path / ".storage" / "energy").write_text("{}")
    (tmp_path / "home-assistant_v2.db").write_bytes(b"")
    assert found(tmp_path) == []
    assert found(tmp_path / "missing") == []


def test_a_damaged_database_is_one_problem_until_its_copy_is_deleted_twice(tmp_path: Path) -> None:
    for _ in range(2):
        for suffix in ("", "-wal", "-shm"):
            (tmp_path / f"home-assistant_v2.db{suffix}.{AT}").write_bytes(bytes(2_400_000))
        assert found(tmp_path) == [("recorder-corrupt", DATABASE, f"{DATABASE}, 2 MB")]
        for path in tmp_path.iterdir():
            path.unlink()
        assert found(tmp_path) == []


def test_a_damaged_file_of_the_storage_is_named(tmp_path: Path) -> None:
    (tmp_path / ".storage").mkdir()
    (tmp_path / ".storage" / ENERGY).write_text("")
    assert found(tmp_path) == [("storage-corrupt", "energy", f".storage/{ENERGY}")]


def test_a_release_without_a_copy_is_a_problem_until_its_file_is_deleted(tmp_path: Path) -> None:
    name = "smartcore-no-way-back.txt"
    for _ in range(2):
        (tmp_path / name).write_text(f"2026.10.4 follows 2025.3.4{' and more' * 90}\n")
        [(kind, subject, text)] = found(tmp_path)
        assert (kind, subject) == ("home-assistant-no-way-back", "")
        assert text is not None
        assert text.startswith(f"{name}: 2026.10.4 follows 2025.3.4 and")
        assert len(text) < 250
        (tmp_path / name).unlink()
        assert found(tmp_path) == []


def test_of_several_copies_the_newest_is_one_problem_until_it_is_deleted(tmp_path: Path) -> None:
    days = [f".corrupt.2026-11-{day:02}T12:00:00.000000+00:00" for day in range(1, 31)]
    (tmp_path / ".storage").mkdir()
    for day in days:
        (tmp_path / f"home-assistant_v2.db{day}").write_bytes(b"")
        for name in ("energy", "auth"):
            (tmp_path / ".storage" / f"{name}{day}").write_bytes(b"")
    for day in (days[-1], days[-2]):
        database = f"home-assistant_v2.db{day}"
        assert found(tmp_path) == [
            ("recorder-corrupt", database, f"{database}, 0 MB"),
            ("storage-corrupt", "auth", f".storage/auth{day}"),
            ("storage-corrupt", "energy", f".storage/energy{day}"),
        ]
        for path in tmp_path.rglob(f"*{day}"):
            path.unlink()


@pytest.mark.parametrize(
    ("bans", "addresses"),
    [
        ("172.18.4.4:\n  banned_at: x\n", ["172.18.4.4"]),
        (
            "\n172.18.4.4:\n  banned_at: x\n\n172.18.4.1: {banned_at: x}\n",
            ["172.18.4.1", "172.18.4.4"],
        ),
        ("'172.18.4.1':\n  banned_at: x\n", ["172.18.4.1"]),
        ("192.168.1.7:\n  banned_at: x\n172.18.4.11:\n  banned_at: x\n", []),
        ("# 172.18.4.4:\n192.168.1.7:\n  note: 172.18.4.4:\n", []),
        ("\xff\x00", []),
    ],
    ids=["nginx", "both", "quoted", "strangers", "comment", "no text"],
)
def test_own_bans(tmp_path: Path, bans: str, addresses: list[str]) -> None:
    for _ in range(2):
        (tmp_path / "ip_bans.yaml").write_bytes(bans.encode("latin-1"))
        assert found(tmp_path) == [
            ("gateway-banned", address, f"ip_bans.yaml contains {address}") for address in addresses
        ]
        (tmp_path / "ip_bans.yaml").unlink()
        assert found(tmp_path) == []
