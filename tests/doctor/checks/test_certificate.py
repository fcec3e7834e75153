from pathlib import Path

import pytest

from hems.doctor.check_interface import Severity
from hems.doctor.checks import certificate
from hems.doctor.repair_commands import RepairCommands
from hems.protocols.web.certificate_requirements import NONE, CertificateFacts
from tests.system.certificates.test_create import CA, CHAIN, KEY, NOW

COMMANDS = RepairCommands()
DAY_S = 86400.0


@pytest.mark.parametrize(
    ("days", "severity", "words"),
    [
        (396, Severity.OK, "valid for 396 d"),
        (29, Severity.OK, "valid for 29 d"),
        (28.99, Severity.FAILED, "valid for 29 d"),
        (29.1, Severity.OK, "valid for 29 d"),
        (28, Severity.FAILED, "valid for 28 d"),
        (-1, Severity.FAILED, "valid for -1 d"),
    ],
)
def test_a_certificate_has_to_be_renewed_in_time(
    days: float, severity: Severity, words: str
) -> None:
    finding = certificate.validity(CertificateFacts(0.0, 1e9 + days * DAY_S, NONE), 1e9, COMMANDS)
    assert (finding.severity, finding.found) == (severity, words)


def test_a_certificate_of_the_future_is_a_fault_of_the_clock() -> None:
    finding = certificate.validity(CertificateFacts(2e9, 3e9, NONE), 1e9, COMMANDS)
    assert finding.expected == "a correct clock"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("ca.crt", "ca.crt: found 0 complete certificates, expected 1"),
        ("server.key", "server.key: it is not a private key"),
        ("server.crt", "server.crt: found 0 complete certificates, expected 2"),
    ],
)
def test_an_unusable_file_is_named(tmp_path: Path, name: str, words: str) -> None:
    contents = {"ca.crt": CA, "server.key": KEY, "server.crt": CHAIN}
    for file, content in (contents | {name: b"damaged"}).items():
        (tmp_path / file).write_bytes(content)
    finding = certificate.certificate_files(tmp_path, NOW, COMMANDS)
    assert (finding.severity, finding.found) == (Severity.FAILED, f"{tmp_path}/{words}")
