from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from hems.errors import Unavailable
from hems.settings import shared_secret_rules
from hems.settings.shared_secret_rules import Secret
from hems.system import files
from hems.system.files import Access
from hems.workers.provision.gateway_file_paths import GatewayFiles
from hems.workers.provision.shared_secrets import SharedSecrets
from tests.fakes.provision import Home


def test_what_no_variable_gives_is_made_once(home: Home) -> None:
    home.run()
    made = {secret: home.secret(secret) for secret in Secret}
    home.run()
    assert {secret: home.secret(secret) for secret in Secret} == made
    assert (made[Secret.CONFIG_USER], made[Secret.MQTT_USER]) == ("admin", "hems")
    assert len(set(made.values())) == len(made)


def test_what_is_made_is_what_the_settings_take(home: Home) -> None:
    home.run()
    for secret in Secret:
        assert shared_secret_rules.problem(secret, home.secret(secret)) == ""
        assert len(home.secret(secret)) >= 20 or secret in shared_secret_rules.DEFAULTS


def test_two_gateways_have_different_secrets(home: Home, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = Home(tmp_path / "other")
    home.run()
    other.run()
    for secret in Secret:
        assert secret in shared_secret_rules.DEFAULTS or home.secret(secret) != other.secret(secret)


def test_a_variable_wins_over_what_was_made(home: Home) -> None:
    home.run()
    home.environ = {"CONFIG_PASSWORD": "of the owner", "MQTT_USER": "workers"}
    home.run()
    assert home.secret(Secret.CONFIG_PASSWORD) == "of the owner"
    assert home.secret(Secret.MQTT_USER) == "workers"
    assert home.notifier.latest_metrics["set_by_variables"] == ("CONFIG_PASSWORD", "MQTT_USER")


def test_a_variable_that_goes_away_keeps_its_last_value(home: Home) -> None:
    home.environ = {"CONFIG_PASSWORD": "of the owner"}
    home.run()
    home.environ = {}
    home.run()
    assert home.secret(Secret.CONFIG_PASSWORD) == "of the owner"


def test_a_file_that_vanishes_while_it_runs_comes_back_with_its_value(home: Home) -> None:
    home.run()
    before = home.secret(Secret.INFLUX_TOKEN)

    def lose(now: float) -> None:
        if now == 0:
            (home.gateway / "secrets" / "INFLUX_TOKEN").unlink()

    home.run(until=500.0, during=lose)
    assert home.secret(Secret.INFLUX_TOKEN) == before


def test_an_invalid_value_is_replaced_and_logged(home: Home) -> None:
    (home.gateway / "secrets").mkdir(parents=True)
    (home.gateway / "secrets" / "CONFIG_PASSWORD").write_text("short")
    home.run()
    assert len(home.secret(Secret.CONFIG_PASSWORD)) == 20
    assert (
        sum("CONFIG_PASSWORD had no valid value and has a new" in line for line in home.lines) == 1
    )


def test_no_value_counts_before_it_is_on_disk(tmp_path: Path) -> None:
    secrets = SharedSecrets(
        GatewayFiles(tmp_path / "no" / "gateway", tmp_path, False), {}, lambda size: "x"
    )
    with pytest.raises(Unavailable, match="gateway cannot be created"):
        secrets.step(0)
    with pytest.raises(Unavailable, match="waits for INFLUX_TOKEN"):
        secrets.value(Secret.INFLUX_TOKEN)


def test_nor_does_that_of_a_file_that_cannot_be_written(
    tmp_path: Path, mocker: MockerFixture
) -> None:
    def full(path: Path, _data: bytes, _access: Access) -> bool:
        raise Unavailable(f"{path.name} cannot be written")

    secrets = SharedSecrets(
        GatewayFiles(tmp_path / "gateway", tmp_path, False), {}, lambda size: "x"
    )
    mocker.patch.object(files, "ensure", full)
    with pytest.raises(Unavailable) as refusal:
        secrets.step(0)
    first = Secret(str(refusal.value).partition(" ")[0])
    with pytest.raises(Unavailable, match=f"waits for {first}"):
        secrets.value(first)


WRONG = {"CONFIG_PASSWORD": "short", "INFLUX_TOKEN": "a b", "MQTT_USER": "#", "CONFIG_USER": "A B"}


def test_a_wrong_value_leaves_the_previous_one_in_force(home: Home) -> None:
    home.environ = {"CONFIG_PASSWORD": "of the owner", "MQTT_USER": "workers"}
    home.run()
    before = {secret: home.secret(secret) for secret in Secret}
    home.environ, home.has_mistakes = WRONG, True
    home.run()
    assert {secret: home.secret(secret) for secret in Secret} == before
    assert before[Secret.CONFIG_PASSWORD] == "of the owner"
    assert home.notifier.latest_metrics["waiting"] == {}


def test_a_new_gateway_with_wrong_values_generates_its_own(home: Home) -> None:
    home.environ, home.has_mistakes = {**WRONG, "MQTT_PASSWORD": "a good one"}, True
    home.run()
    for secret in Secret:
        assert shared_secret_rules.problem(secret, home.secret(secret)) == ""
    assert home.secret(Secret.MQTT_PASSWORD) == "a good one"
    assert (home.gateway / "tls" / "server.crt").exists()
    assert (home.gateway / "mosquitto.conf").exists()
    assert (home.gateway / "nginx" / "htpasswd").exists()
    assert home.notifier.latest_metrics["waiting"] == {}


def test_a_secret_that_was_not_made_is_not_logged(home: Home, mocker: MockerFixture) -> None:
    def full(path: Path, _data: bytes, _access: Access) -> bool:
        raise Unavailable(f"{path.name} cannot be written")

    def claims() -> list[str]:
        return [line for line in home.lines if " created " in line or "is for" in line]

    patched = mocker.patch.object(files, "ensure", full)
    home.run(100.0)
    assert claims() == []
    mocker.stop(patched)
    home.run()
    assert len(claims()) == 1 + len(Secret)


def test_a_file_that_vanishes_is_not_logged_as_created(home: Home) -> None:
    home.run()

    def lose(_now: float) -> None:
        (home.gateway / "secrets" / "INFLUX_TOKEN").unlink(missing_ok=True)

    home.lines.clear()
    home.run(500.0, lose)
    assert [line for line in home.lines if "INFLUX_TOKEN" in line] == []


def test_a_wrong_value_is_a_problem_until_it_is_corrected(home: Home) -> None:
    for _ in range(2):
        home.environ, home.has_mistakes = WRONG, True
        home.run()
        problems = home.notifier.sent_problems or ()
        assert {problem.subject for problem in problems} == WRONG.keys()
        home.environ, home.has_mistakes = {}, False
        home.run()
        assert home.notifier.sent_problems == ()
