import errno
import io
import os
from pathlib import Path

import changes
import pytest
from changes import Files

NAME = "configuration.yaml"
OLD = "default_config:\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a folder of files with a file and a folder beside it."""
    root = tmp_path / "config"
    for folder in (root, tmp_path / "config-other"):
        folder.mkdir()
        (folder / NAME).write_text(OLD)
    (root / "outside").symlink_to(tmp_path / "config-other")
    return root


def listing(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*")}


@pytest.mark.parametrize(
    ("change", "form"),
    [
        ("save", {"filename": "{}", "text": "a: 1"}),
        ("rename", {"src": "{}", "dstfilename": "new"}),
        ("rename", {"src": "configuration.yaml", "dstfilename": "{}"}),
        ("delete", {"path": "{}"}),
        ("newfile", {"path": "{}", "name": "new"}),
        ("newfolder", {"path": "{}", "name": "new"}),
        ("newfolder", {"path": "", "name": "{}/new"}),
    ],
)
@pytest.mark.parametrize(
    "place", ["{}/config-other/x", "../config-other/x", "outside/x", "..", "outside/.."]
)
def test_nothing_outside_is_changed(
    root: Path, change: str, form: dict[str, str], place: str
) -> None:
    before = listing(root.parent)
    filled = {name: value.format(place.format(root.parent)) for name, value in form.items()}
    with pytest.raises(PermissionError, match="Access denied"):
        changes.apply(Files(root), change, filled)
    assert listing(root.parent) == before


@pytest.mark.parametrize("name", [NAME, f"./{NAME}", "{}/" + NAME])
def test_a_file_is_replaced_with_its_mode(root: Path, name: str) -> None:
    (root / NAME).chmod(0o640)
    Files(root).write(Path(name.format(root)), io.BytesIO(b"a: 1"))
    assert (root / NAME).read_text() == "a: 1"
    assert (root / NAME).stat().st_mode & 0o777 == 0o640
    assert listing(root) == {NAME, "outside"}


def test_a_new_file_is_everybodys_to_read(root: Path) -> None:
    Files(root).write(Path("new.yaml"), io.BytesIO(b"a: 1"))
    assert (root / "new.yaml").stat().st_mode & 0o777 == 0o644


def test_a_link_stays_one(root: Path) -> None:
    (root / "link.yaml").symlink_to(NAME)
    Files(root).write(Path("link.yaml"), io.BytesIO(b"a: 1"))
    assert (root / "link.yaml").is_symlink()
    assert (root / NAME).read_text() == "a: 1"


def test_another_owner_stays_the_owner(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "geteuid", lambda: -1)
    monkeypatch.setattr(os, "fchown", lambda _, user, group: given.append((user, group)))
    Files(root).write(Path(NAME), io.BytesIO(b"a: 1"))
    found = (root / NAME).stat()
    assert given == [(found.st_uid, found.st_gid)]


def test_a_full_disk_leaves_the_file_as_it_was(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        Files(root).write(Path(NAME), io.BytesIO(b"a: 1"))
    assert (root / NAME).read_text() == OLD
    assert listing(root) == {NAME, "outside"}


def test_what_a_power_cut_has_left_is_in_nobodys_way(root: Path) -> None:
    (root / f".{NAME}.new").symlink_to(root.parent / "config-other" / NAME)
    Files(root).write(Path(NAME), io.BytesIO(b"a: 1"))
    assert (root / NAME).read_text() == "a: 1"
    assert (root.parent / "config-other" / NAME).read_text() == OLD


def test_files_and_folders_come_and_go(root: Path) -> None:
    files = Files(root)
    changes.apply(files, "newfolder", {"path": "", "name": "a/b"})
    changes.apply(files, "newfile", {"path": str(root / "a/b"), "name": "c"})
    changes.apply(files, "rename", {"src": "a/b/c", "dstfilename": "d"})
    assert listing(root) == {NAME, "outside", "a", "a/b", "a/b/d"}
    for path in ("a/b/d", "a/b", "a", "outside"):
        changes.apply(files, "delete", {"path": path})
    assert listing(root) == {NAME}
    assert (root.parent / "config-other").is_dir()


def test_a_new_file_takes_no_others_place(root: Path) -> None:
    with pytest.raises(FileExistsError):
        changes.apply(Files(root), "newfile", {"path": "", "name": NAME})
    assert (root / NAME).read_text() == OLD
