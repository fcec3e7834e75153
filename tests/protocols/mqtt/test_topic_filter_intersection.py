import pytest

from hems.protocols.mqtt.topic_filter_intersection import intersection


@pytest.mark.parametrize(
    ("one", "other", "common"),
    [
        ("#", "a/+", "a/+"),
        ("a/#", "a", "a"),  # "#" includes the level above
        ("a/#", "a/+/#", "a/+/#"),
        ("+/x/#", "a/#", "a/x/#"),
        ("a/+/c", "a/b/+", "a/b/c"),
        ("a/b", "a/b", "a/b"),
        ("a/b", "a/c", ""),
        ("a/+", "a", ""),
        ("a", "a/b/#", ""),
        ("h/+/+/+/config", "h/device/+/config", ""),
    ],
)
def test_the_topics_that_two_filters_have_in_common(one: str, other: str, common: str) -> None:
    assert intersection(one, other) == common
    assert intersection(other, one) == common
