"""/data/provision.json: the checked certificate, and the files each service was restarted for."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import msgspec

from hems.protocols.web.certificate_requirements import CertificateFacts
from hems.system.files import Access
from hems.system.record_file import RecordFile


class CheckedCertificate(msgspec.Struct, frozen=True):
    """What the server's certificate says; `digest` is of all certificate files.

    While the files stay the same, nothing has to parse them: once OpenSSL has worked, it takes
    4 MB for as long as the process lives.
    """

    digest: str
    facts: CertificateFacts


class ProvisionRecord(msgspec.Struct, frozen=True):
    """`restarted` has the digest of the files that each service was last restarted for.

    Fields of a newer version are ignored, so that a downgrade restarts nothing.
    """

    checked: CheckedCertificate | None = msgspec.field(default=None, name="looked")
    restarted: dict[str, str] = {}


class ProvisionRecordFile(RecordFile[ProvisionRecord]):
    """The record on disk, and the step that writes what could not be written before."""

    name = "record"

    def __init__(self, path: Path, access: Access) -> None:
        super().__init__(path, ProvisionRecord(), access)

    def step(self, _now: float) -> None:
        """Write the record if the file differs. Raises Unavailable."""
        self.save(self.record)

    def set_certificate(self, checked: CheckedCertificate) -> None:
        """Remember the certificate; the next step writes it, since it can be checked again."""
        self.record = msgspec.structs.replace(self.record, checked=checked)

    def add_restart(self, service: str, digest: str) -> None:
        """Save what `service` was restarted for. Raises Unavailable if it is not on disk."""
        self.update(restarted=self.record.restarted | {service: digest})


def digest(parts: Sequence[bytes]) -> str:
    """Return the SHA-256 of these contents in this order, and of their lengths, in hex."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(len(part).to_bytes(8, "big"))
        whole.update(part)
    return whole.hexdigest()
