from collections.abc import Callable

import pytest

from hems.settings.address_validation import (
    host_and_port,
    is_host,
    is_ip_address,
    is_ipv4_address,
    is_server_name,
    url_address,
)


@pytest.mark.parametrize(
    ("url", "scheme", "expected"),
    [
        ("http://h/x", "http", ("h", 80)),
        ("tcp://h:1", "tcp", ("h", 1)),
        ("tcp://h", "tcp", None),
        ("tcp://h:99999", "tcp", None),
        ("http://[::1]:8/", "http", ("::1", 8)),
        ("http://", "http", None),
        ("https://h", "http", None),
        ("http://h:99999", "http", None),
        ("http://h:0/", "http", None),
        ("http://a..b/", "http", None),
        ("http://.a/", "http", None),
        ("http://[fe80::1%eth0]/", "http", None),
        ("http://[fe80::1%25eth0]/", "http", None),
        ("http://h/\udcff", "http", None),
        ("http://h/é", "http", None),
        ("http://h/a b", "http", None),
        ("http://ho\tst/", "http", None),
        ("http://café/", "http", None),
        ("http://h:" + "1" * 5000, "http", None),
        ("http://h:\uff18/", "http", None),
        (f"tcp://{'x' * 64}:1", "tcp", None),
    ],
)
def test_the_address_of_a_url(url: str, scheme: str, expected: tuple[str, int] | None) -> None:
    assert url_address(url, scheme) == expected


@pytest.mark.parametrize(
    ("text", "is_ip", "is_ipv4"),
    [
        ("10.0.0.1", True, True),
        ("::1", True, False),
        ("10.0.0", False, False),
        ("h", False, False),
        ("fe80::1%eth0", False, False),
        ("\uff110.0.0.1", False, False),
    ],
)
def test_ip_addresses_of_both_versions(text: str, *, is_ip: bool, is_ipv4: bool) -> None:
    assert is_ip_address(text) is is_ip
    assert is_ipv4_address(text) is is_ipv4


def test_a_host_may_have_an_underscore_and_a_server_name_may_not() -> None:
    assert is_host("my_broker.lan")
    assert not is_server_name("my_broker.lan")


@pytest.mark.parametrize("is_valid", [is_host, is_server_name])
def test_a_label_has_up_to_63_characters_and_a_name_253(is_valid: Callable[[str], bool]) -> None:
    assert is_valid("x" * 63)
    assert not is_valid("x" * 64)
    name = ".".join(["x" * 63] * 3 + ["x" * 61])
    assert len(name) == 253
    assert is_valid(name)
    assert not is_valid(f"{name}x")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("h:1", ("h", 1)),
        ("h:65535", ("h", 65535)),
        ("h:65536", None),
        ("h:0", None),
        ("h", None),
        (f"h:{'1' * 5000}", None),
        ("h:\uff18", None),
        ("a..b:1", None),
        ("fe80::1%eth0:1", None),
    ],
)
def test_a_port_is_between_1_and_65535(text: str, address: tuple[str, int] | None) -> None:
    assert host_and_port(text) == address
