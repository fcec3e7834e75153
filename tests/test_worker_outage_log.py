from hems.worker_outage_log import Outage


def test_an_outage_is_one_line_when_it_begins_and_one_when_it_ends(lines: list[str]) -> None:
    outage = Outage("broker")
    for second in range(100):
        outage.begin("refused", now=1000 + second)
    assert outage.reason == "refused"
    outage.end(now=1100)
    outage.end(now=1101)
    assert outage.reason == ""
    assert lines == [
        "WARNING broker: refused; trying again",
        "INFO broker: works again after 100 s",
    ]


def test_another_reason_is_worth_a_line_and_keeps_the_begin(lines: list[str]) -> None:
    outage = Outage("broker")
    outage.begin("refused", now=0)
    outage.begin("login refused", now=50)
    outage.end(now=60)
    assert lines[1:] == [
        "WARNING broker: login refused; trying again",
        "INFO broker: works again after 60 s",
    ]


def test_a_peer_that_was_never_away_is_not_back(lines: list[str]) -> None:
    Outage("broker").end(now=0)
    assert lines == []
