"""The downloads that the build of wifi-connect accepts and refuses."""

import hashlib
import io
import tarfile
from pathlib import Path

import pytest
from fetch import CHECKSUMS, PAGES, checksum, program_archive, read_checksums, unpack

needs_filters = pytest.mark.skipif(
    not hasattr(tarfile, "data_filter"), reason="needs Python 3.11.4: the image has 3.13"
)


def archive(name: str, text: bytes) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as tar:
        member = tarfile.TarInfo(name)
        member.size = len(text)
        tar.addfile(member, io.BytesIO(text))
    return made.getvalue()


def test_the_gateways_files_have_a_checksum() -> None:
    checksums = read_checksums(CHECKSUMS.read_text())
    for name in (program_archive("aarch64"), PAGES):
        assert len(bytes.fromhex(checksum(name, checksums))) == 32


def test_a_machine_without_a_checksum_ends_the_build_and_says_what_is_missing() -> None:
    with pytest.raises(SystemExit, match="no line for wifi-connect-mips-unknown"):
        checksum(program_archive("mips"), {PAGES: "0" * 64})


@needs_filters
def test_a_file_with_the_right_hash_is_unpacked(tmp_path: Path) -> None:
    data = archive("wifi-connect", b"program")
    unpack("it", data, hashlib.sha256(data).hexdigest(), tmp_path / "new")
    assert (tmp_path / "new" / "wifi-connect").read_bytes() == b"program"


def test_a_file_with_another_hash_is_not_unpacked(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"it has the SHA-256 .* expected 00"):
        unpack("it", archive("wifi-connect", b"other"), "00", tmp_path)
    assert list(tmp_path.iterdir()) == []


@needs_filters
def test_nothing_is_unpacked_outside_the_directory(tmp_path: Path) -> None:
    data = archive("../outside", b"program")
    with pytest.raises(tarfile.OutsideDestinationError):
        unpack("it", data, hashlib.sha256(data).hexdigest(), tmp_path / "inside")
