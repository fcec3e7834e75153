"""What ListenStream and ListenDatagram accept."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hems.supervision.errors import InvalidConfiguration
from hems.supervision.settings.directive_parser import parse
from hems.supervision.settings.listen_address import ListenAddress, Transport, datagram, stream
from hems.supervision.settings.socket_directives import SocketSettings
from hems.supervision.settings.unit_spec import UnitSpec

BASE = UnitSpec("d2l")


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("7846", "::", 7846),
        ("127.0.0.1:80", "127.0.0.1", 80),
        ("0.0.0.0:65535", "0.0.0.0", 65535),
        ("[::1]:80", "::1", 80),
        ("[0:0::1]:80", "::1", 80),
    ],
)
def test_an_ip_address_is_read(text: str, host: str, port: int) -> None:
    assert stream(text) == ListenAddress(Transport.STREAM, host=host, port=port)


@pytest.mark.parametrize("text", ["/run/x.sock", "@abstract"])
def test_a_unix_address_is_read(text: str) -> None:
    assert datagram(text) == ListenAddress(Transport.DATAGRAM, path=text)
    assert str(datagram(text)) == f"ListenDatagram={text}"


@pytest.mark.parametrize(
    "text",
    ["", "0", "65536", "-1", "+80", "localhost:80", "::1:80", "[127.0.0.1]:80", "127.0.0.1:",
     "127.1:80", "/", "@", "/" + "x" * 107, "[::1]80", "٣", "1:2:3", "80 "],
)  # fmt: skip
def test_another_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected a p"):
        stream(text)


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert str(stream(text)).startswith("ListenStream=")


def test_an_address_is_shown_as_it_is_written() -> None:
    assert str(stream("[::1]:80")) == "ListenStream=[::1]:80"
    assert str(stream("1.2.3.4:80")) == "ListenStream=1.2.3.4:80"


def test_both_directives_keep_their_common_order() -> None:
    unit = "ListenStream=1 ListenDatagram=2 ListenStream=3"
    assert [one.port for one in parse(unit, BASE).sockets.listen] == [1, 2, 3]
    assert parse(f"{unit} ListenStream=", BASE).sockets.listen == ()


def test_every_setting_of_a_socket_is_read() -> None:
    unit = (
        "ListenStream=@x FileDescriptorName=meters Backlog=7 SocketMode=0600 SocketUser=d2l "
        "SocketGroup=dialout ReusePort=yes FreeBind=yes"
    )
    expected = SocketSettings((stream("@x"),), "meters", 7, 0o600, "d2l", "dialout", True, True)
    assert parse(unit, BASE).sockets == expected


@pytest.mark.parametrize(
    "unit",
    ["SocketMode=888", "SocketMode=", "SocketMode=77777", "FileDescriptorName=a:b", "Backlog=-1",
     "FileDescriptorName=", "FileDescriptorName=é", "ListenStream=x"],
)  # fmt: skip
def test_a_mistake_is_refused(unit: str) -> None:
    with pytest.raises(InvalidConfiguration, match=f"{unit.partition('=')[0]}: found"):
        parse(unit, BASE)
