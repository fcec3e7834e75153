"""What the gateway's keys and certificates on disk say, and whether they belong together."""

from __future__ import annotations

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from hems.errors import ProtocolError
from hems.protocols.server_names import CertificateFacts, ServerNames


def authority_facts(key: bytes, certificate: bytes) -> CertificateFacts:
    """Return what the CA's certificate says. Raises ProtocolError unless it is one of `key`."""
    (authority,) = certificates(certificate, 1)
    _check_key(key, authority)
    return _facts(authority)


def server_facts(ca_certificate: bytes, key: bytes, chain: bytes) -> CertificateFacts:
    """Return what the server's certificate says.

    Raises ProtocolError unless it is one of `key` and the CA's, with the CA's after it.
    """
    (authority,) = certificates(ca_certificate, 1)
    server, issuer = certificates(chain, 2)
    _check_key(key, server)
    try:
        server.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        raise ProtocolError("it was issued by another CA") from None
    if issuer != authority:
        raise ProtocolError("another CA's certificate stands after it")
    return _facts(server)


def private_key(pem: bytes) -> ec.EllipticCurvePrivateKey:
    """Return the key in `pem`. Raises ProtocolError unless it is one for ECDSA P-256."""
    try:
        key = serialization.load_pem_private_key(pem, None)
    except (ValueError, TypeError):
        raise ProtocolError("it is no private key") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != "secp256r1":
        raise ProtocolError("it is no key for ECDSA P-256")
    return key


def certificates(pem: bytes, count: int) -> list[x509.Certificate]:
    """Return the certificates in `pem`. Raises ProtocolError unless there are `count`."""
    try:
        found = x509.load_pem_x509_certificates(pem)
    except ValueError:
        found = []
    if len(found) != count:
        raise ProtocolError(f"found {len(found)} whole certificates, expected {count}")
    return found


def _check_key(key: bytes, certificate: x509.Certificate) -> None:
    if private_key(key).public_key() != certificate.public_key():
        raise ProtocolError("it is not of this key")


def _facts(certificate: x509.Certificate) -> CertificateFacts:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        dns = names.get_values_for_type(x509.DNSName)
        addresses = [str(one) for one in names.get_values_for_type(x509.IPAddress)]
    except x509.ExtensionNotFound:
        dns, addresses = [], []
    begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    return CertificateFacts(
        begin.timestamp(), end.timestamp(), ServerNames(tuple(dns), tuple(addresses))
    )
