import errno
import os
from collections.abc import Callable
from pathlib import Path

import config_folder
import pytest
from config_folder import ConfigFolder, Entry, Outside
from file_replacement import ANY, NEW, Changed, version_of
from pytest_mock import MockerFixture

NAME = "configuration.yaml"
OLD = "default_config:\n"
Change = Callable[[ConfigFolder, str], object]
CHANGES: dict[str, Change] = {
    "write": lambda folder, name: folder.write(name, b"", ANY),
    "write new": lambda folder, name: folder.write(f"{name}/new", b"", NEW),
    "rename": lambda folder, name: folder.rename(name, "new"),
    "rename to": lambda folder, name: folder.rename(NAME, f"{name}/new"),
    "delete": lambda folder, name: folder.delete(name),
    "make folder": lambda folder, name: folder.make_folder(f"{name}/new"),
    "list": lambda folder, name: folder.listing(name),
    "open": lambda folder, name: folder.open(name),
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a folder of files, with a file and a folder beside it."""
    root = tmp_path / "config"
    for folder in (root, tmp_path / "config-other"):
        folder.mkdir()
        (folder / NAME).write_text(OLD)
    (root / "outside").symlink_to(tmp_path / "config-other")
    (root / "loop").symlink_to("loop")
    return root


def everything(root: Path) -> dict[str, str]:
    """Return each path, and what the files contain."""
    paths = sorted(root.rglob("*"))
    return {str(path.relative_to(root)): path.read_text() for path in paths if path.is_file()} | {
        str(path.relative_to(root)): "" for path in paths if not path.is_file()
    }


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize(
    "name",
    ["{}/config-other", "../config-other", f"outside/{NAME}", "..", "outside/..", "./a", "a//b"],
)
def test_nothing_outside_is_reached(root: Path, change: str, name: str) -> None:
    before = everything(root.parent)
    with pytest.raises(OSError, match=r"Outside|No such file|Not a directory") as error:
        CHANGES[change](ConfigFolder(root), name.format(root.parent))
    assert isinstance(error.value, Outside) or name.startswith("outside")
    assert everything(root.parent) == before


@pytest.mark.parametrize(
    "name", ["home.db", "home.db-wal", "__pycache__", "__pycache__/x", "home.db/x"]
)
def test_what_is_withheld_is_not_reached(root: Path, name: str) -> None:
    (root / "home.db").write_text(OLD)
    (root / "link").symlink_to("home.db")
    before = everything(root)
    folder = ConfigFolder(root)
    for change in CHANGES.values():
        with pytest.raises(Outside):
            change(folder, name)
    for change in (CHANGES["write"], CHANGES["open"]):
        with pytest.raises(Outside):
            change(folder, "link")
    assert everything(root) == before
    assert "home.db" not in {entry.name for entry in folder.listing("").entries}


def test_a_damaged_database_is_shown_and_deleted(root: Path) -> None:
    folder = ConfigFolder(root)
    for name in ("home.db.corrupt.2026-11-20T10:00:00", "home.db-wal.corrupt.2026-11-20T10:00:00"):
        (root / name).write_text(OLD)
        assert name in {entry.name for entry in folder.listing("").entries}
        folder.delete(name)


def test_a_link_that_changes_after_it_was_looked_up_leads_nowhere(
    root: Path, mocker: MockerFixture
) -> None:
    (root / "a").mkdir()
    really_open = os.open

    def raced(path: str | Path, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        if Path(path) == root / "a":
            (root / "a").rmdir()
            (root / "a").symlink_to(root.parent / "config-other")
        return really_open(path, flags, mode, dir_fd=dir_fd)

    mocker.patch.object(os, "open", raced)
    with pytest.raises(Outside):
        ConfigFolder(root).write("a/new", b"", NEW)
    assert not (root.parent / "config-other/new").exists()


def test_a_folder_is_listed_with_its_folders_first(root: Path) -> None:
    (root / "Z").mkdir()
    (root / "inside").symlink_to(NAME)
    (root / "lost").symlink_to("nowhere")
    listing = ConfigFolder(root).listing("")
    assert listing.entries == [
        Entry("outside", "folder", listing.entries[0].size, True),
        Entry("Z", "folder", listing.entries[1].size, False),
        Entry(NAME, "file", len(OLD), False),
        Entry("inside", "file", len(OLD), True),
        Entry("loop", "other", 0, True),
        Entry("lost", "other", 0, True),
    ]
    assert listing.is_complete


def test_a_listing_is_bounded(root: Path, mocker: MockerFixture) -> None:
    mocker.patch.object(config_folder, "MAX_ENTRIES", 3)
    assert len(ConfigFolder(root).listing("").entries) == 3
    (root / "fourth").touch()
    listing = ConfigFolder(root).listing("")
    assert (len(listing.entries), listing.is_complete) == (3, False)


def test_only_a_regular_file_is_opened_or_replaced(root: Path) -> None:
    os.mkfifo(root / "fifo")
    folder = ConfigFolder(root)
    for name in ("fifo", ""):
        with pytest.raises(OSError, match="Not a regular file"):
            folder.open(name)
    (root / "folder").mkdir()
    for name in ("fifo", "folder"):
        with pytest.raises(OSError, match="Not a regular file"):
            folder.write(name, b"", ANY)
    with pytest.raises(Outside):
        folder.write("", b"", ANY)
    file, size = folder.open(NAME)
    with file:
        assert (file.read(), size) == (OLD.encode(), len(OLD))


def test_a_file_is_replaced_with_its_mode_if_it_is_the_one_that_was_read(root: Path) -> None:
    (root / NAME).chmod(0o640)
    folder, version = ConfigFolder(root), version_of(OLD.encode())
    assert folder.write(NAME, b"a: 1", version) == version_of(b"a: 1")
    assert (root / NAME).read_text() == "a: 1"
    assert (root / NAME).stat().st_mode & 0o777 == 0o640
    for expected in (version, NEW):
        with pytest.raises(Changed):
            folder.write(NAME, b"a: 2", expected)
    folder.write(NAME, b"a: 3", ANY)
    (root / NAME).unlink()
    with pytest.raises(Changed, match="gone"):
        folder.write(NAME, b"a: 4", version_of(b"a: 3"))
    assert set(everything(root)) == {"outside", "loop"}
    folder.write(NAME, b"a: 5", NEW)
    assert (root / NAME).stat().st_mode & 0o777 == 0o644
    assert set(everything(root)) == {NAME, "outside", "loop"}


def test_a_new_file_replaces_nothing_that_came_meanwhile(root: Path, mocker: MockerFixture) -> None:
    mocker.patch.object(config_folder, "state_to_replace", return_value=None)
    with pytest.raises(Changed):
        ConfigFolder(root).write(NAME, b"a: 1", NEW)
    assert everything(root)[NAME] == OLD


def test_a_link_to_a_file_stays_a_link(root: Path) -> None:
    (root / "packages").mkdir()
    (root / "packages/a.yaml").symlink_to(f"../{NAME}")
    ConfigFolder(root).write("packages/a.yaml", b"a: 1", version_of(OLD.encode()))
    assert (root / "packages/a.yaml").is_symlink()
    assert (root / NAME).read_text() == "a: 1"


def test_a_link_that_leads_out_to_nothing_is_not_followed(root: Path) -> None:
    (root / "lost").symlink_to(root.parent / "config-other/new")
    with pytest.raises(Changed):
        ConfigFolder(root).write("lost", b"a: 1", NEW)
    assert not (root.parent / "config-other/new").exists()


def test_a_file_keeps_its_owner(root: Path, mocker: MockerFixture) -> None:
    given: list[tuple[int, int]] = []
    mocker.patch.object(os, "geteuid", return_value=-1)
    mocker.patch.object(os, "fchown", lambda _, user, group: given.append((user, group)))
    ConfigFolder(root).write(NAME, b"a: 1", ANY)
    status = (root / NAME).stat()
    assert given == [(status.st_uid, status.st_gid)]


def test_a_full_disk_leaves_the_file_as_it_was(root: Path, mocker: MockerFixture) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    mocker.patch.object(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        ConfigFolder(root).write(NAME, b"a: 1", ANY)
    assert everything(root) == {NAME: OLD, "outside": "", "loop": ""}


def test_a_draft_that_a_power_cut_left_is_replaced(root: Path) -> None:
    (root / f".{NAME}.new").symlink_to(root.parent / "config-other" / NAME)
    ConfigFolder(root).write(NAME, b"a: 1", ANY)
    assert (root / NAME).read_text() == "a: 1"
    assert (root.parent / "config-other" / NAME).read_text() == OLD


def test_files_and_folders_come_and_go(root: Path) -> None:
    folder = ConfigFolder(root)
    folder.make_folder("a/b")
    folder.write("a/b/c", b"", NEW)
    folder.rename("a/b/c", "a/d")
    with pytest.raises(FileExistsError):
        folder.make_folder("a/b")
    with pytest.raises(FileExistsError):
        folder.rename("a/d", NAME)
    with pytest.raises(OSError, match="not empty"):
        folder.delete("a")
    for name in ("a/b", "a/d", "a", "outside", "loop"):
        folder.delete(name)
    assert everything(root) == {NAME: OLD}
    assert (root.parent / "config-other").is_dir()
    with pytest.raises(Outside):
        folder.delete("")
    with pytest.raises(Outside):
        folder.rename("", "x")


@pytest.mark.parametrize(
    ("change", "folders"),
    [
        (lambda folder: folder.write("a/new", b"", NEW), ["a"]),
        (lambda folder: folder.rename(NAME, "a/new"), ["a", "."]),
        (lambda folder: folder.delete(NAME), ["."]),
        (lambda folder: folder.make_folder("a/b/c"), ["a", "a/b"]),
    ],
    ids=["write", "rename", "delete", "make folder"],
)
def test_the_name_that_changed_is_on_disk(
    root: Path,
    mocker: MockerFixture,
    change: Callable[[ConfigFolder], object],
    folders: list[str],
) -> None:
    (root / "a").mkdir()
    synced: list[Path] = []

    def noted(descriptor: int) -> None:
        synced.append(Path(f"/proc/self/fd/{descriptor}").readlink())

    mocker.patch.object(os, "fsync", noted)
    change(ConfigFolder(root))
    assert [path for path in synced if path.is_dir()] == [(root / one).resolve() for one in folders]
