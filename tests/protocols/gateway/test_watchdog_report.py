import pytest

from hems.errors import ProtocolError
from hems.protocols.gateway.watchdog_report import Internet, WatchdogState, decode, encode

STATE = WatchdogState(
    written_at=1000.0,
    valid_s=90.0,
    internet=Internet.LAN_ONLY,
    internet_since=400.5,
    next_reboot_at=2200.0,
    is_reboot_budget_exhausted=True,
    is_data_unwritable=True,
    given_up=("mqtt", "influxdb"),
    restarts={"mqtt": 5, "influxdb": 5, "homeassistant": 1},
)


def test_a_state_survives_the_file() -> None:
    assert decode(encode(STATE)) == STATE


def test_a_state_cut_anywhere_is_refused() -> None:
    whole = encode(STATE)
    for end in range(len(whole)):
        with pytest.raises(ProtocolError, match="the watchdog's report: "):
            decode(whole[:end])


@pytest.mark.parametrize("data", [b"\xff", b"[]", b'{"internet": "maybe"}', b"null"])
def test_rubbish_is_refused(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        decode(data)


def test_what_a_newer_watchdog_adds_is_passed_over() -> None:
    assert decode(encode(STATE)[:-1] + b',"new":1}') == STATE


def test_a_state_nested_too_deeply_is_none() -> None:
    with pytest.raises(ProtocolError):
        decode(b'{"x":' + b"[" * 100_000)
