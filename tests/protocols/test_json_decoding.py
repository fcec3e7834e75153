from enum import Enum

import msgspec
import pytest
from pytest_mock import MockerFixture

from hems.errors import ProtocolError
from hems.protocols.gateway.unit_health_file import HealthReport
from hems.protocols.json_decoding import decode_json, warm_up


class Colour(Enum):
    RED = "red"


class Lamp(msgspec.Struct):
    power: int
    name: str | None = None
    colour: Colour = Colour.RED
    parts: tuple[float, ...] = ()


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"\xff"', b"[" * 100_000])
def test_a_malformed_body_names_the_peer(body: bytes) -> None:
    with pytest.raises(ProtocolError, match="the peer: "):
        decode_json(body, dict[str, int], "the peer")


@pytest.mark.parametrize(
    "body", [b'{"token":"s3cret"}', b"s3cret", b'{"token":"s3cret"', b'"s3cret"']
)
def test_a_malformed_body_is_not_shown(body: bytes) -> None:
    with pytest.raises(ProtocolError) as error:
        decode_json(body, dict[str, int], "POST /auth/token")
    assert "s3cret" not in str(error.value)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"", "found nothing"),
        (b"<html>", "found bytes that are not JSON"),
        (b'{"power":1}x', "found bytes that are not JSON"),
        (b'{"power":', "found JSON that is cut off"),
        (b'{"name":"\xff"}', "found bytes that are not JSON"),
        (b'{"power":1e999}', "found a number that is too large at power"),
        (b"[]", "expected an object, found a list"),
        (b"{}", "expected a field power, found none"),
        (b'{"power":"1"}', "expected a whole number, found text at power"),
        (b'{"power":1,"name":1}', "expected text or null, found a whole number at name"),
        (b'{"power":1,"parts":[0,true]}', "expected a number, found true or false at parts[1]"),
        (
            b'{"power":1,"colour":"blue"}',
            "found 'blue', which hems does not know, at colour",
        ),
        (b'{"power":1.5}', "expected a whole number, found a number at power"),
    ],
)
def test_what_was_found_is_said_in_our_own_words(body: bytes, text: str) -> None:
    with pytest.raises(ProtocolError) as error:
        decode_json(body, Lamp, "the lamp")
    assert str(error.value) == f"the lamp: {text}"


def test_json_that_is_nested_too_deeply_is_named() -> None:
    with pytest.raises(ProtocolError, match=r"^x: found JSON that is nested too deeply$"):
        decode_json(b"[" * 100_000, object, "x")


@pytest.mark.parametrize("number", [b"1e400", b"1" * 400 + b".0", b"9" * 5000])
def test_a_number_that_is_too_large_is_named(number: bytes) -> None:
    with pytest.raises(ProtocolError, match=r"^x: found a number that is too large$"):
        decode_json(number, dict[str, object], "x")


def test_warming_up_prepares_what_is_imported_of_hems_and_nothing_else(
    mocker: MockerFixture,
) -> None:
    decoder = mocker.spy(msgspec.json, "Decoder")
    warm_up()
    kinds = {call.args[0] for call in decoder.call_args_list}
    assert HealthReport in kinds
    assert Lamp not in kinds
