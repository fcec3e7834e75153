"""The contents of the four certificate files as they shall be; what is good stays as it is."""

from __future__ import annotations

from collections.abc import Callable

from hems.errors import ProtocolError, Unavailable
from hems.protocols.server_names import CertificateFacts, ServerNames
from hems.system import certificate_facts, certificates
from hems.system.certificates import SERVER_VALID

IMPORT = "import /ca.crt again wherever the old one was trusted"
WRONG_CLOCK = "the clock is plainly wrong, and NTP has not set it yet"


def issued(
    found: list[bytes], wanted: ServerNames, now: float | None, margin_s: float
) -> tuple[list[bytes], CertificateFacts, list[str]]:
    """Return the contents, what the server's certificate says, and remarks for people.

    `found` are the CA's key and certificate, the server's key and chain, empty where there is
    none; `now` is unix seconds, None while the clock is wrong: then nothing new is made, and
    Unavailable is raised if something would have to be.
    """
    maker = _Maker(now, margin_s)
    ca_key, ca, key, chain = found
    ca_key = maker.key("the CA's key", ca_key, f"a new CA is made: {IMPORT}")
    ca = maker.authority(ca_key, ca)
    key = maker.key("the server's key", key, "it is made anew")
    chain, facts = maker.server(ca_key, ca, key, chain, wanted)
    return [ca_key, ca, key, chain], facts, maker.remarks


class _Maker:
    def __init__(self, now: float | None, margin_s: float) -> None:
        self.remarks: list[str] = []
        self._now = now
        self._margin_s = margin_s

    def key(self, what: str, found: bytes, consequence: str) -> bytes:
        """Return `found` if it is a key, else a new one."""
        try:
            certificate_facts.private_key(found)
        except ProtocolError as error:
            self._time()
            if found:
                self.remarks.append(f"{what} is of no use, {error}: {consequence}")
            return certificates.new_key()
        return found

    def authority(self, key: bytes, found: bytes) -> bytes:
        """Return the CA's certificate; it must outlive any that it signs now."""
        margin_s = self._margin_s + SERVER_VALID.total_seconds()
        fault = self._fault(lambda: certificate_facts.authority_facts(key, found), margin_s)
        if not fault:
            return found
        if found:
            self.remarks.append(f"the CA's certificate is made anew, {fault}: {IMPORT}")
        return certificates.authority_certificate(key, self._time())

    def server(
        self, ca_key: bytes, ca: bytes, key: bytes, found: bytes, wanted: ServerNames
    ) -> tuple[bytes, CertificateFacts]:
        """Return the server's chain and what its certificate says."""

        def facts() -> CertificateFacts:
            return certificate_facts.server_facts(ca, key, found)

        fault = self._fault(facts, self._margin_s, wanted)
        if not fault:
            return found, facts()
        if found:
            self.remarks.append(f"the server's certificate is made anew, {fault}")
        chain = certificates.server_chain(ca_key, ca, key, wanted, self._time())
        return chain, certificate_facts.server_facts(ca, key, chain)

    def _fault(
        self,
        facts: Callable[[], CertificateFacts],
        margin_s: float,
        wanted: ServerNames = ServerNames((), ()),  # noqa: B008 - frozen
    ) -> str:
        try:
            return facts().fault(self._now, margin_s, wanted)
        except ProtocolError as error:
            return str(error)

    def _time(self) -> float:
        if self._now is None:
            raise Unavailable(WRONG_CLOCK)
        return self._now
