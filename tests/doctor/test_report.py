from hems.doctor.finding import failed, note, ok
from hems.doctor.report import is_well, lines

FOUND = {
    "clock": [ok("synchronised")],
    "broker": [failed("away", "an answer", "restart it")],
    "zigbee": [note("none", "plug it in"), note("mock")],
}


def test_a_failure_says_what_was_expected_and_what_to_do() -> None:
    assert list(lines(FOUND)) == [
        "ok     clock   synchronised",
        "FAILED broker  away",
        "               expected: an answer",
        "               do: restart it",
        "note   zigbee  none",
        "               do: plug it in",
        "note   zigbee  mock",
        "",
        "1 failed, 2 worth knowing: begin with the first that failed",
    ]


def test_only_a_failure_is_not_well() -> None:
    assert not is_well(FOUND)
    assert is_well({"zigbee": FOUND["zigbee"]})
    assert list(lines({"zigbee": FOUND["zigbee"]}))[-1] == "all is well; 2 worth knowing"
    assert list(lines({"clock": FOUND["clock"]}))[-1] == "all is well"
