"""The whole worker: what it makes, that it makes it once, and that it may end anywhere."""

import errno
import os
from pathlib import Path

import pytest

from hems.errors import Unavailable
from hems.protocols import htpasswd, mosquitto
from hems.settings.logins import Secret
from hems.system import certificate_facts
from hems.workers.provision import certificate
from tests.fakes.provision import Home, Killed, disk

PUBLIC, PRIVATE, FOR_GROUP = 0o644, 0o600, 0o640
FILES = {
    "data/pki/ca.key": PRIVATE,
    "data/provision.json": PRIVATE,
    "gateway/mosquitto.conf": PUBLIC,
    "gateway/mosquitto/acl": PRIVATE,
    "gateway/mosquitto/passwd": PRIVATE,
    "gateway/nginx/htpasswd": FOR_GROUP,
    "gateway/secrets/CONFIG_PASSWORD": PRIVATE,
    "gateway/secrets/CONFIG_USER": PRIVATE,
    "gateway/secrets/INFLUX_TOKEN": PRIVATE,
    "gateway/secrets/MQTT_HOMEASSISTANT_PASSWORD": PRIVATE,
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
    "gateway/mosquitto": 0o755,
    "data/pki": 0o700,
}


def is_complete(home: Home) -> bool:
    """Tell whether every file is there with its mode, and fits the others."""
    found = home.contents()
    assert {name: mode for name, (mode, _) in found.items()} == FILES
    for name, mode in DIRECTORIES.items():
        assert (home.directory / name).stat().st_mode & 0o7777 == mode, name
    ca, chain, key = (found[f"gateway/tls/{name}"][1] for name in TLS)
    certificate_facts.authority_facts(found["data/pki/ca.key"][1], ca)
    certificate_facts.server_facts(ca, key, chain)
    (line,) = found["gateway/nginx/htpasswd"][1].decode().splitlines()
    assert htpasswd.lets_in(
        line, home.secret(Secret.CONFIG_USER), home.secret(Secret.CONFIG_PASSWORD)
    )
    first, second = found["gateway/mosquitto/passwd"][1].decode().splitlines()
    password = home.secret(Secret.MQTT_HOMEASSISTANT_PASSWORD)
    assert mosquitto.lets_in(first, "homeassistant", password)
    password = home.secret(Secret.MQTT_PASSWORD)
    return mosquitto.lets_in(second, home.secret(Secret.MQTT_USER), password)


def test_one_pass_makes_everything_and_then_it_is_ready(home: Home) -> None:
    home.run()
    assert is_complete(home)
    assert home.notifier.sent.count("ready") == 1
    assert home.notifier.sent[-1].startswith("status everything is in place; the certificate is")


def test_a_service_that_is_still_to_be_restarted_is_not_passed_over(home: Home) -> None:
    home.run()
    first = next(said for said in home.notifier.sent if said.startswith("status"))
    assert "restart of mqtt: not looked at yet" in first
    assert "everything is in place" not in first


def test_the_second_pass_changes_nothing(home: Home) -> None:
    home.run()
    before, asked = home.contents(), list(home.supervisor.asked)  # type: ignore[union-attr]
    changes: list[str] = []
    with disk(lambda _, what: changes.append(what)):
        home.run(until=1000.0)
    assert changes == []
    assert home.contents() == before
    assert home.supervisor is not None
    assert home.supervisor.asked == asked


def test_a_process_that_finds_all_well_never_reads_a_certificate(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.run()
    monkeypatch.delattr(certificate, "issued")
    home.run()
    assert home.notifier.sent[-1].startswith("status everything is in place")


def run_killed_after(home: Home, limit: int) -> bool:
    """Run until the change number `limit` is made; tell whether there was one."""

    def maybe_kill(number: int, _what: str) -> None:
        if number == limit:
            raise Killed

    try:
        with disk(maybe_kill):
            home.run()
    except Killed:
        return True
    return False


def test_killed_after_any_change_it_ends_the_same_when_run_again(tmp_path: Path) -> None:
    limit = 0
    is_killed = True
    while is_killed:
        limit += 1
        (tmp_path / str(limit)).mkdir()
        home = Home(tmp_path / str(limit))
        is_killed = run_killed_after(home, limit)
        kept = {name: found for name, found in home.contents().items() if name in FILES}
        home.run()
        assert is_complete(home), limit
        for name, (_, content) in kept.items():
            if "/secrets/" in name or name.endswith((".key", "ca.crt")):
                assert home.contents()[name][1] == content, (limit, name)
        assert home.supervisor is not None
        assert 2 <= len(home.supervisor.asked) <= 3, limit  # a kill between asking and noting
    assert limit > 60


def test_killed_after_any_change_of_a_password_it_ends_the_same(tmp_path: Path) -> None:
    limit = 0
    is_killed = True
    while is_killed:
        limit += 1
        (tmp_path / str(limit)).mkdir()
        home = Home(tmp_path / str(limit))
        home.run()
        home.environ = {"MQTT_PASSWORD": "another", "CONFIG_PASSWORD": "another one"}
        is_killed = run_killed_after(home, limit)
        home.run()
        assert is_complete(home), limit
        assert home.secret(Secret.CONFIG_PASSWORD) == "another one"
    assert limit > 15


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_volume_that_takes_nothing_is_told_once_and_tried_again(
    home: Home, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def refuse(*_: object) -> int:
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as broken:
        broken.setattr(os, "write", refuse)
        broken.setattr(os, "mkdir", refuse)
        home.run(until=100.0)
    assert home.notifier.sent.count("ready") == 1
    told = [line for line in home.lines if os.strerror(code) in line]
    assert len(told) == len(set(told)) <= 6
    home.run()
    assert is_complete(home)


def test_one_step_that_cannot_be_done_keeps_no_other_from_being_done(home: Home) -> None:
    (home.gateway / "nginx").mkdir(parents=True)
    (home.gateway / "nginx" / "htpasswd").mkdir()
    home.run()
    waiting = home.notifier.figures["waiting"]
    assert isinstance(waiting, dict)
    assert list(waiting) == ["nginx"]
    assert "htpasswd is not a file" in waiting["nginx"]
    assert (home.gateway / "tls" / "server.crt").exists()
    assert (home.gateway / "mosquitto.conf").exists()


def test_what_waits_tells_since_when_until_it_is_done(home: Home) -> None:
    obstacle = home.gateway / "nginx" / "htpasswd"
    obstacle.mkdir(parents=True)
    told: list[object] = []

    def during(now: float) -> None:
        told.append(home.notifier.figures["waiting_since"])
        if now > 700 and obstacle.is_dir():
            obstacle.rmdir()

    home.run(until=800.0, during=during)
    assert len(told) > 60
    assert told[0] is not None
    assert set(told[:60]) == {told[0]}
    assert told[-1] is None


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
def test_a_damaged_file_is_healed(home: Home, name: str) -> None:
    path = home.directory / name
    home.run()
    for damage in (b"", b"\xff\xfe garbage", path.read_bytes()[:-4]):
        path.write_bytes(damage)
        home.run()
        assert is_complete(home), damage


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_lost_file_is_made_again(home: Home, name: str) -> None:
    home.run()
    (home.directory / name).unlink()
    home.run()
    assert is_complete(home)


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_wrong_mode_is_put_right(home: Home, name: str) -> None:
    home.run()
    before = home.contents()
    (home.directory / name).chmod(0o666)
    home.run()
    assert home.contents() == before


def test_no_secret_is_told(home: Home) -> None:
    home.environ = {"MQTT_USERS": "plug:of the plug", "CONFIG_PASSWORD": "of the owner"}
    home.run()
    (home.gateway / "secrets" / "MQTT_PASSWORD").write_bytes(b"\xff")
    home.run(until=1000.0)
    told = " ".join([*home.lines, *home.notifier.sent, str(home.notifier.figures)])
    secrets = [home.secret(one) for one in Secret if not one.endswith("USER")]
    for secret in [*secrets, "of the plug", "of the owner"]:
        assert secret not in told


def test_a_data_directory_that_is_missing_is_told(home: Home) -> None:
    home.data.rmdir()
    home.run()
    assert any("data/pki cannot be made: No such file" in line for line in home.lines)
    assert home.notifier.sent.count("ready") == 1


def test_the_supervisors_refusal_is_raised_as_unavailable_and_survived(home: Home) -> None:
    assert home.supervisor is not None
    home.supervisor.refusal = Unavailable("423, locked")
    home.run(until=100.0)
    assert sum("restart of mqtt: 423, locked" in line for line in home.lines) == 1
    home.supervisor.refusal = None
    home.run()
    assert home.notifier.figures["waiting"] == {}
