"""Keys and certificates that are not ours to use are replaced, and a person's own CA is used."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID

from hems.protocols.web.certificate_requirements import ServerNames
from hems.system.certificates import inspect
from hems.workers.provision.keep_or_create_certificates import renewed
from tests.system.certificates.test_create import CA, CA_KEY, CHAIN, KEY, NOW
from tests.system.certificates.test_inspect import CERTIFICATES, KEYS


@pytest.mark.parametrize("files", [KEYS, CERTIFICATES], ids=["keys", "certificates"])
def test_provision_replaces_such_files(files: list[Path]) -> None:
    for path in files:
        other = path.read_bytes()
        old = [other, CA, other, CHAIN] if path.suffix == ".key" else [CA_KEY, other, KEY, other]
        (ca_key, ca, key, chain), _, remarks = renewed(old, ServerNames(("h",), ()), NOW, 0.0)
        inspect.authority_facts(ca_key, ca)
        inspect.server_facts(ca, key, chain)
        assert remarks


def test_a_persons_ca_without_an_identifier_of_its_key_can_sign() -> None:
    key = inspect.private_key(CA_KEY)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "my own CA")])
    begin = datetime.fromtimestamp(NOW, UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 7)
    builder = builder.not_valid_before(begin).not_valid_after(begin + timedelta(days=9000))
    own = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    names = ServerNames(("h",), ())
    (_, ca, _, chain), facts, _ = renewed([CA_KEY, own, KEY, b""], names, NOW, 0.0)
    assert ca == own
    assert facts == inspect.server_facts(own, KEY, chain)
