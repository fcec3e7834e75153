from hems.doctor.check_interface import failed, note, ok
from hems.doctor.text_report import is_well, lines

FINDINGS = {
    "clock": [ok("synchronised")],
    "broker": [failed("away", "an answer", "restart it")],
    "zigbee": [note("none", "plug it in"), note("mock")],
}


def test_a_failure_says_what_was_expected_and_what_to_do() -> None:
    assert list(lines(FINDINGS)) == [
        "ok     clock   synchronised",
        "FAILED broker  away",
        "               expected: an answer",
        "               do: restart it",
        "note   zigbee  none",
        "               do: plug it in",
        "note   zigbee  mock",
        "",
        "1 failure, 2 notes; start with the first failure",
    ]


def test_only_a_failure_is_not_well() -> None:
    assert not is_well(FINDINGS)
    assert is_well({"zigbee": FINDINGS["zigbee"]})
    assert list(lines({"zigbee": FINDINGS["zigbee"]}))[-1] == "no failures; 2 notes"
    assert list(lines({"clock": FINDINGS["clock"]}))[-1] == "no failures; no notes"
