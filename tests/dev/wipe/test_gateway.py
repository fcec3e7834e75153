"""bin/wipe against a fake of balena's CLI, whose device is a folder with real files."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from pytest_mock import MockerFixture

from dev import ROOT
from dev.check import compose_file
from dev.wipe import balena_cli, gateway
from hems.errors import ConfigError, Unavailable

pytestmark = pytest.mark.integration
UUID = "0123456789abcdef0123456789abcdef"
NAME = "house of the Martins"
VOLUMES = sorted(compose_file.read(ROOT).volumes)
SECRET = "the family's"
CONNECTIONS = "host/etc/NetworkManager/system-connections"
PROFILES = {  # as NetworkManager reads key files
    f"{CONNECTIONS}/home": "type=wifi",
    "host/mnt/boot/system-connections/resin-wifi": " type = 802-11-wireless \r",
    f"{CONNECTIONS}/the office": "type\t=\tvpn",
    f"{CONNECTIONS}/tunnel": "type=wireguard",
    f"{CONNECTIONS}/port": "type=ethernet\n[802-1x]",
    f"{CONNECTIONS}/fibre": "type=ethernet\n [pppoe]",
}
ETHERNET = f"{CONNECTIONS}/cable"
DEVICE = {"uuid": UUID, "device_name": NAME, "is_online": True, "note": None, "device_tag": []}
VARIABLES = [
    {"id": 1, "name": "CONFIG_PASSWORD", "serviceName": "*", "deviceUUID": UUID},
    {"id": 1, "name": "D2L_DEVICES", "serviceName": "hems", "deviceUUID": UUID},
    {"id": 3, "name": "INFLUX_TOKEN", "serviceName": "*", "deviceUUID": "*"},
]


class Home:
    def __init__(self, place: Path) -> None:
        self.place = place
        self.state: dict[str, Any] = {
            "device": DEVICE,
            "variables": VARIABLES,
            "orphans": [],
            "is_stubborn": False,
        }
        for name in VOLUMES:
            self.write(f"volumes/1234_{name}/secret", SECRET)
        for path, kind in PROFILES.items():
            self.write(path, f"[connection]\n{kind}\npsk={SECRET}\n")
        self.write(ETHERNET, "[connection]\nid=wifi\ntype=ethernet\n")
        self.save()

    def write(self, name: str, text: str) -> None:
        (self.place / name).parent.mkdir(parents=True, exist_ok=True)
        (self.place / name).write_text(text)

    def save(self, **changes: Any) -> None:
        self.state |= changes
        self.write("device.json", json.dumps(self.state))

    def wipe(self, answer: str = NAME) -> str:
        return "\n".join(gateway.wipe(UUID[:7], ROOT, lambda question: answer))

    def secrets(self) -> list[str]:
        files = [path for path in self.place.rglob("*") if path.is_file()]
        return [str(path) for path in files if SECRET in path.read_text()]

    def history(self) -> list[str]:
        return (self.place / "history").read_text().splitlines()


@pytest.fixture
def home(tmp_path: Path, mocker: MockerFixture) -> Home:
    program = ROOT / "tests" / "fakes" / "balena_cli.py"
    mocker.patch.object(balena_cli, "PROGRAM", str(program))
    mocker.patch.dict(os.environ, {"FAKE_BALENA": str(tmp_path)})
    return Home(tmp_path)


def test_nothing_of_the_family_remains_and_what_does_elsewhere_is_named(home: Home) -> None:
    tags = [{"tag_key": "street"}]
    home.save(device=DEVICE | {"note": "ring twice", "custom_latitude": "48.8", "device_tag": tags})
    assert len(home.secrets()) == len(VOLUMES) + len(PROFILES)
    text = home.wipe()
    assert home.secrets() == []
    assert (home.place / ETHERNET).exists()
    left = json.loads((home.place / "device.json").read_text())["variables"]
    assert [one["name"] for one in left] == ["INFLUX_TOKEN"]
    assert f"{len(VOLUMES)} volumes are new" in text
    assert "2 variables of its own" in text
    assert f"{len(PROFILES)} profiles of Wi-Fi" in text
    assert "the next family gets too: INFLUX_TOKEN" in text
    assert f"the name {NAME}, a note, a place on the map, tags (street)" in text
    assert SECRET not in text
    assert home.history()[-1] == f"device reboot {UUID}"  # NetworkManager forgets what it has read
    again = home.wipe()
    assert "0 variables of its own" in again
    assert "0 profiles of Wi-Fi" in again


@pytest.mark.parametrize("answer", ["", "yes", NAME.upper()])
def test_without_the_name_nothing_changes(home: Home, answer: str) -> None:
    with pytest.raises(ConfigError, match="nothing was changed"):
        home.wipe(answer)
    assert len(home.secrets()) == len(VOLUMES) + len(PROFILES)
    assert [line.split()[:2] for line in home.history()] == [["device", UUID[:7]], ["env", "list"]]


def test_a_device_that_is_offline_is_refused_and_told_what_its_card_keeps(home: Home) -> None:
    home.save(device=DEVICE | {"is_online": False})
    with pytest.raises(Unavailable, match=r"(?s)is offline.*unencrypted.*its card again"):
        home.wipe()
    assert home.history() == [f"device {UUID[:7]} --json"]


def test_a_device_that_is_no_gateway_keeps_everything(home: Home) -> None:
    (home.place / "volumes/1234_mosquitto").rename(home.place / "volumes/1234_other")
    with pytest.raises(Unavailable, match=r"no volume mosquitto; found .*Nothing was removed"):
        home.wipe()
    assert [line for line in home.history() if "rm" in line or "purge" in line] == []


def test_what_is_still_there_is_an_error_that_says_what_to_do(home: Home) -> None:
    home.write("volumes/1234_of-an-old-release/secret", SECRET)
    home.save(orphans=["1234_of-an-old-release"], is_stubborn=True)
    with pytest.raises(Unavailable) as caught:
        home.wipe()
    assert "volume rm 1234_of-an-old-release" in str(caught.value)
    assert "its variables CONFIG_PASSWORD, D2L_DEVICES" in str(caught.value)
    assert not [line for line in home.history() if "reboot" in line]


def test_an_unknown_device_is_told_in_the_words_of_balenas_cli(home: Home) -> None:
    with pytest.raises(Unavailable, match="Device not found: ffff"):
        gateway.wipe("ffff", ROOT, lambda question: NAME)
