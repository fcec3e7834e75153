import pytest

from hems.clients.influxdb.responses import Bucket, bucket, is_set_up, organisation_id, tasks
from hems.errors import ProtocolError

RULE = b'{"type":"expire","everySeconds":%d,"shardGroupDurationSeconds":604800}'
BUCKET = b'{"links":{},"buckets":[{"id":"1","orgID":"2","name":"home","retentionRules":[%s]}]}'


def test_a_new_one_allows_the_set_up() -> None:
    assert not is_set_up(b'{"allowed":true}')
    assert is_set_up(b'{"allowed":false}')


@pytest.mark.parametrize(("rules", "retention_s"), [(RULE % 86400, 86400), (RULE % 0, 0), (b"", 0)])
def test_how_long_a_bucket_keeps_values(rules: bytes, retention_s: int) -> None:
    assert bucket(BUCKET % rules) == Bucket("1", "home", retention_s)


def test_what_a_token_may_not_see_is_not_there() -> None:
    assert bucket(b'{"buckets":[]}') is None
    assert organisation_id(b'{"orgs":[]}') is None
    assert tasks(b'{"tasks":[]}') == ()


def test_a_task_has_its_text_as_it_was_given() -> None:
    body = b'{"tasks":[{"id":"7","name":"n","flux":"a\\nb","status":"active","every":"1h"}]}'
    assert [(one.id, one.name, one.flux) for one in tasks(body)] == [("7", "n", "a\nb")]


@pytest.mark.parametrize("body", [b"", b"null", b"{}", b'{"allowed":1}', b'{"orgs":[{}]}'])
def test_another_shape_is_refused(body: bytes) -> None:
    for read in (is_set_up, organisation_id, bucket, tasks):
        with pytest.raises(ProtocolError, match="InfluxDB: "):
            read(body)
