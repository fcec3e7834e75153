from hems.settings.shared_secret_rules import Secret
from tests.fakes.provision import Home

FILE = "gateway/mosquitto/device-passwd"


def test_a_password_that_stays_keeps_its_salt(home: Home) -> None:
    home.environ = {"MQTT_USERS": "plug:password one;car:password two"}
    home.run()
    before = home.contents()[FILE][1].splitlines()
    home.environ = {"MQTT_USERS": "plug:password one;car:password three"}
    home.run()
    after = home.contents()[FILE][1].splitlines()
    assert after[0] == before[0]
    assert after[1] != before[1]


def test_a_user_that_goes_away_is_let_in_no_more(home: Home) -> None:
    home.environ = {"MQTT_USERS": "plug:password one"}
    home.run()
    home.environ = {}
    home.run()
    contents = home.contents()
    for name in ("device-passwd", "device-acl"):
        assert b"plug" not in contents[f"gateway/mosquitto/{name}"][1]


def test_the_owner_keeps_his_salt_until_the_password_changes(home: Home) -> None:
    home.run()
    before = home.contents()["gateway/nginx/htpasswd"]
    home.environ = {"MQTT_PASSWORD": "another"}
    home.run()
    assert home.contents()["gateway/nginx/htpasswd"] == before
    home.environ = {"CONFIG_USER": "installer"}
    home.run()
    (line,) = home.contents()["gateway/nginx/htpasswd"][1].decode().splitlines()
    assert line.startswith("installer:$2b$")


def test_the_gateway_and_the_devices_have_a_listener_each(home: Home) -> None:
    home.environ = {"MQTT_USERS": "plug:password one"}
    home.run()
    lines = (home.gateway / "mosquitto.conf").read_text().splitlines()
    assert lines == [
        "listener 1883",
        "allow_anonymous false",
        f"password_file {home.gateway}/mosquitto/passwd",
        f"acl_file {home.gateway}/mosquitto/acl",
        "max_connections 64",
        "",
        "listener 0 /run/mosquitto/devices.sock",
        "allow_anonymous false",
        "password_file /run/mosquitto/device-passwd",
        f"acl_file {home.gateway}/mosquitto/device-acl",
        "use_username_as_clientid true",
        "max_topic_alias 0",
        "max_connections 640",
    ]
    names = [
        [line.partition(":")[0] for line in file[1].decode().splitlines()]
        for file in map(home.contents().get, ("gateway/mosquitto/passwd", FILE))
        if file
    ]
    assert names == [["homeassistant", "hems"], ["plug"]]
    assert home.secret(Secret.MQTT_PASSWORD) not in " ".join(lines)


def test_a_wrong_password_of_a_device_leaves_its_previous_one_in_force(home: Home) -> None:
    home.environ = {"MQTT_USERS": "plug:password one;car:password two"}
    home.run()
    before = home.contents()[FILE]
    home.environ, home.has_mistakes = {"MQTT_USERS": "plug:short;car:password two"}, True
    home.run()
    assert home.contents()[FILE] == before
    assert b"user plug\n" in home.contents()["gateway/mosquitto/device-acl"][1]


def test_a_new_device_with_a_wrong_password_is_left_out(home: Home) -> None:
    home.environ, home.has_mistakes = {"MQTT_USERS": "plug:short;car:password two"}, True
    home.run()
    lines = home.contents()[FILE][1].decode().splitlines()
    assert [line.partition(":")[0] for line in lines] == ["car"]
