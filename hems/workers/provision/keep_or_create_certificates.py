"""Decide which keys and certificates to keep, and create the others."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from hems.errors import ProtocolError, Unavailable
from hems.protocols.web.certificate_requirements import CertificateFacts, ServerNames
from hems.protocols.web.name_constraints import of_a_new_authority
from hems.system.certificates import create, inspect
from hems.system.certificates.create import SERVER_VALID

IMPORT = "import /ca.crt again wherever the old one was trusted"
OUTSIDE = "delete tls/ca.crt on the volume gateway for one that may, and import it again"
WRONG_CLOCK = "the clock is wrong, and NTP has not set it yet"


def renewed(
    contents: list[bytes], wanted: ServerNames, now: float | None, margin_s: float
) -> tuple[list[bytes], CertificateFacts, list[str]]:
    """Return the four files' contents, what the server's certificate says, and remarks for people.

    `contents` are the present CA key, CA certificate, server key and server chain, empty if there
    is none. `now` is unix seconds, None while the clock is wrong: then nothing can be created.
    Raises Unavailable if something would have to be.
    """
    renewal = _Renewal(now, margin_s)
    ca_key, ca, key, chain = contents
    ca_key = renewal.key("the CA's key", ca_key, f"a new CA replaces it: {IMPORT}")
    ca = renewal.authority(ca_key, ca, wanted)
    key = renewal.key("the server's key", key, "a new key replaces it")
    chain, facts = renewal.server(ca_key, ca, key, chain, wanted)
    return [ca_key, ca, key, chain], facts, renewal.remarks


class _Renewal:
    def __init__(self, now: float | None, margin_s: float) -> None:
        self.remarks: list[str] = []
        self._now = now
        self._margin_s = margin_s

    def key(self, name: str, old: bytes, consequence: str) -> bytes:
        """Return `old` if it is a key, else a new one."""
        try:
            inspect.private_key(old)
        except ProtocolError as error:
            self._time()
            if old:
                self.remarks.append(f"{name} is not usable, {error}: {consequence}")
            return create.new_key()
        return old

    def authority(self, key: bytes, old: bytes, wanted: ServerNames) -> bytes:
        """Return the CA's certificate; it must outlive every certificate that it signs now.

        A clock before its begin is wrong: that is no reason to replace it.
        """
        margin_s = self._margin_s + SERVER_VALID.total_seconds()

        def facts() -> CertificateFacts:
            return replace(inspect.authority_facts(key, old), not_before=-math.inf)

        fault = self._fault(facts, margin_s)
        if not fault:
            return old
        if old:
            self.remarks.append(f"the CA's certificate is replaced, {fault}: {IMPORT}")
        self._time()
        return create.authority_certificate(key, of_a_new_authority(wanted))

    def server(
        self, ca_key: bytes, ca: bytes, key: bytes, old: bytes, wanted: ServerNames
    ) -> tuple[bytes, CertificateFacts]:
        """Return the server's chain and what its certificate says."""
        signable = inspect.signable(ca, wanted)
        if outside := signable.lacks(wanted):
            self.remarks.append(f"the CA may not sign {', '.join(outside)}: {OUTSIDE}")
        wanted = signable

        def facts() -> CertificateFacts:
            return inspect.server_facts(ca, key, old)

        fault = self._fault(facts, self._margin_s, wanted)
        if not fault:
            return old, facts()
        if old:
            self.remarks.append(f"the server's certificate is replaced, {fault}")
        chain = create.server_chain(ca_key, ca, key, wanted, self._time())
        return chain, inspect.server_facts(ca, key, chain)

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
