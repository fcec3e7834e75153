import pytest

from dev.simulator.zigbee.zcl_values import SIGNED, SIZES, ZclType, ZclValue, decode_integer


def test_an_integer_of_every_type_is_read_back_at_its_limits() -> None:
    for kind, size in SIZES.items():
        bits = 8 * size
        least, most = 0, 2**bits - 1
        if kind in SIGNED:
            least, most = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
        for number in (least, 0, 1, most):
            value = ZclValue(kind, number)
            assert decode_integer(kind, value.encode() + b"more") == number
            assert value.typed() == bytes((kind,)) + value.encode()
            assert len(value.encode()) == size
        for number in (least - 1, most + 1):
            with pytest.raises(OverflowError):
                ZclValue(kind, number).encode()
    assert ZclValue(ZclType.UINT24, 0x010203).encode() == b"\x03\x02\x01"


def test_a_text_has_its_length_in_bytes() -> None:
    text = ZclValue(ZclType.STRING, "m³")
    assert text.typed() == b"\x42\x03m\xc2\xb3"
    with pytest.raises(TypeError):
        _ = text.number


def test_only_numbers_that_measure_have_a_smallest_change() -> None:
    analog = {kind for kind in ZclType if kind.is_analog}
    discrete = {ZclType.BOOL, ZclType.BITMAP8, ZclType.BITMAP32}
    assert analog == {*ZclType} - discrete - {ZclType.ENUM8, ZclType.STRING}
