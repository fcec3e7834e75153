"""Disk, volumes, coordinator, certificate: what a figure means."""

from pathlib import Path

import pytest

from hems.doctor.checks import certificate, disk, volumes, zigbee
from hems.doctor.finding import Level
from hems.protocols.server_names import NONE, CertificateFacts
from tests.system.test_certificates import CA, CHAIN, KEY, NOW

DAY_S = 86400.0


@pytest.mark.parametrize(
    ("free", "level"),
    [(0, Level.FAILED), (49, Level.FAILED), (50, Level.NOTE), (149, Level.NOTE), (150, Level.OK)],
)
def test_how_little_room_is_too_little(free: int, level: Level) -> None:
    assert disk.judged(free, 1000, "some").level is level


def test_a_disk_without_a_size_is_full() -> None:
    assert disk.judged(0, 0, "0 MB").level is Level.FAILED


def test_a_directory_where_a_volume_should_be_loses_its_content(tmp_path: Path) -> None:
    assert volumes.judged(tmp_path, is_volume=False).level is Level.OK
    finding = volumes.judged(tmp_path, is_volume=True)
    assert finding.level is Level.FAILED
    assert "is no volume" in finding.found


@pytest.mark.parametrize(
    ("days", "level", "words"),
    [
        (396, Level.OK, "valid for 396 d"),
        (29.1, Level.OK, "valid for 29 d"),
        (28, Level.FAILED, "valid for 28 d"),
        (-1, Level.FAILED, "valid for -1 d"),
    ],
)
def test_a_certificate_is_to_be_renewed_in_time(days: float, level: Level, words: str) -> None:
    finding = certificate.judged(CertificateFacts(0.0, 1e9 + days * DAY_S, NONE), 1e9)
    assert (finding.level, finding.found) == (level, words)


def test_a_certificate_of_the_future_is_the_clocks_fault() -> None:
    finding = certificate.judged(CertificateFacts(2e9, 3e9, NONE), 1e9)
    assert finding.expected == "a clock that is right"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("ca.crt", "ca.crt: found 0 whole certificates, expected 1"),
        ("server.key", "server.key: it is no private key"),
        ("server.crt", "server.crt: found 0 whole certificates, expected 2"),
    ],
)
def test_the_file_that_is_of_no_use_is_named(tmp_path: Path, name: str, words: str) -> None:
    contents = {"ca.crt": CA, "server.key": KEY, "server.crt": CHAIN}
    for file, content in (contents | {name: b"damaged"}).items():
        (tmp_path / file).write_bytes(content)
    (finding,) = certificate.found(tmp_path, NOW)
    assert (finding.level, finding.found) == (Level.FAILED, f"{tmp_path}/{words}")


def test_an_adapter_is_called_what_its_usb_device_says(tmp_path: Path) -> None:
    interface = tmp_path / "usb1" / "1-1" / "1-1:1.0"
    (interface / "ttyUSB0").mkdir(parents=True)
    (interface.parent / "product").write_text("Sonoff Zigbee\n 3.0 USB\n")
    tty = tmp_path / "class" / "ttyUSB0"
    tty.mkdir(parents=True)
    (tty / "device").symlink_to(interface / "ttyUSB0")
    assert zigbee.product(tty) == "Sonoff Zigbee 3.0 USB"
    (interface.parent / "product").unlink()
    assert zigbee.product(tty) == ""
