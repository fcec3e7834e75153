"""The whole worker: what it makes, that it makes it once, and that it may end anywhere."""

import errno
import os
from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from hems.errors import Unavailable
from hems.protocols.mqtt import mosquitto_access_files
from hems.protocols.web import htpasswd
from hems.settings.shared_secret_rules import Secret
from hems.system.certificates import inspect
from hems.workers.provision import tls_certificate_keeper
from tests.fakes.provision import Home, disk

PUBLIC, PRIVATE, FOR_GROUP = 0o644, 0o600, 0o640
FILES = {
    "data/pki/ca.key": PRIVATE,
    "data/provision.json": PRIVATE,
    "gateway/mosquitto.conf": PUBLIC,
    "gateway/mosquitto/acl": PRIVATE,
    "gateway/mosquitto/device-acl": PRIVATE,
    "gateway/mosquitto/device-passwd": PRIVATE,
    "gateway/mosquitto/passwd": PRIVATE,
    "gateway/nginx/doors.conf": PUBLIC,
    "gateway/nginx/htpasswd": FOR_GROUP,
    "gateway/secrets/CONFIG_PASSWORD": PRIVATE,
    "gateway/secrets/CONFIG_USER": PRIVATE,
    "gateway/secrets/INFLUX_TOKEN": PRIVATE,
    "gateway/secrets/MQTT_HOMEASSISTANT_PASSWORD": PRIVATE,
    "gateway/secrets/WIFI_PORTAL_PASSPHRASE": PRIVATE,
    "gateway/secrets/MQTT_PASSWORD": FOR_GROUP,
    "gateway/secrets/MQTT_USER": FOR_GROUP,
    "gateway/tls/ca.crt": PUBLIC,
    "gateway/tls/server.crt": PUBLIC,
    "gateway/tls/server.key": FOR_GROUP,
}
TLS = ("ca.crt", "server.crt", "server.key")
DIRECTORIES = {
    "gateway": 0o755,
    "gateway/secrets": 0o711,
    "gateway/tls": 0o755,
    "gateway/nginx": 0o755,
    "gateway/nginx/names": 0o755,
    "gateway/mosquitto": 0o755,
    "data/pki": 0o700,
}


def is_complete(home: Home) -> bool:
    """Tell whether every file is there with its mode, and fits the others."""
    contents = home.contents()
    assert {name: mode for name, (mode, _) in contents.items()} == FILES
    for name, mode in DIRECTORIES.items():
        assert (home.directory / name).stat().st_mode & 0o7777 == mode, name
    ca, chain, key = (contents[f"gateway/tls/{name}"][1] for name in TLS)
    inspect.authority_facts(contents["data/pki/ca.key"][1], ca)
    inspect.server_facts(ca, key, chain)
    (line,) = contents["gateway/nginx/htpasswd"][1].decode().splitlines()
    assert htpasswd.is_line_for(
        line, home.secret(Secret.CONFIG_USER), home.secret(Secret.CONFIG_PASSWORD)
    )
    first, second = contents["gateway/mosquitto/passwd"][1].decode().splitlines()
    password = home.secret(Secret.MQTT_HOMEASSISTANT_PASSWORD)
    assert mosquitto_access_files.is_line_for(first, "homeassistant", password)
    password = home.secret(Secret.MQTT_PASSWORD)
    return mosquitto_access_files.is_line_for(second, home.secret(Secret.MQTT_USER), password)


def last_status(home: Home) -> str:
    """Return the newest status line."""
    lines = [line for line in home.notifier.sent if line.startswith("status ")]
    return lines[-1].removeprefix("status ")


def test_one_pass_makes_everything_and_then_it_is_ready(home: Home) -> None:
    home.run()
    assert is_complete(home)
    assert home.notifier.sent.count("ready") == 1
    assert last_status(home).startswith("everything is in place; the certificate is")


def test_a_service_that_is_still_to_be_restarted_is_not_passed_over(home: Home) -> None:
    home.run()
    first = next(said for said in home.notifier.sent if said.startswith("status"))
    assert "restart of mqtt: not checked yet" in first
    assert "everything is in place" not in first


def test_the_metrics_are_sent_at_once_and_agree_with_the_status(home: Home) -> None:
    assert home.supervisor is not None
    supervisor = home.supervisor
    waiting: dict[float, bool] = {}

    def come_up(now: float) -> None:
        waiting[now] = "restart of mqtt" in last_status(home)
        assert bool(home.notifier.sent_metrics["waiting"]) == waiting[now]
        supervisor.refusal = None

    supervisor.refusal = Unavailable("balena Supervisor: connection refused")
    home.run(until=25.0, during=come_up)
    assert waiting == {0.0: True, 10.0: False}


def test_the_second_pass_changes_nothing(home: Home) -> None:
    home.run()
    before, requests = home.contents(), list(home.supervisor.requests)  # type: ignore[union-attr]
    changes: list[str] = []
    with disk(lambda _, what: changes.append(what)):
        home.run(until=1000.0)
    assert changes == []
    assert home.contents() == before
    assert home.supervisor is not None
    assert home.supervisor.requests == requests


def test_a_process_that_finds_all_well_never_reads_a_certificate(
    home: Home, mocker: MockerFixture
) -> None:
    home.run()
    mocker.patch.object(
        tls_certificate_keeper, "renewed", side_effect=AssertionError("it was read")
    )
    home.run()
    assert last_status(home).startswith("everything is in place")


def test_killed_after_any_change_it_ends_the_same_when_run_again(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    number = 0
    for number, home in enumerate(Home(tmp_path / "home").killed(), 1):
        kept = {name: file for name, file in home.contents().items() if name in FILES}
        home.run()
        assert is_complete(home), number
        for name, (_, content) in kept.items():
            if "/secrets/" in name or name.endswith((".key", "ca.crt")):
                assert home.contents()[name][1] == content, (number, name)
        assert home.supervisor is not None
        assert 2 <= len(home.supervisor.requests) <= 3, number  # a kill between asking and noting
    assert number > 50


def test_killed_after_any_change_of_a_password_it_ends_the_same(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    original = Home(tmp_path / "home")
    original.run()
    original.environ = {"MQTT_PASSWORD": "another", "CONFIG_PASSWORD": "another one"}
    number = 0
    for number, home in enumerate(original.killed(), 1):
        home.run()
        assert is_complete(home), number
        assert home.secret(Secret.CONFIG_PASSWORD) == "another one"
    assert number > 15


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_volume_that_takes_nothing_is_told_once_and_tried_again(
    home: Home, mocker: MockerFixture, code: int
) -> None:
    def refuse(*_: object) -> int:
        raise OSError(code, os.strerror(code))

    patches = [mocker.patch.object(os, call, refuse) for call in ("write", "mkdir")]
    home.run(until=100.0)
    for patch in patches:
        mocker.stop(patch)
    assert home.notifier.sent.count("ready") == 1
    lines = [line for line in home.lines if os.strerror(code) in line]
    assert len(lines) == len(set(lines)) <= 6
    home.run()
    assert is_complete(home)


def test_one_step_that_cannot_be_done_keeps_no_other_from_being_done(home: Home) -> None:
    (home.gateway / "nginx").mkdir(parents=True)
    (home.gateway / "nginx" / "htpasswd").mkdir()
    home.run()
    waiting = home.notifier.latest_metrics["waiting"]
    assert isinstance(waiting, dict)
    assert list(waiting) == ["nginx"]
    assert "htpasswd is not a file" in waiting["nginx"]
    assert (home.gateway / "tls" / "server.crt").exists()
    assert (home.gateway / "mosquitto.conf").exists()


def test_what_waits_is_a_problem_until_it_is_done(home: Home) -> None:
    obstacle = home.gateway / "nginx" / "htpasswd"
    obstacle.mkdir(parents=True)
    reported: list[int] = []

    def during(now: float) -> None:
        reported.append(len(home.notifier.sent_problems or ()))
        if now > 700 and obstacle.is_dir():
            obstacle.rmdir()

    home.run(until=800.0, during=during)
    assert set(reported[:60]) == {1}
    assert reported[-1] == 0


def test_while_something_waits_it_looks_again_soon(home: Home) -> None:
    (home.gateway / "nginx").mkdir(parents=True)
    (home.gateway / "nginx" / "htpasswd").mkdir()
    waits: list[float] = []

    def repair(now: float) -> None:
        waits.append(now)
        if len(waits) == 3:
            (home.gateway / "nginx" / "htpasswd").rmdir()

    home.run(until=150.0, during=repair)
    assert waits == [0.0, 10.0, 20.0, 30.0, 90.0]
    assert is_complete(home)
    assert sum("nginx: works again" in line for line in home.lines) == 1


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_damaged_file_is_healed(made_home: Home, name: str) -> None:
    path = made_home.directory / name
    for damage in (b"", b"\xff\xfe garbage", path.read_bytes()[:-4]):
        path.write_bytes(damage)
        made_home.run()
        assert is_complete(made_home), damage


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_lost_file_is_made_again(made_home: Home, name: str) -> None:
    (made_home.directory / name).unlink()
    made_home.run()
    assert is_complete(made_home)


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_wrong_mode_is_put_right(made_home: Home, name: str) -> None:
    before = made_home.contents()
    (made_home.directory / name).chmod(0o666)
    made_home.run()
    assert made_home.contents() == before


def test_no_secret_is_told(home: Home) -> None:
    home.environ = {"MQTT_USERS": "plug:of the plug", "CONFIG_PASSWORD": "of the owner"}
    home.run()
    (home.gateway / "secrets" / "MQTT_PASSWORD").write_bytes(b"\xff")
    home.run(until=1000.0)
    texts = " ".join([*home.lines, *home.notifier.sent, str(home.notifier.latest_metrics)])
    secrets = [home.secret(one) for one in Secret if not one.endswith("USER")]
    for secret in [*secrets, "of the plug", "of the owner"]:
        assert secret not in texts


def test_a_data_directory_that_is_missing_is_reported(home: Home) -> None:
    home.data.rmdir()
    home.run()
    assert any("data/pki cannot be created: No such file" in line for line in home.lines)
    assert home.notifier.sent.count("ready") == 1


def test_the_supervisors_refusal_is_raised_as_unavailable_and_survived(home: Home) -> None:
    assert home.supervisor is not None
    home.supervisor.refusal = Unavailable("423, locked")
    home.run(until=100.0)
    assert sum("restart of mqtt: 423, locked" in line for line in home.lines) == 1
    home.supervisor.refusal = None
    home.run()
    assert home.notifier.latest_metrics["waiting"] == {}
