from __future__ import annotations

import pytest

from hems.protocols.gateway.refusals_of_an_hour import PROBLEM
from hems.workers.telemetry.refused_page_logins import PageLogins

BEGIN = b"<190>Dec  1 08:00:00 nginx: "
NONE = {"Home Assistant": 0, "the editor": 0, "InfluxDB": 0}


def test_each_page_has_its_own_number_and_its_own_problem() -> None:
    logins = PageLogins()
    for now in range(PROBLEM + 1):
        logins.take(BEGIN + b"editor 192.168.1.5", float(now))
        assert bool(list(logins.problems(now))) is (now == PROBLEM)
    logins.take(BEGIN + b"influxdb 2001:db8::1", PROBLEM)
    logins.take(b"homeassistant 192.168.1.6", PROBLEM)
    expected = {"Home Assistant": 1, "the editor": PROBLEM + 1, "InfluxDB": 1}
    assert logins.counts(PROBLEM) == expected
    (problem,) = logins.problems(PROBLEM)
    words = "more than 100 in an hour, most of them from 192.168.1.5"
    assert (problem.name, problem.subject, problem.found) == ("access-refused", "the editor", words)
    assert logins.counts(2 * 3600.0) == NONE


@pytest.mark.parametrize(
    "datagram",
    [
        b"",
        BEGIN,
        BEGIN + b"editor",
        BEGIN + b"editor 192.168.1.5 192.168.1.6",
        BEGIN + b"editor 192.168.1.5\n",
        BEGIN + b"editor somebody",
        BEGIN + b"editor " + b"1" * 46,
        BEGIN + b"other 192.168.1.5",
        BEGIN + b"\xff 192.168.1.5",
        b"<190>Dec  1 08:00:00 gateway nginx: editor 192.168.1.5",
        b"192.168.1.5",
    ],
)
def test_what_nginx_does_not_send_counts_nothing(datagram: bytes) -> None:
    logins = PageLogins()
    logins.take(datagram, 0.0)
    assert logins.counts(0.0) == NONE
