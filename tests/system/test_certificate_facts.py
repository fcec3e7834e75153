import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from hems.errors import ProtocolError
from hems.system import certificate_facts, certificates
from tests.system.test_certificates import CA, CA_KEY, CHAIN, KEY, NOW


@pytest.mark.parametrize("size", [0, 1, 100, len(CHAIN) // 2, len(CHAIN) - 40])
def test_a_chain_that_is_cut_off_is_told(size: int) -> None:
    with pytest.raises(ProtocolError, match="whole certificates, expected 2"):
        certificate_facts.server_facts(CA, KEY, CHAIN[:size])


def test_what_does_not_belong_together_is_told() -> None:
    other_key = certificates.new_key()
    other = certificates.authority_certificate(other_key, NOW)
    with pytest.raises(ProtocolError, match="not of this key"):
        certificate_facts.authority_facts(other_key, CA)
    with pytest.raises(ProtocolError, match="not of this key"):
        certificate_facts.server_facts(CA, other_key, CHAIN)
    with pytest.raises(ProtocolError, match="issued by another CA"):
        certificate_facts.server_facts(other, KEY, CHAIN)


def test_a_chain_that_ends_with_another_authority_is_told() -> None:
    leaf = CHAIN.removesuffix(CA)
    again = certificates.authority_certificate(CA_KEY, NOW)
    with pytest.raises(ProtocolError, match="stands after it"):
        certificate_facts.server_facts(CA, KEY, leaf + again)


def other_curve() -> bytes:
    return ec.generate_private_key(ec.SECP384R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


@pytest.mark.parametrize(
    ("key", "words"),
    [(b"", "no private key"), (KEY[:90], "no private key"), (other_curve(), "no key for ECDSA")],
)
def test_a_key_that_is_none_is_told(key: bytes, words: str) -> None:
    with pytest.raises(ProtocolError, match=words):
        certificate_facts.private_key(key)
