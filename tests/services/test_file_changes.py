import errno
import io
import os
from pathlib import Path

import file_changes
import pytest
from file_changes import EditableFolder
from pytest_mock import MockerFixture

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
        file_changes.apply(EditableFolder(root), change, filled)
    assert listing(root.parent) == before


@pytest.mark.parametrize("name", [NAME, f"./{NAME}", "{}/" + NAME])
def test_a_file_is_replaced_with_its_mode(root: Path, name: str) -> None:
    (root / NAME).chmod(0o640)
    EditableFolder(root).write(Path(name.format(root)), io.BytesIO(b"a: 1"))
    assert (root / NAME).read_text() == "a: 1"
    assert (root / NAME).stat().st_mode & 0o777 == 0o640
    assert listing(root) == {NAME, "outside"}


def test_everybody_may_read_a_new_file(root: Path) -> None:
    EditableFolder(root).write(Path("new.yaml"), io.BytesIO(b"a: 1"))
    assert (root / "new.yaml").stat().st_mode & 0o777 == 0o644


def test_a_link_stays_a_link(root: Path) -> None:
    (root / "link.yaml").symlink_to(NAME)
    EditableFolder(root).write(Path("link.yaml"), io.BytesIO(b"a: 1"))
    assert (root / "link.yaml").is_symlink()
    assert (root / NAME).read_text() == "a: 1"


def test_a_file_keeps_its_owner(root: Path, mocker: MockerFixture) -> None:
    given: list[tuple[int, int]] = []
    mocker.patch.object(os, "geteuid", return_value=-1)
    mocker.patch.object(os, "fchown", lambda _, user, group: given.append((user, group)))
    EditableFolder(root).write(Path(NAME), io.BytesIO(b"a: 1"))
    found = (root / NAME).stat()
    assert given == [(found.st_uid, found.st_gid)]


def test_a_full_disk_leaves_the_file_as_it_was(root: Path, mocker: MockerFixture) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    mocker.patch.object(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        EditableFolder(root).write(Path(NAME), io.BytesIO(b"a: 1"))
    assert (root / NAME).read_text() == OLD
    assert listing(root) == {NAME, "outside"}


def test_a_draft_that_a_power_cut_left_is_replaced(root: Path) -> None:
    (root / f".{NAME}.new").symlink_to(root.parent / "config-other" / NAME)
    EditableFolder(root).write(Path(NAME), io.BytesIO(b"a: 1"))
    assert (root / NAME).read_text() == "a: 1"
    assert (root.parent / "config-other" / NAME).read_text() == OLD


def test_files_and_folders_come_and_go(root: Path) -> None:
    files = EditableFolder(root)
    file_changes.apply(files, "newfolder", {"path": "", "name": "a/b"})
    file_changes.apply(files, "newfile", {"path": str(root / "a/b"), "name": "c"})
    file_changes.apply(files, "rename", {"src": "a/b/c", "dstfilename": "d"})
    assert listing(root) == {NAME, "outside", "a", "a/b", "a/b/d"}
    for path in ("a/b/d", "a/b", "a", "outside"):
        file_changes.apply(files, "delete", {"path": path})
    assert listing(root) == {NAME}
    assert (root.parent / "config-other").is_dir()


def test_a_new_file_does_not_replace_another(root: Path) -> None:
    with pytest.raises(FileExistsError):
        file_changes.apply(EditableFolder(root), "newfile", {"path": "", "name": NAME})
    assert (root / NAME).read_text() == OLD


@pytest.mark.parametrize(
    ("change", "form", "folders"),
    [
        ("save", {"filename": "a/new.yaml", "text": "a: 1"}, ["a"]),
        ("rename", {"src": NAME, "dstfilename": "a/new"}, ["a", "."]),
        ("delete", {"path": NAME}, ["."]),
        ("newfile", {"path": "a", "name": "new"}, ["a"]),
        ("newfolder", {"path": "a", "name": "b/c"}, ["a/b", "a"]),
    ],
)
def test_the_name_that_changed_is_on_disk(
    root: Path, mocker: MockerFixture, change: str, form: dict[str, str], folders: list[str]
) -> None:
    (root / "a").mkdir()
    synced: list[Path] = []

    def noted(descriptor: int) -> None:
        synced.append(Path(f"/proc/self/fd/{descriptor}").readlink())

    mocker.patch.object(os, "fsync", noted)
    file_changes.apply(EditableFolder(root), change, form)
    assert [path for path in synced if path.is_dir()] == [(root / one).resolve() for one in folders]
