"""Create the gateway's certificate authority (CA) and its server certificate: ECDSA P-256, PEM.

Apple's and Chrome's rules for a server certificate: at most 398 days, the names in
subjectAltName, extendedKeyUsage serverAuth. The CA's subject is derived from its key, and its dates
are fixed, whatever the clock says. If the certificate is lost and created again from the same key,
devices that trust the old certificate trust the new one, too.
"""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from hems.protocols.web.certificate_requirements import ServerNames
from hems.protocols.web.name_constraints import OF_A_HOME, Constraints
from hems.system.certificates.inspect import private_key

BACKDATED = timedelta(days=1)  # for devices whose clock is slow
CA_BEGIN, CA_END = datetime(2020, 1, 1, tzinfo=UTC), datetime(2099, 12, 31, tzinfo=UTC)
SERVER_VALID = timedelta(days=397)
NAME = "SmartCORE HEMS gateway"


def new_key() -> bytes:
    """Return a new private key."""
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def authority_certificate(key: bytes, constraints: Constraints = OF_A_HOME) -> bytes:
    """Return the CA's certificate for its `key`."""
    private = private_key(key)
    identity = x509.SubjectKeyIdentifier.from_public_key(private.public_key())
    subject = _subject(f"{NAME} CA {identity.digest.hex()[:8]}")
    builder = _builder(private, subject, subject, CA_BEGIN, CA_END)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_usage(signs_certificates=True), critical=True)
    names = [
        *map(x509.DNSName, constraints.domains),
        *map(x509.IPAddress, constraints.networks),
    ]
    builder = builder.add_extension(x509.NameConstraints(names, None), critical=True)
    return _pem(builder.sign(private, hashes.SHA256()))


def server_chain(
    ca_key: bytes, ca_certificate: bytes, key: bytes, names: ServerNames, now: float
) -> bytes:
    """Return the server's certificate for its `key`, followed by the CA's."""
    authority, private = x509.load_pem_x509_certificate(ca_certificate), private_key(key)
    begin = datetime.fromtimestamp(now, UTC) - BACKDATED
    builder = _builder(private, _subject(NAME), authority.subject, begin, begin + SERVER_VALID)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), True)
    builder = builder.add_extension(_usage(signs_certificates=False), critical=True)
    builder = builder.add_extension(
        x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False
    )
    dns = [x509.DNSName(name) for name in names.dns]
    addresses = [x509.IPAddress(ipaddress.ip_address(address)) for address in names.addresses]
    builder = builder.add_extension(x509.SubjectAlternativeName([*dns, *addresses]), False)
    builder = builder.add_extension(_issuer(authority, private_key(ca_key)), critical=False)
    return _pem(builder.sign(private_key(ca_key), hashes.SHA256())) + ca_certificate


def _issuer(
    authority: x509.Certificate, ca_key: ec.EllipticCurvePrivateKey
) -> x509.AuthorityKeyIdentifier:
    """Return the identifier of the CA's key; a person's own CA certificate may lack it."""
    try:
        own = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    except x509.ExtensionNotFound:
        own = x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key())
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own)


def _builder(
    key: ec.EllipticCurvePrivateKey,
    subject: x509.Name,
    issuer: x509.Name,
    begin: datetime,
    end: datetime,
) -> x509.CertificateBuilder:
    public = key.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _subject(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
