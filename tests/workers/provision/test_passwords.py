from hems.protocols.mosquitto import Grant, Right
from hems.settings import Mqtt
from hems.settings.logins import MqttUser, Secret
from hems.workers.provision.passwords import grants
from tests.fakes.provision import Home

DISCOVERY = ((Right.WRITE, "homeassistant/#"), (Right.READ, "homeassistant/status"))


def test_everybody_may_do_what_he_needs_and_no_more() -> None:
    others = [MqttUser("plug", "x"), MqttUser("car", "y", ("car/#", "grid/+"))]
    assert grants("hems", others, Mqtt()) == [
        Grant("homeassistant", ((Right.READWRITE, "#"),)),
        Grant("hems", ((Right.READWRITE, "hems/#"), *DISCOVERY)),
        Grant("plug", ((Right.READWRITE, "plug/#"), *DISCOVERY)),
        Grant("car", ((Right.READWRITE, "car/#"), (Right.READWRITE, "grid/+"), *DISCOVERY)),
    ]


def test_the_rights_follow_the_settings() -> None:
    (_, workers) = grants("w", [], Mqtt(base_topic="home/7", discovery_prefix="ha"))
    assert [topic for _, topic in workers.topics] == ["home/7/#", "ha/#", "ha/status"]


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
