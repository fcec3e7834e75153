"""The TLS certificate: made, renewed before its end, and made anew when a name is missing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from loguru import logger

from hems.errors import Unavailable
from hems.protocols.server_names import CertificateFacts, ServerNames
from hems.runtime import Clock
from hems.system import files
from hems.system.files import Access
from hems.workers.provision.issue import issued
from hems.workers.provision.layout import Layout
from hems.workers.provision.notebook import Looked, Notebook
from hems.workers.provision.restarts import digest

DAY_S = 86400.0
RENEWED_S = 30 * DAY_S  # before its end


class Certificate:
    """Keeps the CA's and the server's files.

    `names` returns what the machine is called now; `software_at` (unix s) is when this software
    was made: a clock that says less is wrong.
    """

    name = "certificate"

    def __init__(
        self,
        layout: Layout,
        notebook: Notebook,
        clock: Clock,
        names: Callable[[], ServerNames],
        software_at: float,
    ) -> None:
        self._layout = layout
        self._notebook = notebook
        self._clock = clock
        self._names = names
        self._software_at = software_at
        self._facts: CertificateFacts | None = None

    @property
    def days_left(self) -> float | None:
        """Return for how long the server's certificate is valid, None without one."""
        if self._facts is None:
            return None
        return (self._facts.not_after - self._clock.time()) / DAY_S

    def step(self, _now: float) -> None:
        """Make the files right. Raises Unavailable when that cannot be done now."""
        files.settle_directory(self._layout.tls, self._layout.directory())
        files.settle_directory(self._layout.pki, self._layout.private_directory())
        found = [files.content(path) or b"" for path, _ in self._files()]
        wanted, now = self._names(), self._time()
        looked = self._notebook.record.looked
        if looked is None or looked.digest != digest(found) or self._fault(looked.facts, wanted):
            found, facts = _made(found, wanted, now)
            looked = Looked(digest(found), facts)
        for (path, access), content in zip(self._files(), found, strict=True):
            files.settle(path, content, access)
        self._facts = looked.facts
        self._notebook.note_certificate(looked)

    def _files(self) -> list[tuple[Path, Access]]:
        """Return the files in the order in which they are made: each suits those before it."""
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
        """Return unix seconds, None while the clock is plainly wrong.

        It need not be synchronised: a gateway without internet has a certificate too.
        """
        now, looked = self._clock.time(), self._notebook.record.looked
        oldest = max(self._software_at, looked.facts.not_before if looked else 0.0)
        return now if now >= oldest or self._is_synchronised() else None

    def _is_synchronised(self) -> bool:
        try:
            return self._clock.is_synchronised()
        except Unavailable:
            return False


def _made(
    found: list[bytes], wanted: ServerNames, now: float | None
) -> tuple[list[bytes], CertificateFacts]:
    """Return the files' contents as they shall be, and what the certificate says."""
    contents, facts, remarks = issued(found, wanted, now, RENEWED_S)
    for remark in remarks:
        logger.warning("{}", remark)
    logger.info("the certificate is for {}", ", ".join([*facts.names.dns, *facts.names.addresses]))
    return contents, facts
