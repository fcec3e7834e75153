from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from hems.errors import ProtocolError
from hems.protocols.web.name_constraints import Constraints
from hems.system.certificates import create, inspect
from tests.system.certificates.test_create import CA, CA_KEY, CHAIN, KEY

CUTS = [0, 1, 100, len(CHAIN) // 2, len(CHAIN) - 40]


@pytest.mark.parametrize("size", CUTS, ids=["all", "all but 1", "all but 100", "half", "the end"])
def test_a_chain_that_is_cut_off_is_told(size: int) -> None:
    with pytest.raises(ProtocolError, match="complete certificates, expected 2"):
        inspect.server_facts(CA, KEY, CHAIN[:size])


def test_what_does_not_belong_together_is_told() -> None:
    other_key = create.new_key()
    other = create.authority_certificate(other_key)
    with pytest.raises(ProtocolError, match="for another key"):
        inspect.authority_facts(other_key, CA)
    with pytest.raises(ProtocolError, match="for another key"):
        inspect.server_facts(CA, other_key, CHAIN)
    with pytest.raises(ProtocolError, match="issued by another CA"):
        inspect.server_facts(other, KEY, CHAIN)


def test_a_chain_that_ends_with_another_authority_is_told() -> None:
    leaf = CHAIN.removesuffix(CA)
    again = create.authority_certificate(CA_KEY, Constraints(("other",), ()))
    with pytest.raises(ProtocolError, match="certificate follows it"):
        inspect.server_facts(CA, KEY, leaf + again)


def other_curve() -> bytes:
    return ec.generate_private_key(ec.SECP384R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (b"", "not a private key"),
        (KEY[:90], "not a private key"),
        (other_curve(), "not a key for ECDSA"),
    ],
    ids=["empty", "cut off", "another curve"],
)
def test_a_key_that_is_none_is_told(key: bytes, words: str) -> None:
    with pytest.raises(ProtocolError, match=words):
        inspect.private_key(key)


# Of OpenSSL, on curves that the package cryptography does not have.
CURVES = Path(__file__).parents[2] / "data" / "unsupported_curves"
KEYS, CERTIFICATES = sorted(CURVES.glob("*.key")), sorted(CURVES.glob("*.crt"))


@pytest.mark.parametrize("path", KEYS, ids=lambda path: path.name)
def test_a_key_on_an_unsupported_curve_is_no_crash(path: Path) -> None:
    with pytest.raises(ProtocolError, match="not a key for ECDSA P-256"):
        inspect.private_key(path.read_bytes())


@pytest.mark.parametrize("path", CERTIFICATES, ids=lambda path: path.name)
def test_a_certificate_for_such_a_key_is_no_crash(path: Path) -> None:
    other = path.read_bytes()
    with pytest.raises(ProtocolError, match="for another key"):
        inspect.authority_facts(CA_KEY, other)
    with pytest.raises(ProtocolError, match="for another key"):
        inspect.server_facts(CA, KEY, other + CA)
    with pytest.raises(ProtocolError, match="issued by another CA"):
        inspect.server_facts(other, KEY, CHAIN)
