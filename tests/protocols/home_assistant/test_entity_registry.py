from hems.protocols.home_assistant.entity_registry import METER, RegistryEntry, nodes


def test_a_device_has_its_entities_by_key() -> None:
    registry = [
        RegistryEntry("sensor.power", "mqtt", "d2l_012345678901_sinsts"),
        RegistryEntry("sensor.of_a_second_one", "mqtt", "d2l_000000000002_east"),
        RegistryEntry("sensor.energy", "mqtt", "d2l_012345678901_power_estimated"),
    ]
    devices = [(one.name, one.entities) for one in nodes(registry, METER)]
    assert devices == [
        ("d2l_000000000002", {"east": "sensor.of_a_second_one"}),
        ("d2l_012345678901", {"sinsts": "sensor.power", "power_estimated": "sensor.energy"}),
    ]


def test_an_entity_is_called_as_in_discovery_or_by_its_key() -> None:
    registry = [
        RegistryEntry("sensor.a", "mqtt", "d2l_012345678901_a", "Power"),
        RegistryEntry("sensor.b", "mqtt", "d2l_012345678901_b"),
    ]
    (meter,) = nodes(registry, METER)
    assert meter.labels == {"sensor.a": "Power", "sensor.b": "b"}


def test_what_people_do_not_see_is_not_there() -> None:
    registry = [
        RegistryEntry("sensor.a", "mqtt", "d2l_012345678901_a", disabled_by="user"),
        RegistryEntry("sensor.b", "mqtt", "d2l_012345678901_b", hidden_by="user"),
        RegistryEntry("sensor.c", "mqtt", "d2l_012345678901_c"),
    ]
    (meter,) = nodes(registry, METER)
    assert list(meter.entities) == ["c"]


def test_entities_of_others_are_not_ours() -> None:
    registry = [
        RegistryEntry("sensor.a", "hue", "d2l_012345678901_a"),
        RegistryEntry("sensor.b", "mqtt", "d2l_1_b"),
        RegistryEntry("sensor.c", "mqtt", "x_d2l_012345678901_c"),
        RegistryEntry("sensor.d", "zha", ["d2l_012345678901_d"]),
    ]
    assert nodes(registry, METER) == ()
