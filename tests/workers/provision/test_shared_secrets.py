from pathlib import Path

import pytest

from hems.errors import Unavailable
from hems.settings import logins
from hems.settings.logins import Secret
from hems.system import files
from hems.system.files import Access
from hems.workers.provision.layout import Layout
from hems.workers.provision.shared_secrets import Secrets
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
        assert logins.problem(secret, home.secret(secret)) == ""
        assert len(home.secret(secret)) >= 20 or secret in logins.DEFAULTS


def test_two_gateways_have_different_secrets(home: Home, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = Home(tmp_path / "other")
    home.run()
    other.run()
    for secret in Secret:
        assert secret in logins.DEFAULTS or home.secret(secret) != other.secret(secret)


def test_a_variable_wins_over_what_was_made(home: Home) -> None:
    home.run()
    home.environ = {"CONFIG_PASSWORD": "of the owner", "MQTT_USER": "workers"}
    home.run()
    assert home.secret(Secret.CONFIG_PASSWORD) == "of the owner"
    assert home.secret(Secret.MQTT_USER) == "workers"
    assert home.notifier.figures["given"] == ("CONFIG_PASSWORD", "MQTT_USER")


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


def test_a_value_of_no_use_is_replaced_and_told(home: Home) -> None:
    (home.gateway / "secrets").mkdir(parents=True)
    (home.gateway / "secrets" / "CONFIG_PASSWORD").write_text("short")
    home.run()
    assert len(home.secret(Secret.CONFIG_PASSWORD)) == 20
    assert sum("CONFIG_PASSWORD was of no use: it has a new" in line for line in home.lines) == 1


def test_no_value_counts_before_it_is_on_disk(tmp_path: Path) -> None:
    secrets = Secrets(Layout(tmp_path / "no" / "gateway", tmp_path, False), {}, lambda size: "x")
    with pytest.raises(Unavailable, match="gateway cannot be made"):
        secrets.step(0)
    with pytest.raises(Unavailable, match="waits for INFLUX_TOKEN"):
        secrets.value(Secret.INFLUX_TOKEN)


def test_nor_does_that_of_a_file_that_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, _data: bytes, _access: Access) -> bool:
        raise Unavailable(f"{path.name} cannot be written")

    secrets = Secrets(Layout(tmp_path / "gateway", tmp_path, False), {}, lambda size: "x")
    monkeypatch.setattr(files, "settle", full)
    with pytest.raises(Unavailable) as refusal:
        secrets.step(0)
    first = Secret(str(refusal.value).partition(" ")[0])
    with pytest.raises(Unavailable, match=f"waits for {first}"):
        secrets.value(first)
