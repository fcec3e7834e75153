"""Decode the gateway's keys and certificates, and check that they belong together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from hems.errors import ProtocolError
from hems.protocols.web.certificate_requirements import CertificateFacts, ServerNames
from hems.protocols.web.name_constraints import Constraints

ANOTHER_KIND = "it is not a key for ECDSA P-256"
UNREADABLE = (  # what the package raises for a key or certificate, some only when a part is read
    ValueError,
    TypeError,
    InvalidSignature,
    UnsupportedAlgorithm,  # such as a curve that OpenSSL does not have
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)


def authority_facts(key: bytes, certificate: bytes) -> CertificateFacts:
    """Return the facts of the CA's certificate. Raises ProtocolError unless it is for `key`."""
    (authority,) = certificates(certificate, 1)
    _check_key(key, authority)
    return _facts(authority)


def server_facts(ca_certificate: bytes, key: bytes, chain: bytes) -> CertificateFacts:
    """Return the facts of the server's certificate.

    Raises ProtocolError unless it is for `key`, issued by the CA and followed by the CA's.
    """
    (authority,) = certificates(ca_certificate, 1)
    server, issuer = certificates(chain, 2)
    _check_key(key, server)
    with _readable("it was issued by another CA"):
        server.verify_directly_issued_by(authority)
    if issuer != authority:
        raise ProtocolError("another CA's certificate follows it")
    return _facts(server)


@lru_cache(maxsize=1)  # pure, and it parses a certificate
def signable(authority: bytes, names: ServerNames) -> ServerNames:
    """Return those of `names` that the CA may sign: all without name constraints, as before 0.2.

    Raises ProtocolError if `authority` is no certificate.
    """
    (certificate,) = certificates(authority, 1)
    with _readable("its extensions are not valid"):
        extensions = certificate.extensions
    try:
        value = extensions.get_extension_for_class(x509.NameConstraints).value
    except x509.ExtensionNotFound:
        return names
    permitted = value.permitted_subtrees or []
    domains = [name.value for name in permitted if isinstance(name, x509.DNSName)]
    networks = [str(name.value) for name in permitted if isinstance(name, x509.IPAddress)]
    return Constraints(tuple(domains), tuple(networks)).permitted(names)


def private_key(pem: bytes) -> ec.EllipticCurvePrivateKey:
    """Return the key in `pem`. Raises ProtocolError unless it is one for ECDSA P-256."""
    try:
        key = serialization.load_pem_private_key(pem, None)
    except UnsupportedAlgorithm:
        raise ProtocolError(ANOTHER_KIND) from None
    except UNREADABLE:
        raise ProtocolError("it is not a private key") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != "secp256r1":
        raise ProtocolError(ANOTHER_KIND)
    return key


def certificates(pem: bytes, count: int) -> list[x509.Certificate]:
    """Return the certificates in `pem`. Raises ProtocolError unless there are `count`."""
    try:
        loaded = x509.load_pem_x509_certificates(pem)
    except UNREADABLE:
        loaded = []
    if len(loaded) != count:
        raise ProtocolError(f"found {len(loaded)} complete certificates, expected {count}")
    return loaded


@contextmanager
def _readable(fault: str) -> Iterator[None]:
    try:
        yield
    except UNREADABLE:
        raise ProtocolError(fault) from None


def _check_key(key: bytes, certificate: x509.Certificate) -> None:
    with _readable("it is for another key"):
        if private_key(key).public_key() != certificate.public_key():
            raise ProtocolError("it is for another key")


def _facts(certificate: x509.Certificate) -> CertificateFacts:
    with _readable("its extensions are not valid"):
        extensions = certificate.extensions
        begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    try:
        names = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        dns = names.get_values_for_type(x509.DNSName)
        addresses = [str(address) for address in names.get_values_for_type(x509.IPAddress)]
    except x509.ExtensionNotFound:
        dns, addresses = [], []
    return CertificateFacts(
        begin.timestamp(), end.timestamp(), ServerNames(tuple(dns), tuple(addresses))
    )
