"""Keep the TLS certificate valid: create it, renew it before its end, add missing names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path

from loguru import logger

from hems.errors import ProtocolError, Unavailable
from hems.protocols.web.certificate_requirements import CertificateFacts, ServerNames
from hems.system import files
from hems.system.certificates import inspect
from hems.system.files import Access
from hems.worker_runtime import Clock
from hems.workers.provision.gateway_file_paths import GatewayFiles
from hems.workers.provision.keep_or_create_certificates import renewed
from hems.workers.provision.provision_record import (
    CheckedCertificate,
    ProvisionRecordFile,
    digest,
)

DAY_S = 86400.0
RENEWED_S = 30 * DAY_S  # before its end
LATEST_S = 15 * 365 * DAY_S  # after this software was made, the clock is certainly wrong


class TlsCertificate:
    """Writes the files of the gateway's CA and its server certificate.

    `names` returns the machine's current names. `software_at` (unix s) is the date of this
    software: a clock before it is wrong.
    """

    name = "certificate"

    def __init__(
        self,
        layout: GatewayFiles,
        record: ProvisionRecordFile,
        clock: Clock,
        names: Callable[[], ServerNames],
        software_at: float,
    ) -> None:
        self._layout = layout
        self._record = record
        self._clock = clock
        self._names = names
        self._software_at = software_at
        self._facts: CertificateFacts | None = None

    @property
    def days_left(self) -> float | None:
        """Return for how long the server's certificate is valid, None without one valid now."""
        now, facts = self._clock.time(), self._facts
        if facts is None or not facts.not_before <= now <= facts.not_after:
            return None
        return (facts.not_after - now) / DAY_S

    def step(self, _now: float) -> None:
        """Write the files that differ. Raises Unavailable if that is not possible now."""
        files.ensure_directory(self._layout.tls, self._layout.directory())
        files.ensure_directory(self._layout.pki, self._layout.private_directory())
        contents = [files.content(path) or b"" for path, _ in self._files]
        wanted, now = self._names(), self._time()
        checked = self._record.record.checked
        if (
            checked is None
            or checked.digest != digest(contents)
            or self._fault(checked.facts, _signable(contents[1], wanted))
        ):
            contents, facts, remarks = renewed(contents, wanted, now, RENEWED_S)
            self._write(contents)
            checked = CheckedCertificate(digest(contents), facts)
            _log(facts, remarks)
        else:
            self._write(contents)  # their access
        self._facts = checked.facts
        self._record.set_certificate(checked)

    def _write(self, contents: Sequence[bytes]) -> None:
        for (path, access), content in zip(self._files, contents, strict=True):
            files.ensure(path, content, access)

    @cached_property
    def _files(self) -> list[tuple[Path, Access]]:
        """Return the files in the order in which they are written: each fits those before it."""
        layout = self._layout
        return [
            (layout.pki / "ca.key", layout.private()),
            (layout.tls / "ca.crt", layout.public()),
            (layout.tls / "server.key", layout.for_nginx()),
            (layout.tls / "server.crt", layout.public()),
        ]

    def _fault(self, facts: CertificateFacts, wanted: ServerNames) -> str:
        return facts.fault(self._time(), RENEWED_S, wanted)

    def _time(self) -> float | None:
        """Return unix seconds, None while the clock is certainly wrong.

        The clock need not be synchronised: a gateway without internet gets a certificate too.
        """
        now, checked = self._clock.time(), self._record.record.checked
        oldest = max(self._software_at, checked.facts.not_before if checked else 0.0)
        if now > self._software_at + LATEST_S:  # a forged NTP answer must not replace anything
            return None
        return now if now >= oldest or self._is_synchronised() else None

    def _is_synchronised(self) -> bool:
        try:
            return self._clock.is_synchronised()
        except Unavailable:
            return False


def _signable(authority: bytes, wanted: ServerNames) -> ServerNames:
    try:
        return inspect.signable(authority, wanted)
    except ProtocolError:
        return wanted


def _log(facts: CertificateFacts, remarks: Sequence[str]) -> None:
    for remark in remarks:
        logger.warning("{}", remark)
    logger.info("the certificate is for {}", ", ".join([*facts.names.dns, *facts.names.addresses]))
