import pytest

from hems.errors import ProtocolError
from hems.workers.eesmart_d2l.retained_state import decode_state, last_good, total_state
from hems.workers.eesmart_d2l.total_source import Total


def test_a_state_has_the_last_good_values() -> None:
    state = decode_state(
        b'{"east": 12300000, "hchp": 0, "pcoup": 6000, "isousc": 30, "ngtf": "BASE", "sinsts": 7,'
        b' "date": "2023-11-14T22:13:20+00:00", "last_frame": "2023-11-14T22:13:25+00:00"}',
        "a dongle",
    )
    last = last_good(state)
    assert last.registers == {"EAST": 12_300_000, "HCHP": 0}
    assert last.ratings == {"PCOUP": 6000, "ISOUSC": 30}
    assert last.texts == {"NGTF": "BASE"}
    assert (last.meter_time, last.received_at) == (1_700_000_000, 1_700_000_005)


def test_values_of_another_type_are_left_out() -> None:
    last = last_good(
        {
            "east": "12",
            "eait": True,
            "base": -1,
            "hchc": 10**9,
            "hchp": 1.5,
            "ngtf": None,
            "optarif": "",
            "date": "yesterday",
            "last_frame": 5,
        }
    )
    assert (last.registers, last.texts) == ({}, {})
    assert (last.meter_time, last.received_at) == (None, None)


@pytest.mark.parametrize("payload", [b"", b"[]", b"{", b"\xff"])
def test_what_is_no_object_is_refused(payload: bytes) -> None:
    with pytest.raises(ProtocolError, match="a dongle"):
        decode_state(payload, "a dongle")


@pytest.mark.parametrize("at", [None, 1_700_000_000])
def test_a_total_is_restored_as_it_was(at: int | None) -> None:
    total = Total(("HCHC", "HCHP"), 22_239_010, 28_298_010, at)
    state = total_state(total) | {"hchc": 1, "east": 7}
    assert last_good(state).total == total
    assert last_good(total_state(None)).total is None


@pytest.mark.parametrize(
    ("state", "total"),
    [
        ({"east": 12_300}, Total(("EAST",), 12_300, 12_300, 1_700_000_000)),
        (
            {"hchc": 4000, "hchp": 8300, "energy_total": 12_300},
            Total(("HCHC", "HCHP"), 12_300, 12_300, 1_700_000_000),
        ),
        (
            {"base": 12_300, "hchc": 4000, "energy_total": 11_000},
            Total(("BASE",), 12_300, 11_000, 1_700_000_000),
        ),
        (
            {"east": 99_000, "base": 12_300, "energy_total": 12_300},
            Total(("BASE",), 12_300, 12_300, 1_700_000_000),
        ),
        ({"hchc": 4000}, None),
    ],
    ids=["STANDARD", "HISTORIQUE", "another sum", "the one that is equal", "no sum"],
)
def test_the_total_of_hems_0_1_0_has_no_source(state: dict[str, int], total: Total | None) -> None:
    assert last_good({**state, "date": "2023-11-14T22:13:20+00:00"}).total == total


@pytest.mark.parametrize(
    "spoilt",
    [
        {"energy_total_source": "EASF01"},
        {"energy_total_source": 7},
        {"energy_total_offset": "0"},
        {"energy_total": None},
    ],
    ids=["source", "no text", "offset", "total"],
)
def test_a_spoilt_total_is_made_of_the_registers(spoilt: dict[str, object]) -> None:
    state = total_state(Total(("EAST",), 12_300, 12_300, None)) | {"east": 12_300} | spoilt
    assert last_good(state).total == Total(("EAST",), 12_300, 12_300, None)
