import os
import stat
from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from hems.supervision.processes import credentials
from hems.supervision.settings.process_settings import Credential, CredentialSettings


def written(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def write(tmp_path: Path, settings: CredentialSettings, given: Path | None = None) -> Path:
    folder = credentials.folder_of(tmp_path, "web:1")
    credentials.write(settings, folder, given, os.geteuid(), os.getegid())
    return folder


def test_only_the_user_reads_the_files_of_a_unit(tmp_path: Path) -> None:
    folder = write(tmp_path, CredentialSettings(texts=(Credential("a", value="b"),)))
    assert written(folder) == {"a": "b"}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o500
    assert stat.S_IMODE((folder / "a").stat().st_mode) == 0o400


def test_each_start_writes_them_again(tmp_path: Path) -> None:
    for name in ("a", "b"):
        folder = write(tmp_path, CredentialSettings(texts=(Credential(name),)))
    assert written(folder) == {"b": ""}
    for _ in range(2):
        credentials.remove(folder)
    assert not folder.exists()


def test_no_two_processes_share_a_folder(tmp_path: Path) -> None:
    units = [credentials.folder_of(tmp_path, name) for name in ("a", "a.1", "a.2", "a.control")]
    assert len({*units, *map(credentials.folder_of_control, units)}) == 8


def test_a_file_is_used_in_place_of_a_text(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("from the file")
    settings = CredentialSettings(
        loaded=(Credential("a", str(tmp_path / "file")),), texts=(Credential("a", value="text"),)
    )
    assert written(write(tmp_path, settings)) == {"a": "from the file"}


def test_a_text_takes_the_place_of_a_missing_file(tmp_path: Path) -> None:
    settings = CredentialSettings(
        loaded=(Credential("a", "/no/such/file"),), texts=(Credential("a", value="text"),)
    )
    assert written(write(tmp_path, settings)) == {"a": "text"}
    assert credentials.missing(settings) == []


def test_the_later_of_two_directives_for_one_credential_counts(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("from the file")
    loaded = (Credential("a", "/no/such/file"), Credential("a", str(tmp_path / "file")))
    texts = (Credential("b", value="1"), Credential("b", value="2"))
    settings = CredentialSettings(loaded=loaded, texts=texts)
    assert written(write(tmp_path, settings)) == {"a": "from the file", "b": "2"}
    assert credentials.missing(settings) == []


def test_what_supervisord_was_given_is_passed_on_by_name(tmp_path: Path) -> None:
    given = tmp_path / "given"
    given.mkdir()
    for name in ("MQTT_USER", "MQTT_PASSWORD", "OTHER", "LOADED"):
        (given / name).write_text(name)
    settings = CredentialSettings(
        loaded=(Credential("LOADED"), Credential("MISSING")), imported=("MQTT_*", "*_USER")
    )
    folder = write(tmp_path, settings, given)
    assert written(folder).keys() == {"MQTT_USER", "MQTT_PASSWORD", "LOADED"}


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    settings = CredentialSettings(loaded=(Credential("a", "/no/such/file"),))
    with pytest.raises(FileNotFoundError):
        write(tmp_path, settings)


def test_there_is_a_limit_of_all_together(tmp_path: Path) -> None:
    half = "x" * (credentials.MAX_BYTES // 2)
    settings = CredentialSettings(
        texts=tuple(Credential(name, value=half) for name in ("a", "b", "c"))
    )
    with pytest.raises(ValueError, match="c: the credentials have more than 1048576 bytes"):
        write(tmp_path, settings)


def test_a_file_without_an_end_is_refused(tmp_path: Path) -> None:
    settings = CredentialSettings(loaded=(Credential("a", "/dev/zero"),))
    with pytest.raises(ValueError, match="a: the credentials have more than 1048576 bytes"):
        write(tmp_path, settings)


def test_a_folder_that_cannot_be_removed_fails_the_next_start_only(
    tmp_path: Path, mocker: MockerFixture
) -> None:
    folder = write(tmp_path, CredentialSettings(texts=(Credential("a"),)))
    mocker.patch("shutil.rmtree", side_effect=OSError("Directory not empty"))
    credentials.remove(folder)
    with pytest.raises(FileExistsError):
        write(tmp_path, CredentialSettings(texts=(Credential("a"),)))


def test_a_loaded_one_counts_before_an_imported_one_and_that_before_a_text(tmp_path: Path) -> None:
    given = tmp_path / "given"
    given.mkdir()
    for name in ("a", "b"):
        (given / name).write_text("imported")
    (tmp_path / "file").write_text("loaded")
    settings = CredentialSettings(
        loaded=(Credential("a", str(tmp_path / "file")),),
        imported=("*",),
        texts=tuple(Credential(name, value="text") for name in ("a", "b", "c")),
    )
    folder = write(tmp_path, settings, given)
    assert written(folder) == {"a": "loaded", "b": "imported", "c": "text"}


def test_a_run_begins_with_an_empty_folder_that_others_can_enter(tmp_path: Path) -> None:
    for _ in range(2):
        credentials.begin_empty(tmp_path)
        parent = tmp_path / "credentials"
        assert stat.S_IMODE(parent.stat().st_mode) == 0o755
        assert not any(parent.iterdir())
        write(tmp_path, CredentialSettings(texts=(Credential("a"),)))
        parent.chmod(0o700)
