import datetime

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from hems.protocols.web.certificate_requirements import ServerNames
from hems.system.certificates import create, inspect

NOW = 1_795_000_000.0
DAY_S = 86400
NAMES = ServerNames(("hems", "hems.local"), ("192.0.2.1", "2001:db8::1"))
CA_KEY, KEY = create.new_key(), create.new_key()
CA = create.authority_certificate(CA_KEY)
CHAIN = create.server_chain(CA_KEY, CA, KEY, NAMES, NOW)


def extension(pem: bytes, kind: type[x509.ExtensionType]) -> x509.Extension[x509.ExtensionType]:
    return x509.load_pem_x509_certificate(pem).extensions.get_extension_for_class(kind)


def test_the_authority_may_sign_servers_and_nothing_else() -> None:
    constraints = extension(CA, x509.BasicConstraints)
    assert constraints.critical
    assert constraints.value == x509.BasicConstraints(ca=True, path_length=0)
    usage = extension(CA, x509.KeyUsage).value
    assert isinstance(usage, x509.KeyUsage)
    assert (usage.key_cert_sign, usage.crl_sign, usage.digital_signature) == (True, True, False)


def test_the_server_may_be_one_and_nothing_else() -> None:
    assert extension(CHAIN, x509.BasicConstraints).value.public_bytes() == bytes.fromhex("3000")
    usage = extension(CHAIN, x509.KeyUsage)
    assert usage.critical
    assert isinstance(usage.value, x509.KeyUsage)
    assert (usage.value.digital_signature, usage.value.key_cert_sign) == (True, False)
    purposes = extension(CHAIN, x509.ExtendedKeyUsage).value
    assert purposes == x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])


def test_the_server_has_its_names_and_as_many_days_as_browsers_take() -> None:
    facts = inspect.server_facts(CA, KEY, CHAIN)
    assert facts.names == NAMES
    assert facts.not_before == NOW - DAY_S
    assert facts.not_after - facts.not_before == 397 * DAY_S


def test_the_dates_of_the_authority_are_fixed() -> None:
    certificate = x509.load_pem_x509_certificate(CA)
    assert certificate.not_valid_before_utc.year == 2020
    assert certificate.not_valid_after_utc.year == 2099


def test_the_authority_may_sign_names_of_a_home_only() -> None:
    constraints = extension(CA, x509.NameConstraints)
    assert constraints.critical
    assert isinstance(constraints.value, x509.NameConstraints)
    permitted = [str(name.value) for name in constraints.value.permitted_subtrees or ()]
    assert {"local", "localhost", "ts.net", "192.168.0.0/16", "fc00::/7"} <= {*permitted}
    assert constraints.value.excluded_subtrees is None


def test_each_certificate_has_a_serial_number_of_its_own() -> None:
    again = create.server_chain(CA_KEY, CA, KEY, NAMES, NOW)
    serials = {x509.load_pem_x509_certificate(one).serial_number for one in (CHAIN, again, CA)}
    assert len(serials) == 3


def test_an_authority_made_anew_from_its_key_is_the_same_to_whoever_trusts_it() -> None:
    again = create.authority_certificate(CA_KEY)
    first, second = (x509.load_pem_x509_certificate(one) for one in (CA, again))
    assert first.subject == second.subject
    x509.load_pem_x509_certificate(CHAIN).verify_directly_issued_by(second)


def test_another_authority_has_another_name() -> None:
    other = create.authority_certificate(create.new_key())
    first, second = (x509.load_pem_x509_certificate(one) for one in (CA, other))
    assert first.subject != second.subject


def test_a_certificate_is_dated_in_utc() -> None:
    begin = x509.load_pem_x509_certificate(CHAIN).not_valid_before_utc
    assert begin == datetime.datetime.fromtimestamp(NOW - DAY_S, datetime.UTC)
