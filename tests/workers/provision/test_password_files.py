from hems.protocols.mqtt.mosquitto_users import AccessGrant, AccessRight
from hems.settings.logins import MqttUser, Secret
from hems.settings.mqtt import MqttSettings
from hems.workers.provision.password_files import grants
from tests.fakes.provision import Home

FIGURES = (AccessRight.READ, "$SYS/broker/#")
DISCOVERY = ((AccessRight.WRITE, "homeassistant/#"), (AccessRight.READ, "homeassistant/status"))


def test_everybody_may_do_what_he_needs_and_no_more() -> None:
    others = [MqttUser("plug", "x"), MqttUser("car", "y", ("car/#", "grid/+"))]
    assert grants("hems", others, MqttSettings()) == [
        AccessGrant("homeassistant", ((AccessRight.READWRITE, "#"),)),
        AccessGrant("hems", ((AccessRight.READWRITE, "hems/#"), *DISCOVERY, FIGURES)),
        AccessGrant("plug", ((AccessRight.READWRITE, "plug/#"), *DISCOVERY)),
        AccessGrant(
            "car", ((AccessRight.READWRITE, "car/#"), (AccessRight.READWRITE, "grid/+"), *DISCOVERY)
        ),
    ]


def test_the_rights_follow_the_settings() -> None:
    (_, workers) = grants("w", [], MqttSettings(base_topic="home/7", discovery_prefix="ha"))
    assert [topic for _, topic in workers.topics] == [
        *("home/7/#", "ha/#", "ha/status"),
        "$SYS/broker/#",
    ]


def test_a_password_that_stays_keeps_its_salt(home: Home) -> None:
    home.environ = {"MQTT_USERS": "plug:password one;car:password two"}
    home.run()
    before = home.contents()["gateway/mosquitto/passwd"][1].splitlines()
    home.environ = {"MQTT_USERS": "plug:password one;car:password three"}
    home.run()
    after = home.contents()["gateway/mosquitto/passwd"][1].splitlines()
    assert after[:3] == before[:3]
    assert after[3] != before[3]


def test_a_user_that_goes_away_is_let_in_no_more(home: Home) -> None:
    home.environ = {"MQTT_USERS": "plug:password one"}
    home.run()
    home.environ = {}
    home.run()
    found = home.contents()
    for name in ("passwd", "acl"):
        assert b"plug" not in found[f"gateway/mosquitto/{name}"][1]


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


def test_the_configuration_has_a_listener_with_these_files(home: Home) -> None:
    home.run()
    lines = (home.gateway / "mosquitto.conf").read_text().splitlines()
    assert lines[:2] == ["listener 1883", "allow_anonymous false"]
    assert f"password_file {home.gateway}/mosquitto/passwd" in lines
    assert f"acl_file {home.gateway}/mosquitto/acl" in lines
    assert home.secret(Secret.MQTT_PASSWORD) not in " ".join(lines)


def test_a_wrong_password_of_a_device_leaves_its_previous_one_in_force(home: Home) -> None:
    home.environ = {"MQTT_USERS": "plug:password one;car:password two"}
    home.run()
    before = home.contents()["gateway/mosquitto/passwd"]
    home.environ, home.has_mistakes = {"MQTT_USERS": "plug:short;car:password two"}, True
    home.run()
    assert home.contents()["gateway/mosquitto/passwd"] == before
    assert b"user plug\n" in home.contents()["gateway/mosquitto/acl"][1]


def test_a_new_device_with_a_wrong_password_is_left_out(home: Home) -> None:
    home.environ, home.has_mistakes = {"MQTT_USERS": "plug:short;car:password two"}, True
    home.run()
    lines = home.contents()["gateway/mosquitto/passwd"][1].decode().splitlines()
    assert [line.partition(":")[0] for line in lines] == ["homeassistant", "hems", "car"]
