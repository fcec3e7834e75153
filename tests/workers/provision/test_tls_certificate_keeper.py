from datetime import UTC, datetime, timedelta

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID

from hems.protocols.web.certificate_requirements import CertificateFacts, ServerNames
from hems.system.certificates import inspect
from hems.workers.provision.keep_or_create_certificates import renewed
from tests.fakes.provision import NAMES, SOFTWARE_AT, Home

DAY_S = 86400.0
MADE = ("data/pki/ca.key", "gateway/tls/ca.crt", "gateway/tls/server.key", "gateway/tls/server.crt")


def contents(home: Home) -> list[bytes]:
    return [(home.directory / name).read_bytes() for name in MADE]


def facts(home: Home) -> CertificateFacts:
    _, ca, key, chain = contents(home)
    return inspect.server_facts(ca, key, chain)


def changed(before: list[bytes], after: list[bytes]) -> list[str]:
    return [name for name, *both in zip(MADE, before, after, strict=True) if both[0] != both[1]]


def test_it_is_for_what_the_machine_is_called(home: Home) -> None:
    home.run()
    assert facts(home).names == NAMES
    assert home.notifier.latest_metrics["certificate_days_left"] == 396.0


def test_a_name_that_is_missing_makes_a_new_one_with_the_same_keys(home: Home) -> None:
    home.run()
    before = contents(home)
    home.names = ServerNames(("hems",), ("192.0.2.1", "192.168.1.99"))
    home.run()
    assert facts(home).names == home.names
    assert changed(before, contents(home)) == ["gateway/tls/server.crt"]
    assert sum("is replaced, it lacks 192.168.1.99" in line for line in home.lines) == 1


def test_a_name_that_is_gone_makes_no_new_one(home: Home) -> None:
    home.run()
    before = contents(home)
    home.names = ServerNames(("hems",), ())
    home.run()
    assert contents(home) == before


def test_it_is_renewed_thirty_days_before_its_end_and_not_sooner(home: Home) -> None:
    home.run()
    before = contents(home)
    home.epoch += (396 - 31) * DAY_S
    home.run()
    assert contents(home) == before
    home.epoch += 2 * DAY_S
    home.run()
    assert changed(before, contents(home)) == ["gateway/tls/server.crt"]
    assert home.notifier.latest_metrics["certificate_days_left"] == 396.0


def test_it_is_renewed_by_a_worker_that_has_run_all_the_time(home: Home) -> None:
    home.run()
    before = contents(home)
    home.epoch += (396 - 30) * DAY_S - 700
    home.run(until=1000.0)
    assert changed(before, contents(home)) == ["gateway/tls/server.crt"]


def test_a_clock_of_2050_replaces_nothing_and_counts_no_days(home: Home) -> None:
    home.run()
    before, epoch = contents(home), home.epoch
    for year in (2050, 2098):
        home.epoch = (year - 1970) * 365.25 * DAY_S
        home.run()
        assert contents(home) == before
        assert home.notifier.latest_metrics["certificate_days_left"] is None
    home.epoch = (2019 - 1970) * 365.25 * DAY_S
    home.run()
    assert contents(home)[:3] == before[:3]
    home.epoch = epoch
    home.run()
    assert contents(home)[:3] == before[:3]
    assert home.notifier.latest_metrics["certificate_days_left"] == 396.0


def test_a_clock_that_may_be_right_and_was_not_replaces_no_authority(home: Home) -> None:
    home.run()
    before, epoch = contents(home), home.epoch
    home.epoch += 14 * 365 * DAY_S
    home.run()
    assert changed(before, contents(home)) == ["gateway/tls/server.crt"]
    home.epoch, home.is_synchronised = epoch, False
    home.run(until=100.0)
    assert home.notifier.latest_metrics["certificate_days_left"] is None  # valid in 14 years
    home.is_synchronised = True
    home.run()
    assert changed(before, contents(home)) == ["gateway/tls/server.crt"]
    assert home.notifier.latest_metrics["certificate_days_left"] == 396.0


def test_an_authority_of_an_earlier_version_stays_and_is_replaced_before_its_end(
    home: Home,
) -> None:
    """It has no name constraints, and twenty years."""
    home.run()
    key, *_ = contents(home)
    earlier = authority_of_before(key, home.epoch)
    (home.gateway / "tls" / "ca.crt").write_bytes(earlier)
    home.names = ServerNames(("hems", "gateway.example.org"), ("192.0.2.1",))
    home.run()
    assert contents(home)[1] == earlier
    assert facts(home).names == home.names
    home.epoch += (14 * 365) * DAY_S
    home.run()
    assert contents(home)[1] == earlier
    margin = inspect.authority_facts(key, earlier).not_after - 420 * DAY_S
    old = [*contents(home)]
    new, _, remarks = renewed(old, home.names, margin, 30 * DAY_S)
    assert new[0] == key
    assert new[1] != earlier
    assert any("the CA's certificate is replaced" in remark for remark in remarks)


def authority_of_before(key: bytes, now: float) -> bytes:
    private = inspect.private_key(key)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "SmartCORE HEMS gateway CA")])
    begin = datetime.fromtimestamp(now, UTC) - timedelta(days=1)
    builder = x509.CertificateBuilder(name, name, private.public_key(), 7)
    builder = builder.not_valid_before(begin).not_valid_after(begin + timedelta(days=20 * 365))
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    return builder.sign(private, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def test_a_name_that_the_authority_may_not_sign_is_left_out_and_told(home: Home) -> None:
    home.run()
    before = contents(home)
    home.names = ServerNames(("gateway.example.org", "hems", "new.local"), ("203.0.113.9",))
    home.run()
    assert facts(home).names == ServerNames(("hems", "new.local"), ())
    assert changed(before, contents(home)) == ["gateway/tls/server.crt"]
    warnings = [
        line for line in home.lines if "may not sign gateway.example.org, 203.0.113.9" in line
    ]
    home.run(until=1000.0)
    assert len(warnings) == 1
    (home.gateway / "tls" / "ca.crt").unlink()
    home.run()
    assert facts(home).names == home.names


def test_a_lost_key_of_the_authority_is_said_loudly(home: Home) -> None:
    home.run()
    before = contents(home)
    (home.data / "pki" / "ca.key").write_bytes(b"")
    (home.data / "provision.json").unlink()
    home.run()
    assert changed(before, contents(home)) == [MADE[0], MADE[1], MADE[3]]
    loud = [line for line in home.lines if "WARNING" in line and "import /ca.crt again" in line]
    assert len(loud) == 1


def test_a_lost_certificate_of_the_authority_asks_nobody_to_trust_it_again(home: Home) -> None:
    home.run()
    (home.gateway / "tls" / "ca.crt").unlink()
    home.run()
    assert not any("import /ca.crt" in line for line in home.lines)


def test_nothing_is_made_while_the_clock_is_before_the_softwares_time(home: Home) -> None:
    home.epoch, home.is_synchronised = SOFTWARE_AT - DAY_S, False
    home.run(until=100.0)
    assert not (home.gateway / "tls" / "server.crt").exists()
    assert sum("the clock is wrong" in line for line in home.lines) == 1
    assert home.notifier.sent.count("ready") == 1
    assert home.notifier.latest_metrics["certificate_days_left"] is None


def test_it_is_made_as_soon_as_the_clock_is_right(home: Home) -> None:
    home.epoch, home.is_synchronised = SOFTWARE_AT - 50, False
    made: dict[float, bool] = {}

    def look(now: float) -> None:
        made[now] = (home.gateway / "tls" / "server.crt").exists()

    home.run(until=70.0, during=look)
    assert made == {0: False, 10: False, 20: False, 30: False, 40: False, 50: True}


def test_without_ntp_a_clock_that_may_be_right_is_enough(home: Home) -> None:
    home.is_synchronised = False
    home.run()
    assert facts(home).names == NAMES


def test_what_there_is_outlives_a_clock_that_went_back(home: Home) -> None:
    home.run()
    before = contents(home)
    home.epoch, home.is_synchronised = SOFTWARE_AT + DAY_S, False
    home.run(until=100.0)
    assert contents(home) == before
    assert not any("clock" in line for line in home.lines)


def test_one_from_the_future_is_made_anew_once_ntp_has_set_the_clock(home: Home) -> None:
    home.epoch += 1000 * DAY_S
    home.run()
    home.epoch -= 1000 * DAY_S
    home.run()
    assert facts(home).not_before == home.epoch - DAY_S


def test_the_record_has_what_was_found(home: Home) -> None:
    home.run()
    record = msgspec.json.decode((home.data / "provision.json").read_bytes())
    assert record["looked"]["facts"]["names"]["dns"] == ["hems", "hems.local"]


def test_a_record_that_says_more_than_the_files_is_not_believed(home: Home) -> None:
    home.run()
    (home.gateway / "tls" / "server.crt").write_bytes(b"not what was found")
    home.run()
    assert facts(home).names == NAMES
