import pytest

from hems.protocols.web.certificate_requirements import CertificateFacts, ServerNames, server_names


def test_a_host_is_known_by_its_name_and_in_local() -> None:
    assert server_names("A1b2", [], []).dns == ("a1b2", "a1b2.local", "localhost")


def test_a_host_with_a_domain_is_known_by_all_its_names() -> None:
    names = server_names("hems.home.example", [], [])
    assert names.dns == ("hems", "hems.home.example", "hems.local", "localhost")


@pytest.mark.parametrize("host", ["", "my_host", "-a", "a..b", "x" * 64])
def test_a_host_whose_name_no_certificate_can_have_is_known_without_it(host: str) -> None:
    assert server_names(host, ["192.0.2.1"], []) == ServerNames(("localhost",), ("192.0.2.1",))


def test_addresses_that_reach_nobody_else_are_left_out() -> None:
    names = server_names("a", ["127.0.0.1", "169.254.3.4", "192.0.2.7", "192.0.2.7"], [])
    assert names.addresses == ("192.0.2.7",)


def test_an_operators_names_and_addresses_are_added() -> None:
    names = server_names("a", [], ["HEMS.example", "2001:DB8::1", "127.0.0.1"])
    assert names.dns == ("a", "a.local", "hems.example", "localhost")
    assert names.addresses == ("127.0.0.1", "2001:db8::1")


def test_what_is_missing_is_named() -> None:
    have = ServerNames(("a", "b"), ("192.0.2.1",))
    assert have.lacks(ServerNames(("b", "c"), ("192.0.2.2",))) == ["c", "192.0.2.2"]
    assert have.lacks(ServerNames(("a",), ())) == []


def test_a_label_of_63_characters_is_the_longest() -> None:
    label = "x" * 63
    assert server_names(label, [], []).dns == ("localhost", label, f"{label}.local")
    assert server_names(f"{label}x", [], []).dns == ("localhost",)


@pytest.mark.parametrize(
    ("now", "fault"),
    [
        (99.0, "it is not valid yet"),
        (100.0, ""),
        (190.0, ""),
        (191.0, "its end is near or past"),
        (None, ""),
    ],
)
def test_a_certificate_is_good_from_its_beginning_to_the_margin_before_its_end(
    now: float | None, fault: str
) -> None:
    names = ServerNames(("a",), ())
    assert CertificateFacts(100.0, 200.0, names).fault(now, 10.0, names) == fault
