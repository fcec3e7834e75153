import json
import xmlrpc.client

import pytest
from pytest_mock import MockerFixture

from hems.supervision.health import health_json
from hems.supervision.health.health_json import HealthEncoder, as_json, decode, from_object
from hems.supervision.health.health_row import HealthRow
from hems.supervision.processes.resource_usage import ResourceUsage
from tests.supervision.health.test_health_table import BAD, GOOD, PROBLEM


@pytest.mark.parametrize(
    "sent", [GOOD, BAD, GOOD._replace(status='é " <&>"metrics": null', problems=(PROBLEM,))]
)
def test_a_row_survives_xml_rpc(sent: HealthRow) -> None:
    wire = xmlrpc.client.dumps((HealthEncoder().report([sent], 100.0),), methodresponse=True)
    (report,), _ = xmlrpc.client.loads(wire)
    assert decode(str(report), 100.0) == [sent]


def test_a_report_of_an_earlier_boot_has_no_rows() -> None:
    report = HealthEncoder().report([GOOD, BAD], 100.1)
    assert decode(report, 100.1) == [GOOD, BAD]
    assert decode(report, 100.0) == []


def test_a_report_that_is_read_at_once_has_its_rows() -> None:
    now = 1000.0009
    assert decode(HealthEncoder().report([GOOD], now), now) == [GOOD]


def test_a_field_of_a_newer_version_is_ignored() -> None:
    [unit] = json.loads(as_json([GOOD], {}))
    assert from_object({**unit, "colour": "red"}) == GOOD


def test_json_carries_the_metrics_as_an_object_and_absent_values_as_null() -> None:
    usage = ResourceUsage(1.5, 1000, 2)
    good, bad = json.loads(as_json([GOOD, BAD], {"led": usage}))
    assert (good["usage"], bad["usage"]) == (usage._asdict(), None)
    assert good["metrics"] == {"lights": 3}
    assert (bad["pid"], bad["is_healthy"], bad["problems"]) == (None, False, [])


def test_only_a_row_that_has_changed_is_encoded_again(mocker: MockerFixture) -> None:
    encode = mocker.spy(health_json, "encode")
    encoder = HealthEncoder()
    encoder.report([GOOD, BAD], 1.0)
    again = GOOD._replace(pinged_at=999.0)
    assert decode(encoder.report([again, BAD._replace()], 2.0), 2.0) == [again, BAD]
    assert [call.args[0] for call in encode.call_args_list] == [GOOD, BAD, again]


def test_a_report_is_never_from_the_future() -> None:
    for now in (0.0009, 12.3456, 7.9999):
        assert decode(HealthEncoder().report([GOOD], now), now) == [GOOD]
