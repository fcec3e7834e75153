import pytest
from hypothesis import given
from hypothesis import strategies as st

from hems.errors import ProtocolError
from hems.protocols.web.proxy_protocol import ProxyEndpoint, ProxyHeader, ProxyHeaderReader, encode

CLIENT, GATEWAY = ProxyEndpoint("192.0.2.7", 51234), ProxyEndpoint("172.18.4.1", 7846)
LINE = b"PROXY TCP4 192.0.2.7 172.18.4.1 51234 7846\r\n"


def read(data: bytes) -> ProxyHeader | None:
    return ProxyHeaderReader().receive_data(data)


def test_the_source_is_read_and_the_rest_returned() -> None:
    assert read(LINE + b"\3\0rest\r\n") == ProxyHeader(CLIENT, b"\3\0rest\r\n")


def test_a_header_may_be_cut_anywhere() -> None:
    data = LINE + b"\3"
    for cut in range(1, len(LINE)):
        reader = ProxyHeaderReader()
        assert reader.receive_data(data[:cut]) is None
        assert reader.receive_data(data[cut:]) == ProxyHeader(CLIENT, b"\3")


def test_a_header_may_come_byte_by_byte() -> None:
    reader = ProxyHeaderReader()
    assert [reader.receive_data(bytes([byte])) for byte in LINE[:-1]] == [None] * (len(LINE) - 1)
    assert reader.receive_data(LINE[-1:]) == ProxyHeader(CLIENT, b"")


def test_ipv6_is_read() -> None:
    header = read(b"PROXY TCP6 2001:DB8::7 fd00::1 51234 7846\r\n")
    assert header == ProxyHeader(ProxyEndpoint("2001:db8::7", 51234), b"")


@pytest.mark.parametrize("line", [b"PROXY UNKNOWN\r\n", b"PROXY UNKNOWN ffff::1 ffff::1 1 1\r\n"])
def test_an_unknown_source_is_none(line: bytes) -> None:
    assert read(line + b"x") == ProxyHeader(None, b"x")


def test_the_longest_header_is_read() -> None:
    longest = b"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"
    line = b"PROXY UNKNOWN " + longest + b" " + longest + b" 65535 65535\r\n"
    assert len(line) == 107
    reader = ProxyHeaderReader()
    assert reader.receive_data(line[:-1]) is None
    assert reader.receive_data(line[-1:] + b"x") == ProxyHeader(None, b"x")


@pytest.mark.parametrize("size", [107, 108, 4096])
def test_a_header_without_end_is_refused(size: int) -> None:
    assert read(LINE[:-2].ljust(106, b"1")) is None
    with pytest.raises(ProtocolError, match="at most 107 bytes"):
        read(LINE[:-2].ljust(size, b"1"))


@pytest.mark.parametrize("data", [b"\3", b"proxy ", b"PROXY\t", b"P\r\n", b"\r\n\r\n\0\r\nQUIT\n"])
def test_another_protocol_is_refused_at_its_first_byte(data: bytes) -> None:
    with pytest.raises(ProtocolError, match="at its start"):
        read(data)


@pytest.mark.parametrize(
    "fields",
    [
        "",
        "TCP4",
        "TCP5 192.0.2.7 172.18.4.1 51234 7846",
        "tcp4 192.0.2.7 172.18.4.1 51234 7846",
        "TCP4 192.0.2.7 172.18.4.1 51234",
        "TCP4 192.0.2.7 172.18.4.1 51234 7846 ",
        "TCP4  192.0.2.7 172.18.4.1 51234 7846",
        "TCP4 192.0.2.007 172.18.4.1 51234 7846",
        "TCP4 192.0.2 172.18.4.1 51234 7846",
        "TCP4 192.0.2.7 nowhere 51234 7846",
        "TCP4 2001:db8::7 fd00::1 51234 7846",
        "TCP6 192.0.2.7 172.18.4.1 51234 7846",
        "TCP6 fe80::1%eth0 fd00::1 51234 7846",
        "TCP4 192.0.2.7 172.18.4.1 65536 7846",
        "TCP4 192.0.2.7 172.18.4.1 -1 7846",
        "TCP4 192.0.2.7 172.18.4.1 051234 7846",
        "TCP4 192.0.2.7 172.18.4.1 5_1 7846",
        "TCP4 192.0.2.7 172.18.4.1 51234 x",
        "TCP4 192.0.2.\u0667 172.18.4.1 51234 7846",
    ],
)
def test_a_malformed_header_is_refused(fields: str) -> None:
    with pytest.raises(ProtocolError, match="PROXY header"):
        read(f"PROXY {fields}\r\n".encode())


def test_encode_writes_what_a_proxy_sends() -> None:
    assert encode(CLIENT, GATEWAY) == LINE


@given(st.ip_addresses(v=6) | st.ip_addresses(v=4), st.integers(0, 65535), st.binary(max_size=50))
def test_what_was_encoded_is_read_back(address: object, port: int, rest: bytes) -> None:
    source = ProxyEndpoint(str(address), port)
    assert read(encode(source, source) + rest) == ProxyHeader(source, rest)


@given(
    st.binary(max_size=200) | st.binary(max_size=100).map(lambda tail: b"PROXY " + tail + b"\r\n")
)
def test_arbitrary_bytes_are_a_header_or_a_protocol_error(data: bytes) -> None:
    try:
        header = read(data)
    except ProtocolError:
        return
    assert header is None or data.startswith(b"PROXY ")
